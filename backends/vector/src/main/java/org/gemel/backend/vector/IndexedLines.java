package org.gemel.backend.vector;

import java.util.Arrays;
import org.gemel.Shape;
import org.gemel.ir.Layout;

/// The loops of gather and scatter: a tensor `whole`, whose elements are indexed along `axis` by a
/// tensor `index`, and one `moved` in row-major order with an element for each index.
///
/// Where one index serves all that follows the axis, and that lies together on both sides, it is a
/// row of `inner` elements; otherwise elements go one by one, along lines of the last dimension.
///
/// @param dims the dimensions of `moved`
/// @param axis the dimension that is indexed
/// @param bound the size of `whole` along it
/// @param whole elements from one place to the next in `whole`
/// @param index likewise, 0 where an index serves all
/// @param moved likewise
/// @param inner the number of elements that follow the axis
/// @param rows whether rows lie together
record IndexedLines(
        int[] dims,
        int axis,
        int bound,
        long[] whole,
        long[] index,
        long[] moved,
        long inner,
        boolean rows) {

    static IndexedLines of(
            Shape shape,
            int axis,
            int bound,
            long[] whole,
            Shape indices,
            Layout of,
            long[] moved) {
        int[] dims = shape.dims();
        long[] index = of.stridesOver(indices, shape);
        boolean together = true;
        long inner = 1;
        for (int d = dims.length - 1; d > axis; d--) {
            boolean dense = whole[d] == inner && moved[d] == inner;
            together &= dims[d] == 1 || (dense && index[d] == 0);
            inner *= dims[d];
        }
        return new IndexedLines(
                dims, axis, bound, whole, index, moved, inner, together && inner > 1);
    }

    /// The number of elements before the axis: what is done for each is independent.
    long outer() {
        return Arrays.stream(dims, 0, axis).asLongStream().reduce(1, (a, b) -> a * b);
    }

    /// How many lines (of the last dimension), or rows, follow each other for one outer place.
    long lines() {
        return rows ? dims[axis] : axis == last() ? 1 : dims[axis] * inner / dims[last()];
    }

    int last() {
        return dims.length - 1;
    }

    /// The number of dimensions that number lines or rows.
    int depth() {
        return rows ? axis + 1 : last();
    }

    /// Where line or row `number` begins with `strides`, the axis left out if told.
    long offset(long[] strides, long number, boolean withoutAxis) {
        long offset = 0;
        long rest = number;
        for (int d = depth() - 1; d >= 0; d--) {
            long position = rest % dims[d];
            offset += withoutAxis && d == axis ? 0 : position * strides[d];
            rest /= dims[d];
        }
        return offset;
    }
}
