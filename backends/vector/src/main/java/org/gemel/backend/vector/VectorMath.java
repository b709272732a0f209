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

    private final VectorCode c;
    private final DType type;
    private final DType bits;
    private final boolean single;
    private final Value one;

    VectorMath(VectorCode c, DType type) {
        this.c = c;
        this.type = type;
        this.single = type == DType.F32;
        this.bits = single ? DType.I32 : DType.I64;
        this.one = k(1);
    }

    private Value k(double value) {
        return c.constant(type, value);
    }

    private Value pick(double ifSingle, double ifDouble) {
        return k(single ? ifSingle : ifDouble);
    }

    private Value abs(Value x) {
        return c.unary("ABS", x);
    }

    private Value signMask() {
        return c.integer(bits, single ? Integer.MIN_VALUE : Long.MIN_VALUE);
    }

    /// `size`, which is not negative, with the sign of `x`.
    Value withSign(Value size, Value x) {
        Value sign = c.binary("AND", c.reinterpret(x, bits), signMask());
        return c.reinterpret(c.binary("OR", c.reinterpret(size, bits), sign), type);
    }

    // Adding this leaves the nearest integer in the low bits.
    private Value magic() {
        return pick(0x1.8p23, 0x1.8p52);
    }

    private Value magicBits() {
        return c.integer(
                bits,
                single ? Float.floatToRawIntBits(0x1.8p23f) : Double.doubleToRawLongBits(0x1.8p52));
    }

    /// The power of two with the exponent in each lane, within the range of normal numbers.
    private Value powerOfTwo(Value exponent) {
        Value biased = c.add(exponent, c.integer(bits, single ? 127 : 1023));
        return c.reinterpret(c.shift("LSHL", biased, single ? 23 : 52), type);
    }

    /// `x = n log 2 + r` with `n` an integer, also as one, and `r` at most half of `log 2`.
    private record Reduced(Value n, Value r) {}

    private Reduced reduceByLog2(Value x) {
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
        Value r = reduced.r;
        Value power = c.fma(c.mul(r, r), exponentialSeries(r, 2), r);
        power = c.add(power, one);
        // in two steps, because denormal results have no single factor
        Value half = c.shift("ASHR", reduced.n, 1);
        Value scaled = c.mul(power, powerOfTwo(half));
        scaled = c.mul(scaled, powerOfTwo(c.sub(reduced.n, half)));
        Value bounded =
                c.blend(c.compare("GT", x, pick(89, 710)), k(Double.POSITIVE_INFINITY), scaled);
        return c.blend(c.compare("LT", x, pick(-104, -746)), k(0), bounded);
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

    /// After fdlibm's `log`: with `x = 2^e (1 + f)` and `s = f / (2 + f)`, the series of `atanh s`.
    Value log(Value x) {
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
        e = c.blend(tiny, c.sub(e, pick(24, 54)), e);
        Value s = c.div(f, c.add(k(2), f));
        Value z = c.mul(s, s);
        int terms = single ? 4 : 10;
        Value series = k(2.0 / (2 * terms + 1));
        for (int i = terms - 1; i >= 1; i--) {
            series = c.fma(series, z, k(2.0 / (2 * i + 1)));
        }
        series = c.mul(series, z);
        Value square = c.mul(c.mul(k(0.5), f), f);
        Value high = pick(0.693359375, 6.93147180369123816490e-01);
        Value low = pick(-2.12194440e-4, 1.90821492927058770002e-10);
        Value small = c.fma(s, c.add(square, series), c.mul(e, low));
        Value y = c.fma(e, high, c.sub(f, c.sub(square, small)));
        y = c.blend(c.compare("EQ", x, k(Double.POSITIVE_INFINITY)), x, y);
        y = c.blend(c.compare("EQ", x, k(0)), k(Double.NEGATIVE_INFINITY), y);
        return c.blend(c.compare("GE", x, k(0)), y, k(Double.NaN));
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

    Value sin(Value x) {
        return c.blend(c.compare("EQ", x, k(0)), x, circular(x, false));
    }

    Value cos(Value x) {
        return circular(x, true);
    }

    /// Up to where the reduction below is accurate.
    Value circularLimit() {
        return pick(20_000, 1e7);
    }

    private Value circular(Value x, boolean cosine) {
        Value shifted = c.fma(x, k(2 / Math.PI), magic());
        Value n = c.sub(shifted, magic());
        Value quarter = c.reinterpret(shifted, bits);
        if (cosine) {
            quarter = c.add(quarter, c.integer(bits, 1));
        }
        // pi / 2 in three parts
        Value r = c.fma(n, pick(-1.57079637050628662109375, -1.5707963267948966), x);
        r = c.fma(n, pick(4.371138828673792886547744274139e-8, -6.123233995736766e-17), r);
        r = c.fma(n, pick(1.7151245100058454e-15, 1.4973849048591833e-33), r);
        Value z = c.mul(r, r);
        Value sine = c.fma(c.mul(r, z), alternating(z, 3, single ? 9 : 17), r);
        Value even = alternating(z, 4, single ? 10 : 18);
        // 1 - z/2 + z^2 even, with what rounding 1 - z/2 loses
        Value half = c.mul(z, k(0.5));
        Value high = c.sub(one, half);
        Value rest = c.sub(c.sub(one, high), half);
        Value cos = c.add(high, c.fma(c.mul(z, z), even, rest));
        Value odd =
                c.compare("NE", c.binary("AND", quarter, c.integer(bits, 1)), c.integer(bits, 0));
        Value y = c.blend(odd, cos, sine);
        Value sign =
                c.shift("LSHL", c.binary("AND", quarter, c.integer(bits, 2)), single ? 30 : 62);
        return c.reinterpret(c.binary("XOR", c.reinterpret(y, bits), sign), type);
    }

    // the series of sine or cosine from power `first` on, divided by that power
    private Value alternating(Value z, int first, int last) {
        double factorial = 1;
        for (int i = 2; i <= last; i++) {
            factorial *= i;
        }
        Value sum = k((last / 2 % 2 == 0 ? 1 : -1) / factorial);
        for (int i = last - 2; i >= first; i -= 2) {
            factorial /= (i + 1.0) * (i + 2.0);
            sum = c.fma(sum, z, k((i / 2 % 2 == 0 ? 1 : -1) / factorial));
        }
        return sum;
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

    Value ceil(Value x) {
        Value near = round(x);
        Value up = c.blend(c.compare("LT", near, x), c.add(near, one), near);
        return c.blend(c.compare("EQ", up, k(0)), withSign(abs(up), x), up);
    }
}
