package org.gemel;

import java.util.List;
import org.gemel.op.Composite;

/// The logarithm of the gamma function and its derivatives, as composites.
///
/// Arguments below 1/2 are reflected, the others raised by recurrence to where the asymptotic
/// series (DLMF 5.11.1, 5.11.2, 5.15.8) has the digits of f64.
final class GammaFunctions {
    // How far arguments are raised: the series then starts at 8.5 or more.
    private static final int STEPS = 8;

    // B(2k) / (2k (2k - 1)) for k = 1, 2, ..
    private static final double[] STIRLING = {
        1.0 / 12,
        -1.0 / 360,
        1.0 / 1260,
        -1.0 / 1680,
        1.0 / 1188,
        -691.0 / 360360,
        1.0 / 156,
        -3617.0 / 122400
    };

    // log|gamma|, and infinity at the poles
    private static final Composite LGAMMA =
            Composite.of(
                    "lgamma",
                    List.of(),
                    in -> List.of(lgammaWide(in.getFirst())),
                    p -> p.give(0, () -> p.g().mul(p.x(0).digamma())));

    private static final Composite DIGAMMA =
            Composite.of(
                    "digamma",
                    List.of(),
                    in -> List.of(digammaBody(in.getFirst())),
                    p -> p.give(0, () -> p.g().mul(polygamma(1, p.x(0)))));

    private GammaFunctions() {}

    static Tensor lgamma(Tensor x) {
        return Tensor.apply(LGAMMA, List.of(x)).getFirst();
    }

    static Tensor digamma(Tensor x) {
        return Tensor.apply(DIGAMMA, List.of(x)).getFirst();
    }

    static Tensor polygamma(int n, Tensor x) {
        if (n < 0) {
            throw new TypeException(
                    "polygamma: expects an order of at least 0, but got %d; check it".formatted(n));
        }
        if (n == 0) {
            return digamma(x);
        }
        Composite op =
                Composite.of(
                        "polygamma",
                        List.of(n),
                        in -> List.of(polygammaBody(n, in.getFirst())),
                        p -> p.give(0, () -> p.g().mul(polygamma(n + 1, p.x(0)))));
        return Tensor.apply(op, List.of(x)).getFirst();
    }

    static Tensor multigammaln(Tensor x, int p) {
        if (p < 1) {
            throw new TypeException(
                    "multigammaln: expects a dimension of at least 1, but got %d; check it"
                            .formatted(p));
        }
        Tensor sum = lgamma(x);
        for (int j = 1; j < p; j++) {
            sum = sum.add(lgamma(x.sub(0.5 * j)));
        }
        return sum.add(0.25 * Math.log(Math.PI) * p * (p - 1));
    }

    // x, or 1 - x where that is larger
    private static Tensor reflected(Tensor x) {
        return Tensor.where(x.lt(0.5), x.rsub(1), x);
    }

    // x to the nearest integer: sine and tangent of pi x follow from it without its error
    private static Tensor offset(Tensor x) {
        return x.sub(x.round());
    }

    // near the zeros at 1 and 2 large terms cancel, which f32 has not the digits for
    private static Tensor lgammaWide(Tensor x) {
        return x.dtype() == DType.F32 ? lgammaBody(x.to(DType.F64)).to(DType.F32) : lgammaBody(x);
    }

    private static Tensor lgammaBody(Tensor x) {
        Tensor right = reflected(x);
        // far out the recurrence changes nothing and would overflow
        Tensor far = right.gt(1e3);
        Tensor near = Tensor.where(far, right.onesLike(), right);
        Tensor product = near;
        for (int i = 1; i < STEPS; i++) {
            product = product.mul(near.add(i));
        }
        Tensor y = Tensor.where(far, stirling(right), stirling(near.add(STEPS)).sub(product.log()));
        Tensor sine = offset(x).mul(Math.PI).sin().abs();
        Tensor left = sine.log().neg().add(Math.log(Math.PI)).sub(y);
        Tensor infinite = x.abs().eq(Double.POSITIVE_INFINITY);
        return Tensor.where(infinite, x.abs(), Tensor.where(x.lt(0.5), left, y));
    }

    // (z - 1/2) log z - z + log(2 pi) / 2 + 1/(12 z) - ..
    private static Tensor stirling(Tensor z) {
        Tensor inverse = z.reciprocal();
        Tensor square = inverse.square();
        Tensor series = square.mul(STIRLING[STIRLING.length - 1]);
        for (int k = STIRLING.length - 2; k > 0; k--) {
            series = series.add(STIRLING[k]).mul(square);
        }
        Tensor rest = series.add(STIRLING[0]).mul(inverse).add(0.5 * Math.log(2 * Math.PI));
        return z.sub(0.5).mul(z.log().sub(1)).add(rest.sub(0.5));
    }

