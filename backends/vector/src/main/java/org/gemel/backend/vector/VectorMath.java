package org.gemel.backend.vector;

import org.gemel.DType;
import org.gemel.backend.vector.VectorCode.Value;

/// Elementary functions as vector code, free of branches and the same on every machine.
///
/// Each reduces its argument to a small interval (Cody and Waite) and sums a Taylor series there;
/// every step is an IEEE operation or an fma, so the bits depend on the argument alone. One text
/// serves both types, with constants and lengths of the series to match.
final class VectorMath {
    // exp(x^2) erfc(x) for x in [1, 4], error of erfc below 3e-9
    private static final double[] COMPLEMENT_SINGLE = {
        0.25539567631050575,
        -0.4271859897684867,
        0.2416582015255602,
        -0.07896830612793473,
        0.0037323717589395444,
        0.006811140131085635,
        -0.0008379754387023135
    };

    // and in [1, 6], below 1e-17
    private static final double[] COMPLEMENT_DOUBLE = {
        0.25539567631050575,
        -0.4271858474139579,
        0.24165819424246987,
        -0.07897858101585253,
        0.00373289240349224,
        0.006997461747753573,
        -0.0008471431980760424,
        -0.0009819773208131022,
        4.3554202452705896e-05,
        0.00017436697232946864,
        2.754312818566672e-05,
        -2.7647305443610053e-05,
        -1.4067532694582058e-05,
        1.820143195975009e-06,
        3.917059299925389e-06
    };

    // exp(x^2) erfc(x) (1 + 2 x) for x in [1/2, 10], relative error below 4e-9
    private static final double[] TAIL_SINGLE = {
        1.2530080574731912,
        -0.1356210503418582,
        -0.04756221525797708,
        0.1296427750524512,
        -0.11927529563521154,
        0.06833600754842946,
        -0.023755261028733616,
        0.002400878095826248,
        0.0018223489240345617,
        -0.0005449524876759817
    };

    // and in [1/2, 27.5], below 6e-17
    private static final double[] TAIL_DOUBLE = {
        1.2530080582697296,
        -0.13562110612458078,
        -0.047562294353434856,
        0.12964515870271406,
        -0.11927366341631657,
        0.06830802734573008,
        -0.023770514893807177,
        0.0025293917847977613,
        0.0018886900466138896,
        -0.0007798319554266182,
        -0.00010515752027672682,
        0.00012509737050957654,
        4.939229801405623e-06,
        -2.009261188758094e-05,
        -7.023509039180702e-07,
        3.4518449843583143e-06,
        3.04791548139816e-07,
        -5.834090478140438e-07,
        -8.57441390818395e-08,
        7.096737973270051e-08,
        9.188186559785616e-09
    };

    final VectorCode c;
    final DType type;
    final DType bits;
    final boolean single;
    final Value one;

    VectorMath(VectorCode c, DType type) {
        this.c = c;
        this.type = type;
        this.single = type == DType.F32;
        this.bits = single ? DType.I32 : DType.I64;
        this.one = k(1);
    }

    Value k(double value) {
        return c.constant(type, value);
    }

    Value pick(double ifSingle, double ifDouble) {
        return k(single ? ifSingle : ifDouble);
    }

    Value abs(Value x) {
        return c.unary("ABS", x);
    }

    Value signMask() {
        return c.integer(bits, single ? Integer.MIN_VALUE : Long.MIN_VALUE);
    }

    /// `size`, which is not negative, with the sign of `x`.
    Value withSign(Value size, Value x) {
        Value sign = c.binary("AND", c.reinterpret(x, bits), signMask());
        return c.reinterpret(c.binary("OR", c.reinterpret(size, bits), sign), type);
    }

    // Adding this leaves the nearest integer in the low bits.
    Value magic() {
        return pick(0x1.8p23, 0x1.8p52);
    }

    private Value magicBits() {
        return c.integer(
                bits,
                single ? Float.floatToRawIntBits(0x1.8p23f) : Double.doubleToRawLongBits(0x1.8p52));
    }

