package org.gemel.testkit.programs;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.gemel.GemelException;
import org.gemel.Interpreter;
import org.gemel.Slot;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.op.Op;

/// An interpreter that refuses results of more than so many elements, before they are computed: the
/// square of a long vector fills the memory of a machine.
///
/// @param inner who does the work
/// @param most elements of a result
record Roomy(Interpreter inner, long most) implements Interpreter {
    @Override
    public List<Tensor> apply(Op op, List<Tensor> inputs) {
        for (TensorType type : op.infer(inputs.stream().map(Tensor::type).toList())) {
            if (type.shape().size() > most) {
                throw new GemelException(
                        "programs: expects at most %,d elements, but %s gives %s; take less"
                                .formatted(most, op, type));
            }
        }
        return inner.apply(op, inputs);
    }

    @Override
    public Tensor constant(TensorType type, MemorySegment elements) {
        return inner.constant(type, elements);
    }

    @Override
    public Optional<Tensor> read(Slot slot) {
        return inner.read(slot);
    }

    @Override
    public void write(Slot slot, Optional<Tensor> content) {
        inner.write(slot, content);
    }

    @Override
    public void threads(int count) {
        inner.threads(count);
    }
}
