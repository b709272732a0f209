package org.gemel;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.gemel.op.Op;

/// What runs operations where no engine was found: it says so.
///
/// The error comes when an operation is to run and not when contexts are looked up, since a program
/// that only records graphs needs no engine.
final class NoEngine implements Interpreter {
    private static GemelException missing() {
        return new GemelException(
                "engine: expects an eager interpreter on the class path, but found none; add"
                        + " org.gemel:gemel-eager and org.gemel:gemel-backend-vector");
    }

    @Override
    public List<Tensor> apply(Op op, List<Tensor> inputs) {
        throw missing();
    }

    @Override
    public Tensor constant(TensorType type, MemorySegment elements) {
        throw missing();
    }

    @Override
    public Optional<Tensor> read(Slot slot) {
        throw missing();
    }

    @Override
    public void write(Slot slot, Optional<Tensor> content) {
        throw missing();
    }

    @Override
    public void threads(int count) {
        throw missing();
    }
}
