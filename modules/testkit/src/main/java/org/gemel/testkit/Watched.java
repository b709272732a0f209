package org.gemel.testkit;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.gemel.Interpreter;
import org.gemel.Slot;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.op.Op;

/// An interpreter that shows each operation before another one runs it.
///
/// @param inner who does the work
/// @param eye what looks at each operation and the types of its inputs
public record Watched(Interpreter inner, BiConsumer<Op, List<TensorType>> eye)
        implements Interpreter {
    @Override
    public List<Tensor> apply(Op op, List<Tensor> inputs) {
        eye.accept(op, inputs.stream().map(Tensor::type).toList());
        return inner.apply(op, inputs);
    }

    @Override
    public Tensor constant(TensorType type, MemorySegment elements) {
        return inner.constant(type, elements);
    }

    @Override
    public Slot slot(String name) {
        return inner.slot(name);
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