    private static Tensor digammaBody(Tensor x) {
        Tensor right = reflected(x);
        Tensor sum = right.reciprocal();
        for (int i = 1; i < STEPS; i++) {
            sum = sum.add(right.add(i).reciprocal());
        }
        Tensor inverse = right.add(STEPS).reciprocal();
        Tensor square = inverse.square();
        Tensor series = square.mul((1 - 2 * STIRLING.length) * STIRLING[STIRLING.length - 1]);
        for (int k = STIRLING.length - 2; k >= 0; k--) {
            series = series.add((-1 - 2 * k) * STIRLING[k]).mul(square);
        }
        Tensor y = right.add(STEPS).log().sub(inverse.mul(0.5)).add(series).sub(sum);
        Tensor below = x.lt(0.5);
        // elsewhere the tangent's pole must not reach the derivative
        Tensor angle = Tensor.where(below, offset(x), x.zerosLike().add(0.25)).mul(Math.PI);
        Tensor found = Tensor.where(below, y.sub(angle.tan().reciprocal().mul(Math.PI)), y);
        // the other poles have no sign
        Tensor none = x.zerosLike().add(Double.NaN);
        Tensor pole = x.le(0).and(x.eq(x.round()));
        return Tensor.where(pole, Tensor.where(x.eq(0), x.reciprocal().neg(), none), found);
    }

    // n! times the sum of (x + k)^-(n + 1), by the formula of Euler and Maclaurin (DLMF 25.11.28)
    // from where that has its digits; below 0 by reflection.
    private static Tensor polygammaBody(int n, Tensor x) {
        Tensor below = x.lt(0);
        Tensor right = Tensor.where(below, x.rsub(1), x);
        int steps = STEPS + n;
        Tensor sum = power(right.reciprocal(), n + 1);
        for (int i = 1; i < steps; i++) {
            sum = sum.add(power(right.add(i).reciprocal(), n + 1));
        }
        Tensor inverse = right.add(steps).reciprocal();
        Tensor square = inverse.square();
        Tensor series = square.mul(coefficient(n + 1, STIRLING.length - 1));
        for (int k = STIRLING.length - 2; k > 0; k--) {
            series = series.add(coefficient(n + 1, k)).mul(square);
        }
        Tensor rest = series.add(coefficient(n + 1, 0)).mul(inverse).add(0.5).mul(inverse);
        double factorial = 1;
        for (int i = 2; i <= n; i++) {
            factorial *= i;
        }
        boolean even = n % 2 == 0;
        Tensor y =
                sum.add(rest.add(1.0 / n).mul(power(inverse, n)))
                        .mul(even ? -factorial : factorial);
        Tensor cotangent = offset(x).mul(Math.PI).tan().reciprocal();
        Tensor reflected = (even ? y : y.neg()).sub(cotangents(n, cotangent).mul(Math.PI));
        return Tensor.where(below, reflected, y);
    }

    // B(2k + 2) / (2k + 2)! s (s + 1) .. (s + 2k)
    private static double coefficient(int s, int k) {
        double product = STIRLING[k] * s;
        for (int j = 1; j <= 2 * k; j++) {
            product *= (double) (s + j) / j;
        }
        return product;
    }

    private static Tensor power(Tensor x, int exponent) {
        Tensor y = x;
        for (int bit = Integer.highestOneBit(exponent) / 2; bit > 0; bit /= 2) {
            y = y.square();
            y = (exponent & bit) == 0 ? y : y.mul(x);
        }
        return y;
    }

    // The n-th derivative of cot(pi x), a polynomial of c = cot(pi x), whose own is -pi (1 + c c).
    private static Tensor cotangents(int n, Tensor c) {
        double[] p = {0, 1};
        for (int i = 0; i < n; i++) {
            double[] next = new double[p.length + 1];
            for (int k = 1; k < p.length; k++) {
                next[k - 1] -= Math.PI * k * p[k];
                next[k + 1] -= Math.PI * k * p[k];
            }
            p = next;
        }
        Tensor y = c.mul(p[p.length - 1]);
        for (int k = p.length - 2; k > 0; k--) {
            y = y.add(p[k]).mul(c);
        }
        return y.add(p[0]);
    }
}
