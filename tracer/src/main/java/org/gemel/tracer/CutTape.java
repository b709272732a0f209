package org.gemel.tracer;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.gemel.Context;
import org.gemel.DType;
import org.gemel.GemelException;
import org.gemel.Interpreter;
import org.gemel.Slot;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;
import org.gemel.backend.View;
import org.gemel.ir.Recorder;
import org.gemel.op.Composite;
import org.gemel.op.Op;

/// Where the tape ends: results of a traced function that depend on parameters or leaves know that
/// they do, and derivatives that would have to pass through are refused rather than missed.
final class CutTape {
    private final Tensor leaf = Tensor.full(TensorType.of(DType.F32), 0).withGrad();
    private final Composite call;

    /// The end of the tape at the results, of the given types, of `function`.
    CutTape(String function, List<TensorType> types) {
        this.call =
                Composite.of(
                        "traced",
                        List.of(function, types),
                        _ -> types.stream().map(type -> Tensor.full(type, 0)).toList(),
                        p -> p.give(0, () -> refuse(function, p.x(0))));
    }

    /// Links the results of a call, so that they need gradients.
    List<Tensor> after(List<Tensor> results) {
        Context context = Context.current();
        return new Context(new HandOn(results), true, context.scope())
                .call(() -> Tensor.apply(call, List.of(leaf)));
    }

    // Also asked with types alone, when it is found out what the rule reads.
    private static Tensor refuse(String function, Tensor leaf) {
        if (leaf.value() instanceof View || leaf.value() instanceof Recorder.Symbol) {
            throw new TypeException(
                    "backward: expects operations that were recorded, but %s is traced and keeps no"
                                    .formatted(function)
                            + " tape for its caller; call backward() inside of it, or wrap the call"
                            + " in Mode.EAGER");
        }
        return leaf;
    }

    /// The interpreter of an operation whose results are there already.
    private record HandOn(List<Tensor> results) implements Interpreter {
        @Override
        public List<Tensor> apply(Op op, List<Tensor> inputs) {
            return results;
        }

        @Override
        public Tensor constant(TensorType type, MemorySegment elements) {
            throw unexpected();
        }

        @Override
        public Optional<Tensor> read(Slot slot) {
            throw unexpected();
        }

        @Override
        public void write(Slot slot, Optional<Tensor> content) {
            throw unexpected();
        }

        @Override
        public void threads(int count) {
            throw unexpected();
        }

        private static GemelException unexpected() {
            return new GemelException("traced: only hands results on; please report this");
        }
    }
}