    /// The power of two with the exponent in each lane, within the range of normal numbers.
    Value powerOfTwo(Value exponent) {
        Value biased = c.add(exponent, c.integer(bits, single ? 127 : 1023));
        return c.reinterpret(c.shift("LSHL", biased, single ? 23 : 52), type);
    }

    /// `x = n log 2 + r` with `n` an integer, also as one, and `r` at most half of `log 2`.
    record Reduced(Value n, Value r) {}

    Reduced reduceByLog2(Value x) {
        Value shifted = c.fma(x, k(1.4426950408889634), magic());
        Value n = c.sub(shifted, magic());
        Value integer = c.sub(c.reinterpret(shifted, bits), magicBits());
        // log 2 in two parts, the first short enough for n times it to be exact
        Value high = pick(-0.693359375, -6.93147180369123816490e-01);
        Value low = pick(2.12194440e-4, -1.90821492927058770002e-10);
        return new Reduced(integer, c.fma(n, low, c.fma(n, high, x)));
    }

    // sum of r^i / (i + first)! for i up to the type's precision
    private Value exponentialSeries(Value r, int first) {
        int last = single ? 8 : 14;
        double factorial = 1;
        for (int i = 2; i <= last; i++) {
            factorial *= i;
        }
        Value sum = k(1 / factorial);
        for (int i = last - 1; i >= first; i--) {
            factorial /= i + 1;
            sum = c.fma(sum, r, k(1 / factorial));
        }
        return sum;
    }

    Value exp(Value x) {
        Reduced reduced = reduceByLog2(x);
        return bounded(scaled(reduced.r, reduced.n), x, 89, 710, -104, -746);
    }

    /// `exp(x + rest)` for a rest that is small against `x`.
    Value exp(Value x, Value rest) {
        Reduced reduced = reduceByLog2(x);
        return bounded(scaled(c.add(reduced.r, rest), reduced.n), x, 89, 710, -104, -746);
    }

    Value exp2(Value x) {
        Value shifted = c.add(x, magic());
        Value n = c.sub(shifted, magic());
        Value integer = c.sub(c.reinterpret(shifted, bits), magicBits());
        Value r = c.mul(c.sub(x, n), k(Math.log(2)));
        return bounded(scaled(r, integer), x, 129, 1025, -151, -1076);
    }

    // e^r 2^n; in two steps, because denormal results have no single factor
    private Value scaled(Value r, Value n) {
        Value power = c.fma(c.mul(r, r), exponentialSeries(r, 2), r);
        power = c.add(power, one);
        Value half = c.shift("ASHR", n, 1);
        Value scaled = c.mul(power, powerOfTwo(half));
        return c.mul(scaled, powerOfTwo(c.sub(n, half)));
    }

    // y, infinite above and 0 below the bounds of x, for either type
    private Value bounded(
            Value y, Value x, double top, double topDouble, double low, double lowDouble) {
        Value above = c.compare("GT", x, pick(top, topDouble));
        Value bounded = c.blend(above, k(Double.POSITIVE_INFINITY), y);
        return c.blend(c.compare("LT", x, pick(low, lowDouble)), k(0), bounded);
    }

    Value expm1(Value x) {
        Reduced reduced = reduceByLog2(x);
        Value r = reduced.r;
        Value power = c.fma(c.mul(r, r), exponentialSeries(r, 2), r);
        // half of 2^n, which may be too large itself
        Value half = powerOfTwo(c.sub(reduced.n, c.integer(bits, 1)));
        Value y = c.fma(half, power, c.sub(half, k(0.5)));
        y = c.add(y, y);
        y = c.blend(c.compare("GT", x, pick(89, 710)), k(Double.POSITIVE_INFINITY), y);
        y = c.blend(c.compare("LT", x, pick(-20, -40)), k(-1), y);
        return c.blend(c.compare("EQ", x, k(0)), x, y);
    }

    /// `x = 2^e (1 + f)` with `1 + f` between the roots of 1/2 and 2, for finite `x` above 0.
    record Split(Value e, Value f) {}

