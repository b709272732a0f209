package org.gemel;

import java.util.Arrays;
import java.util.stream.Collectors;

/// The dimensions of a tensor, outermost first; a scalar has none. Immutable.
public final class Shape {
    /// The shape of a scalar: rank 0, one element.
    public static final Shape SCALAR = new Shape(new int[0]);

    // So that sizes in bytes, padded, are far from overflow.
    private static final long LARGEST = 1L << 59;

    private final int[] dims;
    private final long size;
    private final int hash;

    private Shape(int[] dims) {
        this.dims = dims;
        this.hash = Arrays.hashCode(dims);
        long product = 1;
        boolean empty = false;
        boolean tooLarge = false;
        for (int dim : dims) {
            if (dim < 0) {
                throw new GemelException(
                        "shape: expects dimensions of at least 0, but got "
                                + Arrays.toString(dims)
                                + "; use 0 for an empty tensor");
            }
            empty |= dim == 0;
            tooLarge |= product > LARGEST / Math.max(1, dim);
            product *= Math.max(1, dim);
        }
        if (tooLarge && !empty) {
            throw new GemelException(
                    "shape: expects at most 2^59 elements, but got "
                            + Arrays.toString(dims)
                            + "; check the dimensions");
        }
        this.size = empty ? 0 : product;
    }

    /// The shape with the given dimensions, each at least 0.
    public static Shape of(int... dims) {
        return dims.length == 0 ? SCALAR : new Shape(dims.clone());
    }

    /// The shape of a vector that lies along one of `rank` dimensions: `size` there, 1 elsewhere.
    ///
    /// @param axis from 0 to `rank - 1`
    public static Shape along(int rank, int axis, int size) {
        int[] dims = new int[rank];
        Arrays.fill(dims, 1);
        dims[axis] = size;
        return new Shape(dims);
    }

    /// The number of dimensions.
    public int rank() {
        return dims.length;
    }

    /// The size of dimension `axis`; a negative axis counts from the end. Throws as [#axis] does.
    public int dim(int axis) {
        return dims[axis(axis)];
    }

    /// The number of elements: the product of the dimensions, 1 for a scalar.
    public long size() {
        return size;
    }

    /// A copy of the dimensions.
    public int[] dims() {
        return dims.clone();
    }

    /// Resolves a possibly negative axis, or throws if it is out of range.
    public int axis(int axis) {
        int resolved = axis < 0 ? axis + rank() : axis;
        if (resolved < 0 || resolved >= rank()) {
            String rule =
                    rank() == 0
                            ? "a tensor with dimensions"
                            : "one of %d..%d".formatted(-rank(), rank() - 1);
            throw new TypeException(
                    "axis: expects %s, but got axis %d of shape %s; axes count from 0, negative ones"
                                    .formatted(rule, axis, this)
                            + " from the end");
        }
        return resolved;
    }

    /// This shape with dimension `axis` replaced.
    public Shape with(int axis, int dim) {
        int[] copy = dims.clone();
        copy[axis] = dim;
        return new Shape(copy);
    }

    /// This shape with every dimension in `axes` set to 1.
    public Shape reduced(int[] axes) {
        int[] copy = dims.clone();
        for (int axis : axes) {
            copy[axis] = 1;
        }
        return new Shape(copy);
    }

    /// Strides in elements of a contiguous row-major tensor of this shape.
    public long[] rowMajorStrides() {
        long[] strides = new long[dims.length];
        long stride = 1;
        for (int i = dims.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= Math.max(1, dims[i]);
        }
        return strides;
    }

    /// The shape both broadcast to under NumPy's rule: aligned at the last dimension, a 1
    /// stretches.
    ///
    /// @param op the operation's name, for the message
    public static Shape broadcast(String op, Shape a, Shape b) {
        if (a.equals(b)) {
            return a;
        }
        int rank = Math.max(a.rank(), b.rank());
        int[] out = new int[rank];
        for (int i = 1; i <= rank; i++) {
            int p = i <= a.rank() ? a.dims[a.rank() - i] : 1;
            int q = i <= b.rank() ? b.dims[b.rank() - i] : 1;
            if (p != q && p != 1 && q != 1) {
                throw new TypeException(
                        "%s: shapes %s and %s do not broadcast: dimension %d is %d against %d"
                                        .formatted(op, a, b, rank - i, p, q)
                                + "; reshape one of them, or give the dimension size 1");
            }
            out[rank - i] = p == 1 ? q : p;
        }
        return new Shape(out);
    }

    @Override
    public boolean equals(Object other) {
        return this == other || (other instanceof Shape s && Arrays.equals(dims, s.dims));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /// The dimensions in brackets, as in `[64, 784]`; `[]` for a scalar.
    @Override
    public String toString() {
        return Arrays.stream(dims)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
