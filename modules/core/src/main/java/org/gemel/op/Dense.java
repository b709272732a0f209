package org.gemel.op;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntToLongFunction;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.TensorType;

/// A plain row-major array of the reference evaluator: `double` values for floating-point types,
/// `long` values for integers and `bool`.
public final class Dense {
    private final TensorType type;
    private final double[] reals;
    private final long[] integers;

    private Dense(TensorType type, double[] reals, long[] integers) {
        this.type = type;
        this.reals = reals;
        this.integers = integers;
    }

    /// An array whose element `i` in row-major order is `element.applyAsDouble(i)`, rounded to the
    /// type.
    public static Dense of(TensorType type, IntToDoubleFunction element) {
        if (!type.dtype().isFloating()) {
            // saturates as a cast does, in the type that is computed in
            boolean wide = type.dtype() == DType.I64;
            return ofLongs(
                    type,
                    i -> {
                        double value = element.applyAsDouble(i);
                        return wide ? (long) value : (int) value;
                    });
        }
        double[] values = new double[Math.toIntExact(type.shape().size())];
        Arrays.setAll(values, i -> type.dtype().round(element.applyAsDouble(i)));
        return new Dense(type, values, new long[0]);
    }

    /// An array whose element `i` in row-major order is `element.applyAsLong(i)`, wrapped to the
    /// type.
    public static Dense ofLongs(TensorType type, IntToLongFunction element) {
        if (type.dtype().isFloating()) {
            return of(type, i -> (double) element.applyAsLong(i));
        }
        long[] values = new long[Math.toIntExact(type.shape().size())];
        Arrays.setAll(values, i -> type.dtype().wrap(element.applyAsLong(i)));
        return new Dense(type, new double[0], values);
    }

    /// An array of `type` whose element `i` is element `source.applyAsLong(i)` of `from`.
    public static Dense gathered(TensorType type, Dense from, IntToLongFunction source) {
        return from.type.dtype().isFloating()
                ? of(type, i -> from.reals[(int) source.applyAsLong(i)])
                : ofLongs(type, i -> from.integers[(int) source.applyAsLong(i)]);
    }

    /// Element type and shape.
    public TensorType type() {
        return type;
    }

    /// The number of elements.
    public int size() {
        return Math.toIntExact(type.shape().size());
    }

    /// Element `i` in row-major order as a `double`.
    public double real(int i) {
        return type.dtype().isFloating() ? reals[i] : integers[i];
    }

    /// Element `i` in row-major order as a `long`; truncates floating-point values.
    public long integer(int i) {
        return type.dtype().isFloating() ? (long) reals[i] : integers[i];
    }

    /// Where element `i` of a tensor of shape `out` is read from in this array, under broadcasting.
    public int broadcastIndex(Shape out, int i) {
        int index = 0;
        int stride = 1;
        int rest = i;
        Shape own = type.shape();
        for (int axis = 1; axis <= out.rank(); axis++) {
            int dim = out.dim(-axis);
            int position = rest % dim;
            rest /= dim;
            if (axis <= own.rank()) {
                index += own.dim(-axis) == 1 ? 0 : position * stride;
                stride *= own.dim(-axis);
            }
        }
        return index;
    }
}
