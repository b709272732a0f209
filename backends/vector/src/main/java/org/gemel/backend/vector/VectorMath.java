package org.gemel.backend.vector;

import org.gemel.DType;
import org.gemel.backend.vector.VectorCode.Value;

/// Elementary functions as vector code, free of branches and the same on every machine.
///
/// Most reduce the argument to a small interval (Cody and Waite) and sum a polynomial there; every
/// step is an IEEE operation or an fma, so the bits depend on the argument alone. One text serves
/// both types, with constants and lengths of the series to match.
final class VectorMath {
    // (e^r - 1 - r) / r^2 for |r| up to half of log 2: relative error of e^r below 4e-9
    private static final double[] EXPONENTIAL_SINGLE = {
        0.4999999334632269,
        0.16666519128931817,
        0.041668405745833643,
        0.008368898781186518,
        0.001381422072336967
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

    /// `x = n log 2 + r` with `n` an integer and `r` at most half of `log 2`.
    ///
    /// @param shifted bits that end in those of `n`
    record Reduced(Value shifted, Value r) {}

    Reduced reduceByLog2(Value x) {
        Value shifted = c.fma(x, k(1.4426950408889634), magic());
        Value n = c.sub(shifted, magic());
        // log 2 in two parts, the first short enough for n times it to be exact
        Value high = pick(-0.693359375, -6.93147180369123816490e-01);
        Value low = pick(2.12194440e-4, -1.90821492927058770002e-10);
        return new Reduced(c.reinterpret(shifted, bits), c.fma(n, low, c.fma(n, high, x)));
    }

    /// The polynomial in `x` with these coefficients, that of `x^0` first.
    Value polynomial(double[] coefficients, Value x) {
        Value sum = k(coefficients[coefficients.length - 1]);
        for (int i = coefficients.length - 2; i >= 0; i--) {
            sum = c.fma(sum, x, k(coefficients[i]));
        }
        return sum;
    }

    // (e^r - 1 - r) / r^2
    private Value exponentialRest(Value r) {
        if (single) {
            return polynomial(EXPONENTIAL_SINGLE, r);
        }
        int last = 14;
        double factorial = 1;
        for (int i = 2; i <= last; i++) {
            factorial *= i;
        }
        Value sum = k(1 / factorial);
        for (int i = last - 1; i >= 2; i--) {
            factorial /= i + 1;
            sum = c.fma(sum, r, k(1 / factorial));
        }
        return sum;
    }

    Value exp(Value x) {
        Reduced reduced = reduceByLog2(x);
        return scaled(reduced.r, reduced.shifted, x, -80, -700, 89, 710, -104, -746);
    }

    /// `exp(x + rest)` for a rest that is small against `x`.
    Value exp(Value x, Value rest) {
        Reduced reduced = reduceByLog2(x);
        Value r = c.add(reduced.r, rest);
        return scaled(r, reduced.shifted, x, -80, -700, 89, 710, -104, -746);
    }

    Value exp2(Value x) {
        Value shifted = c.add(x, magic());
        Value n = c.sub(shifted, magic());
        Value r = c.mul(c.sub(x, n), k(Math.log(2)));
        Value last = c.reinterpret(shifted, bits);
        return scaled(r, last, x, -120, -1000, 129, 1025, -151, -1076);
    }

    // e^r 2^n where `shifted` ends in n, infinite above and 0 below the bounds of x. In two steps,
    // because the largest results and the denormal ones have no single factor: 2^(n-1) and 2, or
    // 2^(n+64) and 2^-64 where x is small.
    private Value scaled(
            Value r,
            Value shifted,
            Value x,
            double small,
            double smallDouble,
            double top,
            double topDouble,
            double low,
            double lowDouble) {
        Value power = c.fma(c.fma(exponentialRest(r), r, one), r, one);
        Value down = c.compare("LT", x, pick(small, smallDouble));
        Value factor = power(shifted, c.blend(down, k(0x1p64), k(0.5)));
        Value y = c.mul(c.mul(power, factor), c.blend(down, k(0x1p-64), k(2)));
        return bounded(y, x, top, topDouble, low, lowDouble);
    }

    // `start 2^n` for a power of two, where `shifted` ends in n: the shift leaves nothing before it
    private Value power(Value shifted, Value start) {
        Value exponent = c.shift("LSHL", shifted, single ? 23 : 52);
        return c.reinterpret(c.add(exponent, c.reinterpret(start, bits)), type);
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
        Value power = c.fma(c.mul(r, r), exponentialRest(r), r);
        // half of 2^n, which may be too large itself
        Value half = power(reduced.shifted, k(0.5));
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

    /// `-y / (y + 1)` with `2 y = exp(-2 |x|) - 1`.
    Value tanh(Value x) {
        Value size = abs(x);
        Reduced reduced = reduceByLog2(c.mul(size, k(-2)));
        Value r = reduced.r;
        Value power = c.fma(c.mul(r, r), exponentialRest(r), r);
        Value half = power(reduced.shifted, k(0.5));
        Value y = c.fma(half, power, c.sub(half, k(0.5)));
        Value t = c.blend(c.compare("GT", size, pick(9.02, 19.1)), one, c.div(y, c.add(y, one)));
        return withSign(abs(t), x);
    }

    Value sigmoid(Value x) {
        Value e = exp(c.unary("NEG", abs(x)));
        Value top = c.blend(c.compare("LT", x, k(0)), e, one);
        return c.div(top, c.add(one, e));
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
