package org.gemel;

import java.util.List;
import java.util.stream.IntStream;
import org.gemel.op.Composite;
import org.gemel.op.Reduce;

/// Statistics made of reductions and sorting. Axes are resolved; what is reduced stays with size 1.
final class Statistics {
    private Statistics() {}

    private static Tensor total(Tensor x, List<Integer> axes) {
        return x.reduce(new Reduce(Reduce.Kind.SUM, axes));
    }

    private static Tensor known(Tensor x) {
        return x.dtype().isFloating() ? Tensor.where(x.eq(x), x, x.zerosLike()) : x;
    }

    static Tensor nanSum(Tensor x, List<Integer> axes) {
        Composite op =
                Composite.of("nan_sum", axes, in -> List.of(total(known(in.getFirst()), axes)));
        return Tensor.apply(op, List.of(x)).getFirst();
    }

    static Tensor nanMean(Tensor x, List<Integer> axes) {
        if (!x.dtype().isFloating()) {
            throw new TypeException(
                    "nanMean: expects a floating-point type, but got %s; take mean"
                            .formatted(x.type()));
        }
        Composite op =
                Composite.of(
                        "nan_mean",
                        axes,
                        in -> {
                            Tensor y = in.getFirst();
                            Tensor count = total(y.eq(y).to(y.dtype()), axes);
                            return List.of(total(known(y), axes).div(count));
                        });
        return Tensor.apply(op, List.of(x)).getFirst();
    }

    private static int axis(String op, Tensor x, int axis) {
        int at = x.shape().axis(axis);
        if (x.shape().dim(at) == 0) {
            throw new TypeException(
                    "%s: expects at least one element, but got %s along dimension %d; check for"
                                    .formatted(op, x.type(), at)
                            + " an empty tensor before");
        }
        return at;
    }

    private static Indexed taken(Tensor x, int axis, Tensor index) {
        return new Indexed(Indexing.gathered(x, axis, index), index);
    }

    static Indexed nanMedian(Tensor x, int axis) {
        int at = axis("nanMedian", x, axis);
        // sorting leaves NaN behind all numbers
        Tensor order = Ordering.argsort(x, at, false);
        Tensor count = total(x.eq(x).to(DType.I64), List.of(at));
        Tensor middle = count.sub(1).maximum(count.zerosLike()).div(2);
        return taken(x, at, Indexing.gathered(order, at, middle));
    }

    /// The resolved axis, along which there must be something to take a share of.
    static int shared(String op, Tensor x, double share, int axis) {
        int at = x.shape().axis(axis);
        if (!(share >= 0 && share <= 1) || x.shape().dim(at) == 0 || !x.dtype().isFloating()) {
            throw new TypeException(
                    "%s: expects a share in 0 .. 1 of at least one real number, but got %s of %s"
                                    .formatted(op, share, x.type())
                            + " along dimension %d; check both".formatted(at));
        }
        return at;
    }

    /// The `share`-quantile of the numbers that are not NaN; NaN where there is none.
    static Tensor nanQuantile(Tensor x, double share, int axis, Between between) {
        int at = shared("nanQuantile", x, share, axis);
        // sorting leaves NaN behind all numbers
        Tensor order = Ordering.argsort(x, at, false);
        Tensor count = total(x.eq(x).to(x.dtype()), List.of(at));
        Tensor last = count.sub(1).maximum(count.zerosLike());
        Tensor place = between.place(last.mul(share));
        Tensor floor = place.floor();
        Tensor low = place(x, at, order, floor);
        Tensor high = place(x, at, order, place.ceil());
        Tensor found = low.lerp(high, place.sub(floor));
        Tensor none = found.zerosLike().add(Double.NaN);
        return Tensor.where(count.eq(0), none, found).squeeze(at);
    }

    private static Tensor place(Tensor x, int axis, Tensor order, Tensor place) {
        return Indexing.gathered(x, axis, Indexing.gathered(order, axis, place.to(DType.I64)));
    }

    /// The most frequent element, the smallest of several, and the last place that has it.
    static Indexed mode(Tensor x, int axis) {
        int at = axis("mode", x, axis);
        int size = x.shape().dim(at);
        Tensor order = Ordering.argsort(x, at, false);
        Tensor sorted = Indexing.gathered(x, at, order).detach();
        Tensor changed = sorted.slice(at, 1, size, 1).ne(sorted.slice(at, 0, size - 1, 1));
        Tensor first = sorted.slice(at, 0, 1, 1);
        Tensor start = Tensor.full(first.type().with(DType.BOOL), 1);
        Tensor starts = Tensor.concat(List.of(start, changed), at);
        Shape along = Shape.along(x.shape().rank(), at, size);
        Tensor places = Tensor.arange(size, DType.I64).reshape(along).expand(starts.shape());
        Tensor since = Tensor.where(starts, places, places.zerosLike()).cummax(at).values();
        Tensor end = places.sub(since).argmax(at).unsqueeze(at);
        return taken(x, at, Indexing.gathered(order, at, end));
    }

