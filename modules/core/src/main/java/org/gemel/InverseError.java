package org.gemel;

import java.util.List;
import org.gemel.op.Composite;

/// The inverse of the error function, as a composite: a formula that is right to 0.2 percent
/// everywhere (Winitzki, 2008), and three steps of Halley's method, each of which triples the
/// digits.
final class InverseError {
    private static final int STEPS = 3;

    // Below, the formula is a factor.
    private static final double SMALL = 1e-3;

    // Winitzki's constant.
    private static final double A = 0.147;

    private static final Composite ERFINV =
            Composite.of(
                    "erfinv",
                    List.of(),
                    in -> List.of(body(in.getFirst())),
                    p ->
                            p.give(
                                    0,
                                    () -> {
                                        double half = Math.sqrt(Math.PI) / 2;
                                        return p.g().mul(p.y().square().exp().mul(half));
                                    }));

    private InverseError() {}

    static Tensor erfinv(Tensor x) {
        return Tensor.apply(ERFINV, List.of(x)).getFirst();
    }

    private static Tensor body(Tensor x) {
        Tensor size = x.abs();
        Tensor inside = size.lt(1);
        Tensor a = Tensor.where(inside, size, size.zerosLike());
        Tensor y = Tensor.where(a.lt(SMALL), a.mul(Math.sqrt(Math.PI) / 2), start(a));
        for (int i = 0; i < STEPS; i++) {
            y = refined(y, a);
        }
        Tensor infinite = size.zerosLike().add(Double.POSITIVE_INFINITY);
        Tensor none = size.zerosLike().add(Double.NaN);
        Tensor edge = Tensor.where(size.eq(1), infinite, none);
        return Tensor.where(inside, y, edge).copySign(x);
    }

    private static Tensor start(Tensor a) {
        Tensor log = a.neg().log1p().add(a.log1p());
        Tensor t = log.mul(0.5).add(2 / (Math.PI * A));
        Tensor ratio = log.neg().div(A);
        return ratio.div(t.square().add(ratio).sqrt().add(t)).sqrt();
    }

    // y - u / (1 + y u) with u = (erf(y) - a) / erf'(y)
    private static Tensor refined(Tensor y, Tensor a) {
        // 1 - a is exact where it is small
        Tensor error = Tensor.where(a.lt(0.5), y.erf().sub(a), a.rsub(1).sub(y.erfc()));
        Tensor u = error.mul(y.square().exp()).mul(Math.sqrt(Math.PI) / 2);
        return y.sub(u.div(y.mul(u).add(1)));
    }
}