    Split split(Value x) {
        Value tiny = c.compare("LT", x, pick(0x1p-126, 0x1p-1022));
        Value normal = c.blend(tiny, c.mul(x, pick(0x1p24, 0x1p54)), x);
        Value root =
                c.integer(
                        bits, single ? 0x3f3504f3 : Double.doubleToRawLongBits(0.7071067811865476));
        Value above = c.sub(c.reinterpret(normal, bits), root);
        Value exponent = c.shift("ASHR", above, single ? 23 : 52);
        Value fraction =
                c.binary("AND", above, c.integer(bits, single ? 0x007fffff : 0x000fffffffffffffL));
        Value f = c.sub(c.reinterpret(c.add(fraction, root), type), one);
        Value e = c.convert(exponent, type);
        return new Split(c.blend(tiny, c.sub(e, pick(24, 54)), e), f);
    }

    /// `a s^1 + ...`: with `s = f / (2 + f)`, `log(1 + f) = f - (square - s (square + series))`.
    private record LogParts(Value s, Value square, Value series) {}

    // After fdlibm's `log`: the series of `atanh s`.
    private LogParts logParts(Value f) {
        Value s = c.div(f, c.add(k(2), f));
        Value z = c.mul(s, s);
        Value series = c.mul(atanhSeries(z, 1), z);
        return new LogParts(s, c.mul(c.mul(k(0.5), f), f), series);
    }

    /// `2/(2 first + 1) + 2/(2 first + 3) z + ...` for `z` below 0.03.
    Value atanhSeries(Value z, int first) {
        int terms = single ? 4 : 10;
        Value series = k(2.0 / (2 * terms + 1));
        for (int i = terms - 1; i >= first; i--) {
            series = c.fma(series, z, k(2.0 / (2 * i + 1)));
        }
        return series;
    }

    // log(1 + f), a little less than correctly rounded
    private Value logOf(Value f) {
        LogParts parts = logParts(f);
        Value small = c.mul(parts.s, c.add(parts.square, parts.series));
        return c.sub(f, c.sub(parts.square, small));
    }

    /// `y` as the logarithm of `x` to some base, but at 0, below, and at infinity.
    Value logarithm(Value y, Value x) {
        Value end = c.blend(c.compare("EQ", x, k(Double.POSITIVE_INFINITY)), x, y);
        end = c.blend(c.compare("EQ", x, k(0)), k(Double.NEGATIVE_INFINITY), end);
        return c.blend(c.compare("GE", x, k(0)), end, k(Double.NaN));
    }

    Value log(Value x) {
        Split split = split(x);
        LogParts parts = logParts(split.f);
        Value high = pick(0.693359375, 6.93147180369123816490e-01);
        Value low = pick(-2.12194440e-4, 1.90821492927058770002e-10);
        Value small = c.fma(parts.s, c.add(parts.square, parts.series), c.mul(split.e, low));
        Value y = c.fma(split.e, high, c.sub(split.f, c.sub(parts.square, small)));
        return logarithm(y, x);
    }

    Value log2(Value x) {
        Split split = split(x);
        return logarithm(c.fma(logOf(split.f), k(1 / Math.log(2)), split.e), x);
    }

    Value log10(Value x) {
        Split split = split(x);
        Value rest = c.mul(logOf(split.f), k(4.34294481903251816668e-01));
        // the logarithm of 2 in two parts, the first short
        Value high = pick(3.0102920532e-01, 3.01029995663611771306e-01);
        Value low = pick(7.9034151668e-07, 3.69423907715893078616e-13);
        return logarithm(c.fma(split.e, high, c.fma(split.e, low, rest)), x);
    }

    Value log1p(Value x) {
        Value u = c.add(one, x);
        Value lost =
                c.blend(c.compare("LT", x, one), c.sub(x, c.sub(u, one)), c.sub(one, c.sub(u, x)));
        Value y = c.add(log(u), c.div(lost, u));
        y = c.blend(c.compare("EQ", x, k(0)), x, y);
        y = c.blend(c.compare("EQ", x, k(Double.POSITIVE_INFINITY)), x, y);
        return c.blend(c.compare("EQ", x, k(-1)), k(Double.NEGATIVE_INFINITY), y);
    }

