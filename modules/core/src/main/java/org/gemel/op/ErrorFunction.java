package org.gemel.op;

/// The error function in `double`, for the reference meaning of [Unary#ERF].
final class ErrorFunction {
    private ErrorFunction() {}

    /// `erf(x)`, to a few ulp.
    ///
    /// Near zero the Maclaurin series (DLMF 7.6.1), far out the continued fraction of `erfc` (DLMF
    /// 7.9.1) evaluated from the back.
    static double erf(double x) {
        double a = Math.abs(x);
        if (Double.isNaN(x)) {
            return x;
        }
        if (a > 6) {
            return Math.signum(x);
        }
        if (a < 2.5) {
            // erf(x) = 2/sqrt(pi) e^{-x^2} sum 2^n x^{2n+1} / (2n+1)!!: all terms positive
            double term = x;
            double sum = x;
            for (int n = 1; n < 200 && Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
                term *= 2 * x * x / (2 * n + 1);
                sum += term;
            }
            return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
        }
        double fraction = a;
        for (int n = 120; n >= 1; n--) {
            fraction = a + n / 2.0 / fraction;
        }
        return Math.copySign(1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / fraction, x);
    }
}
