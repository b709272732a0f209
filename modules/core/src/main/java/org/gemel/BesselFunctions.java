package org.gemel;

import java.util.ArrayList;
import java.util.List;
import org.gemel.op.Composite;

/// Bessel functions of whole orders, as composites.
///
/// The modified ones are power series near 0, where all terms have one sign (DLMF 10.25.2), and
/// Hankel's expansion far out (10.40.1). The others are their integral (10.9.2), on whose periodic
/// integrand the trapezoidal rule is exact to within Bessel functions of far higher orders, and
/// Hankel's expansion (10.17.3). Derivatives are their neighbours' (10.6.1, 10.29.1).
final class BesselFunctions {
    // Beyond, the expansions have the digits of f64.
    private static final double FAR = 20;
    private static final double FAR_FIRST = 25;

    private static final int TERMS = 36;
    private static final int ASYMPTOTIC_TERMS = 24;

    // Steps from 0 to a quarter of the period.
    private static final int QUARTER = 16;

    private BesselFunctions() {}

    private static void check(String op, int n) {
        if (n < 0) {
            throw new TypeException(
                    "%s: expects an order of at least 0, but got %d; those of opposite orders differ"
                                    .formatted(op, n)
                            + " by a sign at most");
        }
    }

    static Tensor modified(int n, boolean scaled, Tensor x) {
        check("besselI", n);
        Composite op =
                Composite.of(
                        "bessel_i",
                        List.of(n, scaled),
                        in -> List.of(modifiedBody(n, scaled, in.getFirst())),
                        p -> p.give(0, () -> p.g().mul(modifiedSlope(n, scaled, p.x(0), p.y()))));
        return Tensor.apply(op, List.of(x)).getFirst();
    }

    private static Tensor modifiedSlope(int n, boolean scaled, Tensor x, Tensor y) {
        Tensor above = modified(n + 1, scaled, x);
        Tensor slope = n == 0 ? above : modified(n - 1, scaled, x).add(above).mul(0.5);
        return scaled ? slope.sub(x.sign().mul(y)) : slope;
    }

    private static Tensor modifiedBody(int n, boolean scaled, Tensor x) {
        Tensor size = x.abs();
        Tensor far = size.gt(FAR);
        Tensor near = Tensor.where(far, size.onesLike(), size);
        Tensor distant = Tensor.where(far, size, size.zerosLike().add(FAR));
        Tensor series = series(n, near);
        Tensor expansion = expansion(n, distant).div(distant.mul(2 * Math.PI).sqrt());
        Tensor left = scaled ? series.mul(near.neg().exp()) : series;
        // the exponential overflows before the function does
        Tensor half = distant.mul(0.5).exp();
        Tensor whole = expansion.mul(half).mul(half);
        Tensor infinite = distant.eq(Double.POSITIVE_INFINITY);
        Tensor right = scaled ? expansion : Tensor.where(infinite, distant, whole);
        Tensor y = Tensor.where(far, right, left);
        return n % 2 == 0 ? y : Tensor.where(x.lt(0), y.neg(), y);
    }

    // (x/2)^n / n! (1 + t/(1 (n + 1)) (1 + t/(2 (n + 2)) (1 + ..))) with t = (x/2)^2
    private static Tensor series(int n, Tensor x) {
        Tensor t = x.mul(0.5).square();
        Tensor sum = x.onesLike();
        for (int k = TERMS; k > 0; k--) {
            sum = sum.mul(t).mul(1.0 / (k * (k + n))).add(1);
        }
        for (int i = 1; i <= n; i++) {
            sum = sum.mul(x.mul(0.5 / i));
        }
        return sum;
    }

    // 1 - (m - 1)/(8x) (1 - (m - 9)/(2 8x) (1 - ..)) with m = 4 n^2
    private static Tensor expansion(int n, Tensor x) {
        Tensor inverse = x.reciprocal();
        Tensor sum = x.onesLike();
        for (int k = ASYMPTOTIC_TERMS; k > 0; k--) {
            sum = sum.mul(inverse).mul(-ratio(n, k)).add(1);
        }
        return sum;
    }

    private static double ratio(int n, int k) {
        return (4.0 * n * n - (2.0 * k - 1) * (2.0 * k - 1)) / (8.0 * k);
    }

    static Tensor first(int n, Tensor x) {
        check("besselJ", n);
        Composite op =
                Composite.of(
                        "bessel_j",
                        List.of(n),
                        in -> List.of(firstBody(n, in.getFirst())),
                        p -> p.give(0, () -> p.g().mul(firstSlope(n, p.x(0)))));
        return Tensor.apply(op, List.of(x)).getFirst();
    }

    private static Tensor firstSlope(int n, Tensor x) {
        Tensor above = first(n + 1, x);
        return n == 0 ? above.neg() : first(n - 1, x).sub(above).mul(0.5);
    }

    private static Tensor firstBody(int n, Tensor x) {
        Tensor size = x.abs();
        Tensor far = size.gt(FAR_FIRST);
        Tensor near = Tensor.where(far, size.onesLike(), size);
        Tensor distant = Tensor.where(far, size, size.zerosLike().add(FAR_FIRST));
        Tensor y = Tensor.where(far, waves(n, distant), integral(n, near));
        return n % 2 == 0 ? y : Tensor.where(x.lt(0), y.neg(), y);
    }

    // The mean over a quarter of the period of cos(n a) cos(x sin a), or of both sines.
    private static Tensor integral(int n, Tensor x) {
        boolean even = n % 2 == 0;
        List<Tensor> parts = new ArrayList<>();
        for (int i = even ? 0 : 1; i <= QUARTER; i++) {
            double angle = Math.PI / 2 * i / QUARTER;
            double factor = (even ? Math.cos(n * angle) : Math.sin(n * angle)) / QUARTER;
            Tensor inner = x.mul(Math.sin(angle));
            double weight = i == 0 || i == QUARTER ? factor / 2 : factor;
            parts.add((even ? inner.cos() : inner.sin()).mul(weight));
        }
        return parts.stream().reduce(Tensor::add).orElseThrow();
    }

    // sqrt(2 / (pi x)) (P cos(w) - Q sin(w)) with w = x - n pi/2 - pi/4
    private static Tensor waves(int n, Tensor x) {
        Tensor inverse = x.reciprocal();
        Tensor p = x.onesLike();
        Tensor q = x.zerosLike();
        Tensor term = p;
        for (int k = 1; k <= ASYMPTOTIC_TERMS; k++) {
            term = term.mul(inverse).mul(ratio(n, k));
            boolean plus = k % 4 < 2;
            Tensor signed = plus ? term : term.neg();
            p = k % 2 == 0 ? p.add(signed) : p;
            q = k % 2 == 1 ? q.add(signed) : q;
        }
        Tensor cos = x.cos();
        Tensor sin = x.sin();
        // of x - pi/4, each without its square root of 2
        Tensor c = cos.add(sin);
        Tensor s = sin.sub(cos);
        Tensor wave =
                switch (n % 4) {
                    case 0 -> p.mul(c).sub(q.mul(s));
                    case 1 -> p.mul(s).add(q.mul(c));
                    case 2 -> q.mul(s).sub(p.mul(c));
                    default -> p.mul(s).add(q.mul(c)).neg();
                };
        Tensor infinite = x.eq(Double.POSITIVE_INFINITY);
        Tensor y = wave.mul(inverse.mul(1 / Math.PI).sqrt());
        return Tensor.where(infinite, x.zerosLike(), y);
    }
}
