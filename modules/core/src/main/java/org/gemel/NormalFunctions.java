package org.gemel;

import java.util.List;
import org.gemel.op.Composite;

/// The scaled error function, the normal distribution, and products with logarithms that vanish at
/// 0, as composites.
final class NormalFunctions {
    // Beyond, the continued fraction has the digits of f64.
    private static final double FAR = 4;
    private static final int LEVELS = 26;

    // Newton's steps from the left, each of which doubles the digits in the end.
    private static final int STEPS = 7;

    private static final Composite ERFCX =
            Composite.of(
                    "erfcx",
                    List.of(),
                    in -> List.of(erfcxBody(in.getFirst())),
                    p ->
                            p.give(
                                    0,
                                    () -> {
                                        Tensor slope = p.x(0).mul(p.y()).mul(2);
                                        return p.g().mul(slope.sub(2 / Math.sqrt(Math.PI)));
                                    }));

    private static final Composite NDTR =
            Composite.of(
                    "ndtr",
                    List.of(),
                    in -> List.of(in.getFirst().mul(-Math.sqrt(0.5)).erfc().mul(0.5)));

    // the derivative is phi / Phi, of which both underflow
    private static final Composite LOG_NDTR =
            Composite.of(
                    "log_ndtr",
                    List.of(),
                    in -> List.of(logNdtrBody(in.getFirst())),
                    p -> p.give(0, () -> p.g().mul(logSlope(p.x(0)))));

    private static final Composite NDTRI =
            Composite.of(
                    "ndtri",
                    List.of(),
                    in -> List.of(ndtriBody(in.getFirst())),
                    p ->
                            p.give(
                                    0,
                                    () -> {
                                        Tensor e = p.y().square().mul(0.5).exp();
                                        return p.g().mul(e.mul(Math.sqrt(2 * Math.PI)));
                                    }));

    private static final Composite X_LOG_1P_Y =
            Composite.of(
                    "xlog1py",
                    List.of(),
                    in -> {
                        Tensor x = in.get(0);
                        Tensor y = in.get(1);
                        Tensor nothing = x.eq(0).and(y.eq(y));
                        Tensor product = x.mul(y.log1p());
                        return List.of(Tensor.where(nothing, product.zerosLike(), product));
                    },
                    p -> {
                        p.give(
                                0,
                                () -> {
                                    Tensor g = p.g();
                                    Tensor nothing = p.x(0).eq(0).and(p.x(1).le(-1));
                                    Tensor kept = Tensor.where(nothing, g.zerosLike(), g);
                                    return xlog1py(kept, p.x(1));
                                });
                        p.give(1, () -> p.g().mul(p.x(0)).div(p.x(1).add(1)));
                    });

    private static final Composite ENTR =
            Composite.of(
                    "entr",
                    List.of(),
                    in -> {
                        Tensor x = in.getFirst();
                        Tensor safe = Tensor.where(x.le(0), x.onesLike(), x);
                        Tensor edge =
                                Tensor.where(
                                        x.lt(0),
                                        x.zerosLike().add(Double.NEGATIVE_INFINITY),
                                        x.zerosLike());
                        return List.of(Tensor.where(x.le(0), edge, safe.log().mul(safe).neg()));
                    },
                    p -> p.give(0, () -> p.g().mul(p.x(0).log().add(1).neg())));

    private NormalFunctions() {}

    private static Tensor apply(Composite op, Tensor... inputs) {
        return Tensor.apply(op, List.of(inputs)).getFirst();
    }

    static Tensor erfcx(Tensor x) {
        return apply(ERFCX, x);
    }

    static Tensor ndtr(Tensor x) {
        return apply(NDTR, x);
    }

    static Tensor logNdtr(Tensor x) {
        return apply(LOG_NDTR, x);
    }

    static Tensor ndtri(Tensor p) {
        return apply(NDTRI, p);
    }

    static Tensor xlog1py(Tensor x, Tensor y) {
        return apply(X_LOG_1P_Y, x, y);
    }

    static Tensor entr(Tensor x) {
        return apply(ENTR, x);
    }

    // 1/sqrt(pi) / (x + 1/2 / (x + 1 / (x + 3/2 / ..))), DLMF 7.9.1
    private static Tensor erfcxBody(Tensor x) {
        Tensor far = x.gt(FAR);
        Tensor distant = Tensor.where(far, x, x.zerosLike().add(FAR));
        Tensor fraction = distant;
        for (int k = LEVELS; k > 0; k--) {
            fraction = fraction.reciprocal().mul(0.5 * k).add(distant);
        }
        Tensor right = fraction.reciprocal().mul(1 / Math.sqrt(Math.PI));
        Tensor near = Tensor.where(far, x.zerosLike(), x);
        return Tensor.where(far, right, exponentialOfSquare(near).mul(near.erfc()));
    }

    // The square of few digits is exact, so that its error does not grow with the exponential.
    private static Tensor exponentialOfSquare(Tensor x) {
        Tensor few = x.clamp(-64, 64).mul(16).round().mul(0.0625);
        return few.square().exp().mul(x.sub(few).mul(x.add(few)).exp());
    }

    private static Tensor logNdtrBody(Tensor x) {
        Tensor below = x.lt(-1);
        Tensor left = Tensor.where(below, x, x.zerosLike().sub(1));
        Tensor scaled = erfcx(left.mul(-Math.sqrt(0.5))).mul(0.5).log();
        Tensor right = Tensor.where(below, x.zerosLike(), x);
        Tensor rest = right.mul(Math.sqrt(0.5)).erfc().mul(-0.5).log1p();
        return Tensor.where(below, scaled.sub(left.square().mul(0.5)), rest);
    }

    private static Tensor logSlope(Tensor x) {
        return erfcx(x.mul(-Math.sqrt(0.5))).reciprocal().mul(Math.sqrt(2 / Math.PI));
    }

    // Solves log Phi(y) = log q for the smaller tail, by Newton's method: the logarithm is concave,
    // so from the left no step goes too far.
    private static Tensor ndtriBody(Tensor p) {
        Tensor upper = p.gt(0.5);
        Tensor tail = Tensor.where(upper, p.rsub(1), p);
        Tensor inside = tail.gt(0);
        Tensor log = Tensor.where(inside, tail, tail.zerosLike().add(0.5)).log();
        Tensor y = log.mul(-2).sqrt().neg();
        for (int i = 0; i < STEPS; i++) {
            y = y.sub(logNdtr(y).sub(log).div(logSlope(y)));
        }
        Tensor low = tail.zerosLike().add(Double.NEGATIVE_INFINITY);
        Tensor edge = Tensor.where(tail.eq(0), low, low.zerosLike().add(Double.NaN));
        Tensor found = Tensor.where(inside, y, edge);
        return Tensor.where(upper, found.neg(), found);
    }
}