    private static void observed(String op, Tensor x) {
        if (x.shape().rank() == 0 || !x.dtype().isFloating()) {
            throw new TypeException(
                    "%s: expects a floating-point type [.., variables, observations] or"
                                    .formatted(op)
                            + " [observations], but got %s; reshape or convert it"
                                    .formatted(x.type()));
        }
    }

    /// The covariances of the rows of `[.., variables, observations]`.
    static Tensor covariance(Tensor x, double correction) {
        observed("covariance", x);
        if (x.shape().rank() == 1) {
            Tensor one = covariance(x.unsqueeze(0), correction);
            return one.reshape(Shape.SCALAR);
        }
        int count = x.shape().dim(-1);
        Composite op =
                Composite.of(
                        "covariance",
                        List.of(correction),
                        in -> {
                            Tensor y = in.getFirst();
                            Tensor apart = y.sub(y.keep(y.mean(-1), -1));
                            Tensor sums = apart.matmul(apart.transpose());
                            return List.of(sums.div(Math.max(0, count - correction)));
                        });
        return Tensor.apply(op, List.of(x)).getFirst();
    }

    /// The covariances, divided by the deviations of both.
    static Tensor correlation(Tensor x) {
        observed("correlation", x);
        Tensor all = covariance(x, 1);
        if (x.shape().rank() == 1) {
            return all.div(all);
        }
        Tensor deviation = all.diagonal(0, -2, -1).sqrt();
        return all.div(deviation.unsqueeze(-1)).div(deviation.unsqueeze(-2)).clamp(-1, 1);
    }

    // The means of neighbours along an axis.
    private static Tensor middles(Tensor y, int axis) {
        int size = y.shape().dim(axis);
        return y.slice(axis, 1, size, 1).add(y.slice(axis, 0, size - 1, 1)).mul(0.5);
    }

    private static Tensor gaps(String op, Tensor y, Tensor x, int axis) {
        int size = y.shape().dim(axis);
        boolean vector = x.shape().equals(Shape.of(size));
        if (x.dtype() != y.dtype() || !(vector || x.shape().equals(y.shape()))) {
            throw new TypeException(
                    "%s: expects a place for each element along dimension %d of %s, but got %s;"
                                    .formatted(op, axis, y.type(), x.type())
                            + " give a vector, or one for all");
        }
        Tensor all = vector ? x.reshape(Shape.along(y.shape().rank(), axis, size)) : x;
        return size == 0 ? all : all.slice(axis, 1, size, 1).sub(all.slice(axis, 0, size - 1, 1));
    }

    private static int integrated(String op, Tensor y, int axis) {
        if (!y.dtype().isFloating()) {
            throw new TypeException(
                    "%s: expects a floating-point type, but got %s; convert it, as in"
                                    .formatted(op, y.type())
                            + " x.to(DType.F32)");
        }
        return y.shape().axis(axis);
    }

    static Tensor trapezoid(Tensor y, double gap, int axis) {
        int at = integrated("trapezoid", y, axis);
        return y.shape().dim(at) == 0 ? y.sum(at) : middles(y, at).sum(at).mul(gap);
    }

    static Tensor trapezoid(Tensor y, Tensor x, int axis) {
        int at = integrated("trapezoid", y, axis);
        Tensor gaps = gaps("trapezoid", y, x, at);
        return y.shape().dim(at) == 0 ? y.sum(at) : middles(y, at).mul(gaps).sum(at);
    }

    static Tensor cumulativeTrapezoid(Tensor y, double gap, int axis) {
        int at = integrated("cumulativeTrapezoid", y, axis);
        return y.shape().dim(at) == 0 ? y : middles(y, at).mul(gap).cumsum(at);
    }

    static Tensor cumulativeTrapezoid(Tensor y, Tensor x, int axis) {
        int at = integrated("cumulativeTrapezoid", y, axis);
        Tensor gaps = gaps("cumulativeTrapezoid", y, x, at);
        return y.shape().dim(at) == 0 ? y : middles(y, at).mul(gaps).cumsum(at);
    }

    /// Each slice along `axis` shrunk to a `p`-norm of at most `most`.
    static Tensor renorm(Tensor x, double p, int axis, double most) {
        int at = x.shape().axis(axis);
        if (!x.dtype().isFloating() || !(p > 0) || !(most >= 0)) {
            throw new TypeException(
                    "renorm: expects a floating-point type, a positive order and a norm of at least"
                            + " 0, but got %s, %s and %s; check them".formatted(x.type(), p, most));
        }
        int[] others = IntStream.range(0, x.shape().rank()).filter(d -> d != at).toArray();
        Tensor norm = others.length == 0 ? x.abs() : x.keep(x.norm(p, others), others);
        // as in PyTorch
        Tensor factor = norm.add(1e-7).reciprocal().mul(most);
        return x.mul(Tensor.where(norm.gt(most), factor, factor.onesLike()));
    }
}
