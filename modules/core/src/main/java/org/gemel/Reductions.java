package org.gemel;

import java.util.List;
import org.gemel.op.Composite;
import org.gemel.op.Reduce;

/// Reductions made of others. All take resolved axes, which stay with size 1.
final class Reductions {
    private Reductions() {}

    private static Tensor reduce(Reduce.Kind kind, Tensor x, List<Integer> axes) {
        return x.reduce(new Reduce(kind, axes));
    }

    private static Tensor sum(Tensor x, List<Integer> axes) {
        return reduce(Reduce.Kind.SUM, x, axes);
    }

    /// Whether all are not zero; true if there are none.
    static Tensor all(Tensor x, List<Integer> axes) {
        Tensor truth = x.to(DType.BOOL).to(DType.I32);
        return reduce(Reduce.Kind.PROD, truth, axes).to(DType.BOOL);
    }

    /// Whether any is not zero; false if there are none.
    static Tensor any(Tensor x, List<Integer> axes) {
        return all(x.to(DType.BOOL).not(), axes).not();
    }

    private static Tensor apply(Composite op, Tensor x) {
        return Tensor.apply(op, List.of(x)).getFirst();
    }

    static Tensor logSumExp(Tensor x, List<Integer> axes) {
        return apply(
                Composite.of(
                        "log_sum_exp",
                        axes,
                        in -> List.of(logSumExpBody(in.getFirst(), axes)),
                        p -> p.give(0, () -> p.g().mul(softmax(p.x(0), p.y())))),
                x);
    }

    private static Tensor logSumExpBody(Tensor x, List<Integer> axes) {
        boolean empty = axes.stream().anyMatch(axis -> x.shape().dim(axis) == 0);
        if (empty) {
            return sum(x.exp(), axes).log();
        }
        Tensor top = reduce(Reduce.Kind.MAX, x, axes);
        // an infinite maximum would make inf - inf
        Tensor finite = Tensor.where(top.abs().lt(Double.POSITIVE_INFINITY), top, top.zerosLike());
        return sum(x.sub(finite).exp(), axes).log().add(finite);
    }

    // Of a row of nothing but -inf, all shares are 0.
    private static Tensor softmax(Tensor x, Tensor y) {
        Tensor none = y.eq(Double.NEGATIVE_INFINITY);
        return x.sub(Tensor.where(none, y.zerosLike(), y)).exp();
    }

    /// The variance with the divisor `max(0, n - correction)`.
    static Tensor variance(Tensor x, List<Integer> axes, double correction) {
        double count =
                axes.stream().mapToDouble(axis -> x.shape().dim(axis)).reduce(1, (a, b) -> a * b);
        double divisor = Math.max(0, count - correction);
        return apply(
                Composite.of(
                        "variance",
                        List.of(axes, correction),
                        in -> {
                            Tensor mean = sum(in.getFirst(), axes).div(count);
                            Tensor squares = in.getFirst().sub(mean).square();
                            return List.of(sum(squares, axes).div(divisor));
                        }),
                x);
    }

    /// The square root of a variance; where it is 0 so is the derivative.
    static Tensor deviation(Tensor variance) {
        return apply(
                Composite.of(
                        "deviation",
                        List.of(),
                        in -> List.of(in.getFirst().sqrt()),
                        p ->
                                p.give(
                                        0,
                                        () -> {
                                            Tensor zero = p.y().eq(0);
                                            Tensor g = p.g();
                                            Tensor root = Tensor.where(zero, g.onesLike(), p.y());
                                            Tensor kept = Tensor.where(zero, g.zerosLike(), g);
                                            return kept.mul(0.5).div(root);
                                        })),
                variance);
    }

    /// The `p`-norm of all numbers along `axes`: `p` of 0 counts what is not zero, infinite ones
    /// take the largest or smallest. Where the norm or an element is 0 so is the derivative.
    static Tensor norm(Tensor x, double p, List<Integer> axes) {
        if (p == 0) {
            return sum(x.ne(x.zerosLike()).to(x.dtype()), axes);
        }
        if (Double.isInfinite(p)) {
            return reduce(p > 0 ? Reduce.Kind.MAX : Reduce.Kind.MIN, x.abs(), axes);
        }
        if (p == 1) {
            return sum(x.abs(), axes);
        }
        return apply(
                Composite.of(
                        "norm",
                        List.of(p, axes),
                        in -> List.of(normBody(in.getFirst(), p, axes)),
                        pull ->
                                pull.give(
                                        0,
                                        () -> {
                                            Tensor v = pull.x(0);
                                            Tensor y = pull.y();
                                            Tensor zero = y.eq(0);
                                            Tensor safe = Tensor.where(zero, y.onesLike(), y);
                                            Tensor g = Tensor.where(zero, y.zerosLike(), pull.g());
                                            return g.mul(slope(v, safe, p));
                                        })),
                x);
    }

    private static Tensor slope(Tensor x, Tensor norm, double p) {
        Tensor ratio = x.div(norm);
        if (p == 2) {
            return ratio;
        }
        // 0 to a power has no second derivative
        Tensor size = ratio.abs();
        Tensor none = size.eq(0);
        Tensor some = Tensor.where(none, size.onesLike(), size).pow(p - 1);
        return Tensor.where(none, size.zerosLike(), some.mul(ratio.sign()));
    }

    private static Tensor normBody(Tensor x, double p, List<Integer> axes) {
        return p == 2 ? sum(x.square(), axes).sqrt() : sum(x.abs().pow(p), axes).pow(1 / p);
    }
}
