package org.gemel.op;

/// The error function in `double`, for the reference meanings of [Unary#ERF] and [Unary#ERFC].
final class ErrorFunction {
    // From here on the continued fraction.
    private static final double FAR = 1;

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
        return a < FAR ? series(x) : Math.copySign(1 - complement(a), x);
    }

    /// `1 - erf(x)`, to a few ulp also where it is small.
    static double erfc(double x) {
        if (Double.isNaN(x)) {
            return x;
        }
        if (x < 0.5) {
            return x > -FAR ? 1 - series(x) : 2 - complement(-x);
        }
        return complement(x);
    }

    // erf(x) = 2/sqrt(pi) e^{-x^2} x (1 + 2x^2/3 (1 + 2x^2/5 (1 + ..))): all terms have one sign
    private static double series(double x) {
        double sum = 1;
        for (int n = 40; n >= 1; n--) {
            sum = 1 + 2 * x * x / (2 * n + 1) * sum;
        }
        return 2 / Math.sqrt(Math.PI) * x * gauss(x) * sum;
    }

    // erfc(a) = e^{-a^2} / sqrt(pi) / (a + (1/2) / (a + 1 / (a + (3/2) / (a + ..))))
    private static double complement(double a) {
        double fraction = a;
        // the nearer to zero, the slower it converges
        for (int n = a < 2.5 ? 1_000 : 120; n >= 1; n--) {
            fraction = a + n / 2.0 / fraction;
        }
        return a > 28 ? 0 : gauss(a) / Math.sqrt(Math.PI) / fraction;
    }

    // e^{-x^2} with the square in two parts: its rounding error counts x^2 times.
    private static double gauss(double x) {
        double high = x * x;
        double low = Math.fma(x, x, -high);
        return Math.exp(-high) * (1 - low);
    }
}
