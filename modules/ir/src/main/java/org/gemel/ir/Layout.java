package org.gemel.ir;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.gemel.Shape;
import org.gemel.op.Expand;
import org.gemel.op.Movement;
import org.gemel.op.Permute;
import org.gemel.op.Reshape;
import org.gemel.op.Slice;

/// Where the elements of a view lie in the memory of its base.
///
/// @param offset the place of the first element, in elements
/// @param strides how far apart neighbours are along each dimension, in elements; 0 repeats
public record Layout(long offset, List<Long> strides) {
    /// Copies the strides.
    public Layout {
        strides = List.copyOf(strides);
    }

    /// Row-major without gaps.
    public static Layout contiguous(Shape shape) {
        return new Layout(0, Arrays.stream(shape.rowMajorStrides()).boxed().toList());
    }

    private static Layout of(long offset, long[] strides) {
        return new Layout(offset, Arrays.stream(strides).boxed().toList());
    }

    /// Whether the elements of a tensor of `shape` lie row-major without gaps from the offset on.
    public boolean isContiguous(Shape shape) {
        long expected = 1;
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            if (shape.dim(axis) != 1 && strides.get(axis) != expected) {
                return shape.size() == 0;
            }
            expected *= shape.dim(axis);
        }
        return true;
    }

    /// The layout of what `op` makes of a view of `from`, or nothing if elements must be copied.
    public Optional<Layout> apply(Movement op, Shape from) {
        return switch (op) {
            case Permute(var order) ->
                    Optional.of(new Layout(offset, order.stream().map(strides::get).toList()));
            case Expand(var to) -> Optional.of(expand(from, to));
            case Slice(var starts, _, var steps) -> Optional.of(slice(starts, steps));
            case Reshape(var to) -> reshape(from, to);
        };
    }

    private Layout expand(Shape from, Shape to) {
        long[] next = new long[to.rank()];
        int extra = to.rank() - from.rank();
        for (int axis = extra; axis < next.length; axis++) {
            next[axis] = from.dim(axis - extra) == 1 ? 0 : strides.get(axis - extra);
        }
        return of(offset, next);
    }

    private Layout slice(List<Integer> starts, List<Integer> steps) {
        long[] next = new long[starts.size()];
        long first = offset;
        for (int axis = 0; axis < next.length; axis++) {
            first += starts.get(axis) * strides.get(axis);
            next[axis] = steps.get(axis) * strides.get(axis);
        }
        return of(first, next);
    }

    // Dimensions merge if they are contiguous to each other, and split freely.
    private Optional<Layout> reshape(Shape from, Shape to) {
        if (isContiguous(from)) {
            return Optional.of(of(offset, to.rowMajorStrides()));
        }
        int[] old = Arrays.stream(from.dims()).filter(dim -> dim != 1).toArray();
        long[] oldStrides = new long[old.length];
        int kept = 0;
        for (int axis = 0; axis < from.rank(); axis++) {
            if (from.dim(axis) != 1) {
                oldStrides[kept++] = strides.get(axis);
            }
        }
        long[] next = new long[to.rank()];
        int i = 0;
        int j = 0;
        while (i < old.length) {
            int firstOld = i;
            int firstNew = j;
            long sizeOld = old[i++];
            long sizeNew = j < to.rank() ? to.dim(j++) : 1;
            while (sizeOld != sizeNew) {
                if (sizeOld < sizeNew) {
                    sizeOld *= old[i++];
                } else {
                    sizeNew *= to.dim(j++);
                }
            }
            for (int axis = firstOld; axis + 1 < i; axis++) {
                if (oldStrides[axis] != old[axis + 1] * oldStrides[axis + 1]) {
                    return Optional.empty();
                }
            }
            long stride = oldStrides[i - 1];
            for (int axis = j - 1; axis >= firstNew; axis--) {
                next[axis] = stride;
                stride *= to.dim(axis);
            }
        }
        return Optional.of(of(offset, next));
    }

    /// The strides against an iteration over `space`, 0 where the tensor of `shape` is broadcast.
    public long[] stridesOver(Shape shape, Shape space) {
        long[] over = new long[space.rank()];
        int extra = space.rank() - shape.rank();
        for (int axis = extra; axis < over.length; axis++) {
            over[axis] = shape.dim(axis - extra) == 1 ? 0 : strides.get(axis - extra);
        }
        return over;
    }
}
