package org.gemel;

import java.util.List;
import org.gemel.op.Composite;

/// Hurwitz's zeta function: its first terms, and the formula of Euler and Maclaurin for the rest
/// (DLMF 25.11.28).
final class ZetaFunction {
    private static final int STEPS = 10;

    // B(2k) / (2k)! for k = 1, 2, ..
    private static final double[] RATIOS = {
        1.0 / 12,
        -1.0 / 720,
        1.0 / 30240,
        -1.0 / 1209600,
        1.0 / 47900160,
        -691.0 / 1307674368000.0,
        1.0 / 74724249600.0,
        -3617.0 / 10670622842880000.0
    };

    private static final Composite ZETA =
            Composite.of("zeta", List.of(), in -> List.of(body(in.get(0), in.get(1))));

    private ZetaFunction() {}

    static Tensor zeta(Tensor s, Tensor q) {
        return Tensor.apply(ZETA, List.of(s, q)).getFirst();
    }

    private static Tensor body(Tensor s, Tensor q) {
        Tensor known = s.gt(1).and(q.gt(0));
        Tensor pole = s.eq(1).or(s.gt(1).and(q.le(0)).and(q.eq(q.floor())));
        // elsewhere derivatives must stay finite
        Tensor exponent = Tensor.where(known, s, s.zerosLike().add(2));
        Tensor y = sum(exponent, Tensor.where(known, q, q.onesLike()));
        Tensor infinite = y.zerosLike().add(Double.POSITIVE_INFINITY);
        Tensor none = y.zerosLike().add(Double.NaN);
        return Tensor.where(known, y, Tensor.where(pole, infinite, none));
    }

    private static Tensor sum(Tensor s, Tensor q) {
        Tensor down = s.neg();
        Tensor y = q.pow(down);
        for (int i = 1; i < STEPS; i++) {
            y = y.add(q.add(i).pow(down));
        }
        Tensor z = q.add(STEPS);
        Tensor inverse = z.reciprocal();
        Tensor series = s.zerosLike().add(RATIOS[RATIOS.length - 1]);
        for (int k = RATIOS.length - 1; k > 0; k--) {
            Tensor factor = s.add(2 * k - 1).mul(inverse).mul(s.add(2 * k).mul(inverse));
            series = series.mul(factor).add(RATIOS[k - 1]);
        }
        Tensor rest = series.mul(s).mul(inverse).add(0.5).mul(z.pow(down));
        return y.add(z.pow(down.add(1)).div(s.sub(1))).add(rest);
    }
}
