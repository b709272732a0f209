package org.gemel;

import java.util.List;
import org.gemel.op.Composite;
import org.gemel.op.Recurrence;
import org.gemel.op.Scan;

/// Cumulative operations.
final class Running {
    private Running() {}

    static Tensor scan(Scan.Kind kind, Tensor x, int axis) {
        return scan(kind, x, axis, false);
    }

    private static Tensor scan(Scan.Kind kind, Tensor x, int axis, boolean reverse) {
        return Tensor.apply(new Scan(kind, x.shape().axis(axis), reverse), List.of(x)).getFirst();
    }

    static Indexed extreme(Scan.Kind kind, Tensor x, int axis) {
        int at = x.shape().axis(axis);
        Tensor values = scan(kind, x, at);
        Tensor indices = new Scan(kind, at, false).places(x.detach(), values.detach());
        return new Indexed(values, indices);
    }

    private static Tensor recurrence(int axis, boolean reverse, Tensor a, Tensor b) {
        return Tensor.apply(new Recurrence(axis, reverse), List.of(a, b)).getFirst();
    }

    static Tensor logSumExp(Tensor x, int axis) {
        int at = x.shape().axis(axis);
        return Tensor.apply(
                        Composite.of(
                                "log_cum_sum_exp",
                                List.of(at),
                                in -> List.of(body(in.getFirst(), at)),
                                p -> p.give(0, () -> cotangent(p.g(), p.x(0), p.y(), at))),
                        List.of(x))
                .getFirst();
    }

    // The sum in units of the running maximum, which only grows.
    private static Tensor body(Tensor x, int axis) {
        Tensor top = finite(scan(Scan.Kind.MAX, x, axis));
        Tensor former = Recurrence.shifted(top, axis, false, 0);
        Tensor shrink = former.sub(top).minimum(top.zerosLike()).exp();
        return recurrence(axis, false, shrink, x.sub(top).exp()).log().add(top);
    }

    private static Tensor finite(Tensor x) {
        return Tensor.where(x.abs().lt(Double.POSITIVE_INFINITY), x, x.zerosLike());
    }

    // Sum over later k of g[k] exp(x - y[k]), in units of exp(-y), so that nothing overflows.
    private static Tensor cotangent(Tensor g, Tensor x, Tensor y, int axis) {
        Tensor later = Recurrence.shifted(y, axis, true, 0);
        Tensor none = x.eq(Double.NEGATIVE_INFINITY);
        Tensor start = y.eq(Double.NEGATIVE_INFINITY);
        Tensor zero = y.zerosLike();
        Tensor fade = Tensor.where(start, zero, Tensor.where(start, zero, y).sub(later).exp());
        Tensor carried = recurrence(axis, true, fade, Tensor.where(start, zero, g));
        Tensor share = Tensor.where(none, zero, x).sub(Tensor.where(none, zero, y)).exp();
        return Tensor.where(none, zero, carried.mul(share));
    }
}
