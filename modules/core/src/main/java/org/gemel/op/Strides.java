package org.gemel.op;

import org.gemel.Shape;

/// Index arithmetic of the reference meanings.
final class Strides {
    private Strides() {}

    /// Where element `i` (row-major in `shape`) lies when dimension `d` advances by `strides[d]`.
    static long offset(Shape shape, long[] strides, int i) {
        long offset = 0;
        int rest = i;
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            offset += (rest % shape.dim(axis)) * strides[axis];
            rest /= shape.dim(axis);
        }
        return offset;
    }

    /// The position along each dimension of element `i`, row-major in `shape`.
    static int[] position(Shape shape, int i) {
        int[] position = new int[shape.rank()];
        int rest = i;
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            position[axis] = rest % shape.dim(axis);
            rest /= shape.dim(axis);
        }
        return position;
    }

    /// The row-major index of `position` in `shape`.
    static int index(Shape shape, int[] position) {
        int index = 0;
        for (int axis = 0; axis < position.length; axis++) {
            index = index * shape.dim(axis) + position[axis];
        }
        return index;
    }
}
