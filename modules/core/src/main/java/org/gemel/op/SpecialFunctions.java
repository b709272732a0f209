package org.gemel.op;

/// Functions that [Math] does not have, or has otherwise, for the reference meanings.
final class SpecialFunctions {
    // Beyond this, x x + 1 is x x.
    private static final double LARGE = 0x1p28;

    private SpecialFunctions() {}

    /// `1 / (1 + e^-x)`, also where `e^-x` is too large.
    static double sigmoid(double x) {
        double e = Math.exp(-Math.abs(x));
        return (x < 0 ? e : 1) / (1 + e);
    }

    /// The logarithm to base 2: of the power of two exactly, of the rest by [Math#log].
    static double log2(double x) {
        if (!(x > 0) || Double.isInfinite(x)) {
            return Math.log(x);
        }
        int exponent = Math.getExponent(x < Double.MIN_NORMAL ? x * 0x1p54 : x);
        exponent -= x < Double.MIN_NORMAL ? 54 : 0;
        double rest = Math.scalb(x, -exponent);
        if (rest > Math.sqrt(2)) {
            exponent++;
            rest /= 2;
        }
        return exponent + Math.log(rest) / Math.log(2);
    }

    /// The inverse of [Math#sinh].
    static double asinh(double x) {
        double a = Math.abs(x);
        double y =
                a > LARGE
                        ? Math.log(a) + Math.log(2)
                        : Math.log1p(a + a * a / (1 + Math.sqrt(a * a + 1)));
        return Math.copySign(y, x);
    }

    /// The inverse of [Math#cosh].
    static double acosh(double x) {
        double above = x - 1;
        if (!(above >= 0)) {
            return Double.NaN;
        }
        return x > LARGE
                ? Math.log(x) + Math.log(2)
                : Math.log1p(above + Math.sqrt(above * (above + 2)));
    }

    /// The inverse of [Math#tanh].
    static double atanh(double x) {
        double a = Math.abs(x);
        return Math.copySign(0.5 * Math.log1p(2 * a / (1 - a)), x);
    }

    /// `a` to the power `b` as IEEE 754-2019 has it (9.2.1); [Math#pow] differs where `a` is 1, or
    /// -1 to an infinite power.
    static double pow(double a, double b) {
        return a == 1 || (a == -1 && Double.isInfinite(b)) ? 1 : Math.pow(a, b);
    }

    /// `a` to the power `b`, modulo 2^64.
    static long pow(long a, long b) {
        if (b < 0) {
            return a == 1 ? 1 : a == -1 ? 1 - 2 * (b & 1) : 0;
        }
        long result = 1;
        long square = a;
        for (long rest = b; rest != 0; rest >>= 1) {
            result *= (rest & 1) == 0 ? 1 : square;
            square *= square;
        }
        return result;
    }

    /// What is left of `a`, with the sign of `b`.
    static double remainder(double a, double b) {
        double rest = a % b;
        return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
    }
}
