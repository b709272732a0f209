package org.gemel.op;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.gemel.Context;
import org.gemel.GemelException;
import org.gemel.Interpreter;
import org.gemel.Slot;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.Value;

/// The interpreter that computes types and nothing else; it also notes which tensors were read.
final class TypesOnly implements Interpreter {
    /// The one there is: it has no state.
    static final TypesOnly INSTANCE = new TypesOnly();

    private TypesOnly() {}

    /// The value of a tensor of which only the type is known.
    static final class Unknown implements Value {
        private boolean read;

        /// Whether an operation took it as an input.
        boolean read() {
            return read;
        }

        @Override
        public void copyTo(MemorySegment target) {
            throw new GemelException(
                    "composite: expects a body that does not look at values, but it read a tensor;"
                            + " use tensor operations such as where instead");
        }

        @Override
        public String placeholder() {
            return "type only";
        }

        @Override
        public void retain() {}

        @Override
        public void release() {}
    }

    /// A tensor of which only the type is known.
    static Tensor unknown(TensorType type) {
        return Tensor.of(type, new Unknown());
    }

    static List<TensorType> infer(Composite op, List<TensorType> inputs) {
        List<Tensor> unknowns = inputs.stream().map(TypesOnly::unknown).toList();
        return Context.current().with(INSTANCE).call(() -> op.expand(unknowns)).stream()
                .map(Tensor::type)
                .toList();
    }

    @Override
    public List<Tensor> apply(Op op, List<Tensor> inputs) {
        for (Tensor input : inputs) {
            if (input.value() instanceof Unknown unknown) {
                unknown.read = true;
            }
        }
        return op.infer(inputs.stream().map(Tensor::type).toList()).stream()
                .map(TypesOnly::unknown)
                .toList();
    }

    @Override
    public Tensor constant(TensorType type, MemorySegment elements) {
        return unknown(type);
    }

    @Override
    public Optional<Tensor> read(Slot slot) {
        return slot.stored().map(tensor -> unknown(tensor.type()));
    }

    @Override
    public void write(Slot slot, Optional<Tensor> content) {
        throw new GemelException(
                "composite: expects a body without side effects, but it assigned "
                        + slot
                        + "; return the new value instead");
    }

    @Override
    public void threads(int count) {}
}
