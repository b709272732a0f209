package org.gemel;

/// Special functions beyond those of [Tensor], point by point.
///
/// All of them take f32 and f64, have derivatives of any order unless they say otherwise, and are
/// composites: their formulas come from the NIST Digital Library of Mathematical Functions (DLMF).
///
/// Accuracy: f64 results on dense samples are within 16 ulp of values with 40 digits, those of
/// [#erfcx] and [#logNdtr] within 64, those of [#ndtr] within `x x` ulp far to the left; those of
/// [#besselJ] within 5e-16, and a ulp of the angle far out.
public final class Special {
    private Special() {}

    /// The `n`-th derivative of [Tensor#digamma]: for `n` of 1 the trigamma function. Infinite at
    /// 0, -1, -2 ...
    public static Tensor polygamma(int n, Tensor x) {
        return GammaFunctions.polygamma(n, x);
    }

    /// The logarithm of the multivariate gamma function of dimension `p`: `log(pi) p (p - 1) / 4`
    /// and the sum of `lgamma(x - j/2)` for `j` below `p`. Real above `(p - 1) / 2`.
    public static Tensor multigammaln(Tensor x, int p) {
        return GammaFunctions.multigammaln(x, p);
    }

    /// Hurwitz's zeta function: the sum of `(q + k)^-s` over `k = 0, 1, ..`, for `s` above 1 and
    /// positive `q`. Infinite for `s` of 1 and for `q` of 0, -1 ..; NaN elsewhere.
    public static Tensor zeta(Tensor s, Tensor q) {
        return ZetaFunction.zeta(s, q);
    }

    /// `x log(1 + y)`, 0 where `x` is 0 and `y` a number.
    public static Tensor xlog1py(Tensor x, Tensor y) {
        return NormalFunctions.xlog1py(x, y);
    }

    /// The share in an entropy: `-x log x`, 0 at 0, `-inf` below.
    public static Tensor entr(Tensor x) {
        return NormalFunctions.entr(x);
    }

    /// The scaled complementary error function `e^(x x) erfc(x)`, which does not underflow.
    public static Tensor erfcx(Tensor x) {
        return NormalFunctions.erfcx(x);
    }

    /// The share of the standard normal distribution below `x`.
    public static Tensor ndtr(Tensor x) {
        return NormalFunctions.ndtr(x);
    }

    /// The logarithm of [#ndtr], accurate far out on both sides.
    public static Tensor logNdtr(Tensor x) {
        return NormalFunctions.logNdtr(x);
    }

    /// The inverse of [#ndtr]: where the standard normal distribution has a share `p` below.
    /// Infinite at 0 and 1, NaN outside.
    public static Tensor ndtri(Tensor p) {
        return NormalFunctions.ndtri(p);
    }

    /// The modified Bessel function of the first kind of order `n`, at least 0.
    public static Tensor besselI(int n, Tensor x) {
        return BesselFunctions.modified(n, false, x);
    }

    /// [#besselI] times `e^-|x|`, which does not overflow.
    public static Tensor scaledBesselI(int n, Tensor x) {
        return BesselFunctions.modified(n, true, x);
    }

    /// The Bessel function of the first kind of order `n`, at least 0; absolute errors are about
    /// those of a sine.
    public static Tensor besselJ(int n, Tensor x) {
        return BesselFunctions.first(n, x);
    }
}
