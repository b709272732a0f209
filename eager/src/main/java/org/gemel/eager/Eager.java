package org.gemel.eager;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.gemel.Interpreter;
import org.gemel.Slot;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;
import org.gemel.backend.Backend;
import org.gemel.backend.CallSiteCheck;
import org.gemel.backend.View;
import org.gemel.ir.Layout;
import org.gemel.op.Fill;
import org.gemel.op.Movement;
import org.gemel.op.Op;

/// Runs each operation at once, through a kernel that is looked up by operation, types and layouts.
///
/// Movement makes views. A primitive is a region of one operation; a composite is the few regions
/// its body is cut into, compiled on first use.
public final class Eager implements Interpreter {
    private final KernelCache kernels = new KernelCache();
    private final List<CallSiteCheck> checks =
            ServiceLoader.load(CallSiteCheck.class, Eager.class.getClassLoader()).stream()
                    .map(ServiceLoader.Provider::get)
                    .toList();
    private long applications;
    private long nextCheck = 1;

    /// An interpreter over the current backend; made by the service loader.
    public Eager() {}

    @Override
    public Tensor apply(Op op, Tensor a) {
        View x = view(op, a);
        if (op instanceof Movement movement) {
            return moved(movement, x);
        }
        count();
        Program program = kernels.find(op, x);
        if (program == null) {
            program = prepare(op, List.of(x));
        }
        return wrap(program.runOne(x.address()));
    }

    @Override
    public Tensor apply(Op op, Tensor a, Tensor b) {
        View x = view(op, a);
        View y = view(op, b);
        count();
        Program program = kernels.find(op, x, y);
        if (program == null) {
            program = prepare(op, List.of(x, y));
        }
        return wrap(program.runOne(x.address(), y.address()));
    }

    @Override
    public List<Tensor> apply(Op op, List<Tensor> inputs) {
        List<View> views = new ArrayList<>(inputs.size());
        for (Tensor input : inputs) {
            views.add(view(op, input));
        }
        if (op instanceof Movement movement) {
            return List.of(moved(movement, views.getFirst()));
        }
        if (op instanceof Fill fill) {
            return List.of(wrap(filled(fill)));
        }
        count();
        Program program = kernels.find(op, views);
        if (program == null) {
            program = prepare(op, views);
        }
        long[] addresses = new long[views.size()];
        for (int i = 0; i < addresses.length; i++) {
            addresses[i] = views.get(i).address();
        }
        View[] results = program.run(addresses);
        List<Tensor> outputs = new ArrayList<>(results.length);
        for (View result : results) {
            outputs.add(wrap(result));
        }
        return outputs;
    }

    private static View view(Op op, Tensor tensor) {
        if (tensor.value() instanceof View view) {
            return view;
        }
        throw new TypeException(
                "%s: expects tensors with values, but got one that stands for a value in a traced"
                                .formatted(op.label())
                        + " function (%s); return it from the traced function, do not keep it"
                                .formatted(tensor.type()));
    }

    private Tensor moved(Movement op, View x) {
        TensorType type = op.type(List.of(x.type()));
        Optional<Layout> layout = x.layout().apply(op, x.type().shape());
        if (layout.isPresent()) {
            x.retain();
            return wrap(new View(x.storage(), type, layout.get()));
        }
        count();
        Program program = kernels.find(op, x);
        if (program == null) {
            program = prepare(op, List.of(x));
        }
        return wrap(program.runOne(x.address()));
    }

    // Not a kernel: there would be one for every number that a program uses.
    private static View filled(Fill fill) {
        View view = View.allocate(fill.type());
        if (fill.type().shape().size() > 0) {
            view.fill(fill.value());
        }
        return view;
    }

    private static Tensor wrap(View view) {
        return Tensor.of(view.type(), view);
    }

    private Program prepare(Op op, List<View> views) {
        checkCaller();
        Program program = Program.compile(op, views, Backend.current());
        kernels.add(op, views, program);
        return program;
    }

    // A method that should have been woven must not run eagerly unnoticed. Looking at the stack
    // costs too much for every operation, so the gaps between looks double.
    private void count() {
        if (++applications >= nextCheck) {
            nextCheck = 2 * applications;
            checkCaller();
        }
    }

    private void checkCaller() {
        checks.forEach(CallSiteCheck::check);
    }

    @Override
    public Tensor constant(TensorType type, MemorySegment elements) {
        View view = View.allocate(type);
        view.copyFrom(elements);
        return wrap(view);
    }

    @Override
    public Optional<Tensor> read(Slot slot) {
        Optional<Tensor> stored = slot.stored();
        stored.ifPresent(tensor -> tensor.value().retain());
        return stored.map(tensor -> Tensor.of(tensor.type(), tensor.value()));
    }

    @Override
    public void write(Slot slot, Optional<Tensor> content) {
        slot.store(content);
    }

    @Override
    public void threads(int count) {
        Backend.current().threads(count);
    }
}
