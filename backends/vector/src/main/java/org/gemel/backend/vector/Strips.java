package org.gemel.backend.vector;

import org.gemel.Shape;
import org.gemel.backend.Workers;
import org.gemel.ir.Layout;

/// A dense tensor cut for work that runs along one dimension: strips of neighbouring columns, each
/// from its first element along the dimension to its last.
///
/// @param shape the tensor's
/// @param length the size of the dimension
/// @param inner elements from one place along it to the next
/// @param bytes of an element
record Strips(Shape shape, int length, long inner, int bytes) {
    /// The columns of a strip at most.
    static final int WIDTH = 64;

    // Elements that are worth a thread.
    private static final long GRAIN = 16_384;

    /// Works on one strip of `width` columns whose first element is `offset` bytes from the start.
    interface Task {
        void run(long offset, int width);
    }

    static Strips of(Shape shape, int axis, int bytes) {
        return new Strips(shape, shape.dim(axis), shape.rowMajorStrides()[axis], bytes);
    }

    /// Runs `task` for every strip.
    void forEach(Workers workers, Task task) {
        if (shape.size() == 0) {
            return;
        }
        long across = (inner - 1) / WIDTH + 1;
        long outer = shape.size() / (length * inner);
        long each = length * Math.min(inner, WIDTH);
        workers.forRange(
                outer * across,
                Math.max(1, GRAIN / each),
                (begin, end) -> {
                    for (long strip = begin; strip < end; strip++) {
                        long column = strip % across * WIDTH;
                        long first = strip / across * length * inner + column;
                        task.run(first * bytes, (int) Math.min(WIDTH, inner - column));
                    }
                });
    }

    /// The address of the same elements, dense: a copy in `scratch` unless they are.
    long dense(Workers workers, Scratch scratch, long address, Layout layout) {
        if (layout.isContiguous(shape) || shape.size() == 0) {
            return address;
        }
        long copy = scratch.take(shape.size() * bytes);
        StridedCopy.copy(
                workers,
                bytes,
                shape.dims(),
                address,
                Calls.strides(layout),
                copy,
                shape.rowMajorStrides());
        return copy;
    }
}
