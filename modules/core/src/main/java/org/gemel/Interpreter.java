package org.gemel;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.gemel.op.Op;

/// Gives operations a meaning: an eager interpreter runs them now, a tracing one writes them down.
///
/// There is no path to a kernel around the interpreter. Which one is current is part of [Context].
public interface Interpreter {
    /// Applies `op`; the results are new handles that the caller owns, without gradient nodes.
    ///
    /// @throws TypeException if the inputs' types do not fit
    List<Tensor> apply(Op op, List<Tensor> inputs);

    /// Applies an operation of one input and one output.
    default Tensor apply(Op op, Tensor a) {
        return apply(op, List.of(a)).getFirst();
    }

    /// Applies an operation of two inputs and one output.
    default Tensor apply(Op op, Tensor a, Tensor b) {
        return apply(op, List.of(a, b)).getFirst();
    }

    /// Brings row-major elements of the host in; they are copied.
    Tensor constant(TensorType type, MemorySegment elements);

    /// An empty slot for what is computed now, such as the gradient of a leaf made on the way: when
    /// the computation runs again, it gets another.
    ///
    /// @param name for messages and printed graphs
    default Slot slot(String name) {
        return new Slot(name);
    }

    /// A new handle on what `slot` holds now, or nothing if it is empty.
    Optional<Tensor> read(Slot slot);

    /// Copies the elements of `tensor`, row-major, to `target`: how the host looks at values.
    default void copy(Tensor tensor, MemorySegment target) {
        tensor.value().copyTo(target);
    }

    /// Asked before the tape behind `output` is walked; throws if that tape is of no use here.
    default void checkTape(Tensor output) {}

    /// Makes `slot` hold `content`; takes the handle over from the caller.
    void write(Slot slot, Optional<Tensor> content);

    /// Sets the number of threads that kernels may use.
    void threads(int count);
}