    Value tanh(Value x) {
        Value t = expm1(c.mul(abs(x), k(-2)));
        return withSign(abs(c.div(t, c.add(t, k(2)))), x);
    }

    Value sigmoid(Value x) {
        Value e = exp(c.unary("NEG", abs(x)));
        Value top = c.blend(c.compare("LT", x, k(0)), e, one);
        return c.div(top, c.add(one, e));
    }

    /// Up to 1 the Maclaurin series; beyond, `1 - exp(-x^2) q(t)` with `t = (x - 2) / (x + 2)`,
    /// where `q` interpolates `exp(x^2) erfc(x)` at Chebyshev nodes.
    Value erf(Value x) {
        Value size = abs(x);
        Value square = c.mul(x, x);
        int terms = single ? 10 : 18;
        double factorial = 1;
        for (int i = 2; i <= terms; i++) {
            factorial *= i;
        }
        double scale = 2 / Math.sqrt(Math.PI);
        Value series = k(scale * (terms % 2 == 0 ? 1 : -1) / (factorial * (2 * terms + 1)));
        for (int i = terms - 1; i >= 1; i--) {
            factorial /= i + 1;
            double next = scale * (i % 2 == 0 ? 1 : -1) / (factorial * (2 * i + 1));
            series = c.fma(series, square, k(next));
        }
        // x + x (2/sqrt(pi) - 1 + ..): the smallest x have no bits to lose
        series = c.fma(series, square, k(scale - 1));
        Value near = c.fma(size, series, size);
        Value t = c.div(c.sub(size, k(2)), c.add(size, k(2)));
        double[] q = single ? COMPLEMENT_SINGLE : COMPLEMENT_DOUBLE;
        Value complement = k(q[q.length - 1]);
        for (int i = q.length - 2; i >= 0; i--) {
            complement = c.fma(complement, t, k(q[i]));
        }
        Value far = c.sub(one, c.mul(exp(c.unary("NEG", square)), complement));
        far = c.blend(c.compare("GT", size, pick(4, 6)), one, far);
        return withSign(c.blend(c.compare("LT", size, one), near, far), x);
    }

    /// Up to 1/2 from [#erf]; beyond, `exp(-x^2) q(t) / (1 + 2 x)` with `t = (x - 3) / (x + 3)`,
    /// where `q` interpolates at Chebyshev nodes.
    Value erfc(Value x) {
        Value t = c.div(c.sub(x, k(3)), c.add(x, k(3)));
        double[] q = single ? TAIL_SINGLE : TAIL_DOUBLE;
        Value tail = k(q[q.length - 1]);
        for (int i = q.length - 2; i >= 0; i--) {
            tail = c.fma(tail, t, k(q[i]));
        }
        // the square in two parts: its rounding error counts x^2 times
        Value high = c.mul(x, x);
        Value low = c.fma(x, x, c.unary("NEG", high));
        Value gauss = exp(c.unary("NEG", high), c.unary("NEG", low));
        Value far = c.mul(gauss, c.div(tail, c.add(one, c.add(x, x))));
        far = c.blend(c.compare("GT", x, pick(11, 28)), k(0), far);
        return c.blend(c.compare("LT", x, k(0.5)), c.sub(one, erf(x)), far);
    }

    /// The nearest integer, halves to the even one.
    Value round(Value x) {
        Value large = pick(0x1p23, 0x1p52);
        Value size = abs(x);
        Value rounded = c.sub(c.add(size, large), large);
        return c.blend(c.compare("LT", size, large), withSign(rounded, x), x);
    }

    Value floor(Value x) {
        Value near = round(x);
        Value down = c.blend(c.compare("GT", near, x), c.sub(near, one), near);
        return down;
    }

    Value trunc(Value x) {
        Value size = abs(x);
        return withSign(floor(size), x);
    }

    Value ceil(Value x) {
        Value near = round(x);
        Value up = c.blend(c.compare("LT", near, x), c.add(near, one), near);
        return c.blend(c.compare("EQ", up, k(0)), withSign(abs(up), x), up);
    }
}
