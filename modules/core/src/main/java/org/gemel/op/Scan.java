package org.gemel.op;

import java.util.List;
import java.util.Locale;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// Running sums, products, maxima or minima along one dimension: element `k` combines the elements
/// `0..k`.
///
/// The order is fixed: one element after the other, in `double` for floating-point types, each
/// result rounded once. So a kernel gives the bits of the reference.
///
/// Primitive: each element depends on the one before; made of slices it would take `log n` passes.
///
/// @param kind how two elements combine
/// @param axis the dimension, from 0
/// @param reverse whether it runs from the last element to the first
public record Scan(Kind kind, int axis, boolean reverse) implements Primitive {
    /// How two elements combine.
    public enum Kind {
        /// Addition.
        SUM,
        /// Multiplication.
        PROD,
        /// The larger one, NaN wins.
        MAX,
        /// The smaller one, NaN wins.
        MIN
    }

    @Override
    public String label() {
        return "cum" + kind.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        TensorType x = inputs.getFirst();
        x.shape().axis(axis);
        if (x.dtype() == DType.BOOL) {
            throw new TypeException(
                    "%s: expects a number type, but got %s; convert it first, as in"
                                    .formatted(label(), x)
                            + " x.to(DType.I64)");
        }
        return x;
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense x = inputs.getFirst();
        int length = x.type().shape().dim(axis);
        int step = inner(x.type());
        double[] reals = new double[x.size()];
        long[] integers = new long[x.size()];
        for (int i = 0; i < x.size(); i++) {
            int order = i / step % length;
            // visited in the order of the scan
            int at = reverse ? i + (length - 1 - 2 * order) * step : i;
            int before = reverse ? at + step : at - step;
            reals[at] = order == 0 ? x.real(at) : combine(reals[before], x.real(at));
            integers[at] = order == 0 ? x.integer(at) : combine(integers[before], x.integer(at));
        }
        return x.type().dtype().isFloating()
                ? Dense.of(x.type(), i -> reals[i])
                : Dense.ofLongs(x.type(), i -> integers[i]);
    }

    private int inner(TensorType type) {
        int inner = 1;
        for (int d = axis + 1; d < type.shape().rank(); d++) {
            inner *= type.shape().dim(d);
        }
        return inner;
    }

    private double combine(double a, double b) {
        return switch (kind) {
            case SUM -> a + b;
            case PROD -> a * b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
        };
    }

    private long combine(long a, long b) {
        return switch (kind) {
            case SUM -> a + b;
            case PROD -> a * b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
        };
    }

    @Override
    public boolean differentiable() {
        return true;
    }

    /// Sum: the cotangent summed the other way round. Product: by a [Recurrence], which is right
    /// where elements are zero. Maximum and minimum: to the latest element that attains it.
    @Override
    public void vjp(Pullback p) {
        p.give(
                0,
                () ->
                        switch (kind) {
                            case SUM -> scanned(new Scan(Kind.SUM, axis, !reverse), p.g());
                            case PROD -> {
                                Tensor x = p.x(0);
                                Tensor onward = Recurrence.shifted(x, axis, !reverse, 0);
                                Tensor before = Recurrence.shifted(p.y(), axis, reverse, 1);
                                Tensor carried =
                                        Tensor.apply(
                                                        new Recurrence(axis, !reverse),
                                                        List.of(onward, p.g()))
                                                .getFirst();
                                yield carried.mul(before);
                            }
                            case MAX, MIN ->
                                    Tensor.apply(
                                                    new Scatter(Scatter.Kind.ADD, axis),
                                                    List.of(
                                                            Scatter.zeros(p.type(0)),
                                                            places(p.x(0), p.y()),
                                                            p.g()))
                                            .getFirst();
                        });
    }

    private static Tensor scanned(Scan scan, Tensor x) {
        return Tensor.apply(scan, List.of(x)).getFirst();
    }

    /// The indices (i64) along the axis at which the running maximum or minimum `y` of `x` stands:
    /// the latest one at a tie or of a NaN.
    public Tensor places(Tensor x, Tensor y) {
        int length = x.shape().dim(axis);
        Shape along = Shape.along(x.shape().rank(), axis, length);
        Tensor own = Tensor.arange(length, DType.I64).reshape(along).expand(x.shape());
        Tensor hit = x.eq(y);
        Tensor found = x.dtype().isFloating() ? hit.or(x.ne(x)) : hit;
        return reverse
                ? scanned(
                        new Scan(Kind.MIN, axis, true),
                        Tensor.where(found, own, own.zerosLike().add(length)))
                : scanned(
                        new Scan(Kind.MAX, axis, false),
                        Tensor.where(found, own, own.zerosLike().sub(1)));
    }

    @Override
    public boolean widens() {
        return true;
    }

    @Override
    public String onnx() {
        return kind == Kind.SUM ? "CumSum" : "";
    }
}
