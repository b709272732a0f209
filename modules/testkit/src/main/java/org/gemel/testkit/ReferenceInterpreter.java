package org.gemel.testkit;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.gemel.Interpreter;
import org.gemel.Slot;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.Value;
import org.gemel.ir.Elements;
import org.gemel.op.Composite;
import org.gemel.op.Dense;
import org.gemel.op.Op;
import org.gemel.op.Primitive;

/// The interpreter that computes what operations mean, by their own reference: slow, exact, and
/// without any engine or backend.
public final class ReferenceInterpreter implements Interpreter {
    /// A tensor's elements as a plain array.
    ///
    /// @param dense the elements
    public record Plain(Dense dense) implements Value {
        @Override
        public void copyTo(MemorySegment target) {
            Elements.write(dense, target);
        }

        @Override
        public String placeholder() {
            return "";
        }

        @Override
        public void retain() {}

        @Override
        public void release() {}
    }

    private static Tensor tensor(Dense dense) {
        return Tensor.of(dense.type(), new Plain(dense));
    }

    @Override
    public List<Tensor> apply(Op op, List<Tensor> inputs) {
        return switch (op) {
            case Composite composite -> composite.expand(inputs).stream().map(this::fresh).toList();
            case Primitive primitive -> {
                primitive.type(inputs.stream().map(Tensor::type).toList());
                yield List.of(
                        tensor(primitive.reference(inputs.stream().map(this::dense).toList())));
            }
        };
    }

    // A new handle, since the caller links it to its own gradient node.
    private Tensor fresh(Tensor tensor) {
        return tensor(dense(tensor));
    }

    private Dense dense(Tensor tensor) {
        if (tensor.value() instanceof Plain(Dense dense)) {
            return dense;
        }
        return HostTensors.dense(tensor);
    }

    @Override
    public Tensor constant(TensorType type, MemorySegment elements) {
        return tensor(Elements.read(type, elements));
    }

    @Override
    public Optional<Tensor> read(Slot slot) {
        return slot.stored().map(this::fresh);
    }

    @Override
    public void write(Slot slot, Optional<Tensor> content) {
        slot.store(content);
    }

    @Override
    public void threads(int count) {}
}
