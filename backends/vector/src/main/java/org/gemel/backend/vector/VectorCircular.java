package org.gemel.backend.vector;

import java.util.List;
import org.gemel.backend.vector.VectorCode.Value;

/// Circular functions and their inverses as vector code; see [VectorMath].
///
/// @param m what the code goes through
/// @param memory the same, for arguments that are too large
/// @param spill see [OpCode]
record VectorCircular(VectorMath m, VectorMemory memory, int spill) {
    // fdlibm's atan: x - x z (a0 + a1 z + ..), z = x^2, up to 7/16
    private static final double[] ATAN_SINGLE = {
        3.3333328366e-01, -1.9999158382e-01, 1.4253635705e-01, -1.0648017377e-01, 6.1687607318e-02
    };
    private static final double[] ATAN_DOUBLE = {
        3.33333333333329318027e-01,
        -1.99999999998764832476e-01,
        1.42857142725034663711e-01,
        -1.11111104054623557880e-01,
        9.09088713343650656196e-02,
        -7.69187620504482999495e-02,
        6.66107313738753120669e-02,
        -5.83357013379057348645e-02,
        4.97687799461593236017e-02,
        -3.65315727442169155270e-02,
        1.62858201153657823623e-02
    };

    // fdlibm's asin: x + x p(z) / q(z), z = x^2, up to 1/2
    private static final double[] ASIN_TOP = {
        1.66666666666666657415e-01,
        -3.25565818622400915405e-01,
        2.01212532134862925881e-01,
        -4.00555345006794114027e-02,
        7.91534994289814532176e-04,
        3.47933107596021167570e-05
    };
    private static final double[] ASIN_BOTTOM = {
        1,
        -2.40339491173441421878e+00,
        2.02094576023350569471e+00,
        -6.88283971605453293030e-01,
        7.70381505559019352791e-02
    };

    /// Sine and cosine of the reduced argument, and which quarter it was.
    private record Parts(Value sine, Value cosine, Value quarter, Value odd) {}

    private VectorCode c() {
        return m.c;
    }

    Value sin(Value x) {
        Parts parts = parts(x);
        Value y = signed(c().blend(parts.odd, parts.cosine, parts.sine), parts.quarter);
        return near(x, c().blend(c().compare("EQ", x, m.k(0)), x, y), "sin");
    }

    Value cos(Value x) {
        Parts parts = parts(x);
        Value y = c().blend(parts.odd, parts.sine, parts.cosine);
        return near(x, signed(y, c().add(parts.quarter, c().integer(m.bits, 1))), "cos");
    }

    Value tan(Value x) {
        Parts parts = parts(x);
        Value top = c().blend(parts.odd, c().unary("NEG", parts.cosine), parts.sine);
        Value bottom = c().blend(parts.odd, parts.sine, parts.cosine);
        Value y = c().div(top, bottom);
        return near(x, c().blend(c().compare("EQ", x, m.k(0)), x, y), "tan");
    }

    // Arguments that are too large for the reduction, and those that are no numbers, go lane by
    // lane.
    private Value near(Value x, Value y, String name) {
        Value near = c().compare("LE", m.abs(x), m.pick(20_000, 1e7));
        return memory.unless(near, y, name, List.of(x), spill);
    }

    private Parts parts(Value x) {
        Value shifted = c().fma(x, m.k(2 / Math.PI), m.magic());
        Value n = c().sub(shifted, m.magic());
        Value quarter = c().reinterpret(shifted, m.bits);
        // pi / 2 in three parts
        Value r = c().fma(n, m.pick(-1.57079637050628662109375, -1.5707963267948966), x);
        r = c().fma(n, m.pick(4.371138828673792886547744274139e-8, -6.123233995736766e-17), r);
        r = c().fma(n, m.pick(1.7151245100058454e-15, 1.4973849048591833e-33), r);
        Value z = c().mul(r, r);
        Value sine = c().fma(c().mul(r, z), alternating(z, 3, m.single ? 9 : 17), r);
        Value even = alternating(z, 4, m.single ? 10 : 18);
        // 1 - z/2 + z^2 even, with what rounding 1 - z/2 loses
        Value half = c().mul(z, m.k(0.5));
        Value high = c().sub(m.one, half);
        Value rest = c().sub(c().sub(m.one, high), half);
        Value cosine = c().add(high, c().fma(c().mul(z, z), even, rest));
        Value low = c().binary("AND", quarter, c().integer(m.bits, 1));
        return new Parts(sine, cosine, quarter, c().compare("NE", low, c().integer(m.bits, 0)));
    }

    // -y in the third and fourth quarter
    private Value signed(Value y, Value quarter) {
        Value second = c().binary("AND", quarter, c().integer(m.bits, 2));
        Value sign = c().shift("LSHL", second, m.single ? 30 : 62);
        return c().reinterpret(c().binary("XOR", c().reinterpret(y, m.bits), sign), m.type);
    }

    // the series of sine or cosine from power `first` on, divided by that power
    private Value alternating(Value z, int first, int last) {
        double factorial = 1;
        for (int i = 2; i <= last; i++) {
            factorial *= i;
        }
        Value sum = m.k((last / 2 % 2 == 0 ? 1 : -1) / factorial);
        for (int i = last - 2; i >= first; i -= 2) {
            factorial /= (i + 1.0) * (i + 2.0);
            sum = c().fma(sum, z, m.k((i / 2 % 2 == 0 ? 1 : -1) / factorial));
        }
        return sum;
    }

    private Value polynomial(double[] coefficients, Value z) {
        Value sum = m.k(coefficients[coefficients.length - 1]);
        for (int i = coefficients.length - 2; i >= 0; i--) {
            sum = c().fma(sum, z, m.k(coefficients[i]));
        }
        return sum;
    }

    // `value` in two parts of the type
    private Value high(double value) {
        return m.k(value);
    }

    private Value low(double value, double rest) {
        return m.k(m.single ? value - (float) value : rest);
    }

    Value atan(Value x) {
        return m.withSign(arc(m.abs(x)), x);
    }

    // After fdlibm: `atan a = atan b + atan((a - b) / (1 + a b))` with b = 1/2, 1, 3/2 and
    // infinity.
    private Value arc(Value a) {
        double[] from = {0.4375, 0.6875, 1.1875, 2.4375};
        double[] value = {
            4.63647609000806093515e-01,
            7.85398163397448278999e-01,
            9.82793723247329054082e-01,
            1.57079632679489655800e+00
        };
        double[] rest = {
            2.26987774529616870924e-17,
            3.06161699786838301793e-17,
            1.39033110312309984516e-17,
            6.12323399573676603587e-17
        };
        List<Value> top =
                List.of(
                        c().fma(a, m.k(2), m.k(-1)),
                        c().sub(a, m.one),
                        c().sub(a, m.k(1.5)),
                        m.k(-1));
        List<Value> bottom =
                List.of(c().add(a, m.k(2)), c().add(a, m.one), c().fma(a, m.k(1.5), m.one), a);
        Value t = a;
        Value b = m.one;
        Value high = m.k(0);
        Value low = m.k(0);
        for (int i = 0; i < from.length; i++) {
            Value beyond = c().compare("GE", a, m.k(from[i]));
            t = c().blend(beyond, top.get(i), t);
            b = c().blend(beyond, bottom.get(i), b);
            high = c().blend(beyond, high(value[i]), high);
            low = c().blend(beyond, low(value[i], rest[i]), low);
        }
        Value r = c().div(t, b);
        Value z = c().mul(r, r);
        Value series = c().mul(z, polynomial(m.single ? ATAN_SINGLE : ATAN_DOUBLE, z));
        return c().sub(high, c().sub(c().sub(c().mul(r, series), low), r));
    }

    /// The angle of `(b, a)`: that of the ratio of sizes, then the quarter.
    Value atan2(Value a, Value b) {
        Value sizeOfA = m.abs(a);
        Value sizeOfB = m.abs(b);
        Value ratio = c().div(sizeOfA, sizeOfB);
        Value infinity = m.k(Double.POSITIVE_INFINITY);
        Value equal = c().compare("EQ", sizeOfA, sizeOfB);
        ratio = c().blend(c().logic("and", equal, c().compare("EQ", a, m.k(0))), m.k(0), ratio);
        Value endless = c().logic("and", equal, c().compare("EQ", sizeOfA, infinity));
        Value angle = arc(c().blend(endless, m.one, ratio));
        Value mirrored =
                c().sub(high(Math.PI), c().sub(angle, low(Math.PI, 1.2246467991473532e-16)));
        Value left = c().compare("LT", c().reinterpret(b, m.bits), c().integer(m.bits, 0));
        return m.withSign(m.abs(c().blend(left, mirrored, angle)), a);
    }

    private Value asinSeries(Value z) {
        return c().div(c().mul(z, polynomial(ASIN_TOP, z)), polynomial(ASIN_BOTTOM, z));
    }

    /// Up to 1/2 the series; beyond, `pi/2 - 2 asin(sqrt((1 - |x|) / 2))`.
    Value asin(Value x) {
        Value size = m.abs(x);
        Value near = c().compare("LT", size, m.k(0.5));
        Value half = c().mul(c().sub(m.one, size), m.k(0.5));
        Value z = c().blend(near, c().mul(x, x), half);
        Value s = c().blend(near, size, c().unary("SQRT", half));
        Value y = c().fma(s, asinSeries(z), s);
        Value far =
                c().sub(
                                high(Math.PI / 2),
                                c().sub(c().add(y, y), low(Math.PI / 2, 6.123233995736766e-17)));
        return m.withSign(c().blend(near, y, far), x);
    }

    /// Up to 1/2 `pi/2 - asin x`; beyond, `2 asin(sqrt((1 - |x|) / 2))`, and for negative `x` what
    /// it lacks to pi.
    Value acos(Value x) {
        Value size = m.abs(x);
        Value near = c().compare("LT", size, m.k(0.5));
        Value half = c().mul(c().sub(m.one, size), m.k(0.5));
        Value z = c().blend(near, c().mul(x, x), half);
        Value s = c().blend(near, x, c().unary("SQRT", half));
        Value y = c().fma(s, asinSeries(z), s);
        Value quarter =
                c().sub(high(Math.PI / 2), c().sub(y, low(Math.PI / 2, 6.123233995736766e-17)));
        Value twice = c().add(y, y);
        Value mirrored =
                c().sub(high(Math.PI), c().sub(twice, low(Math.PI, 1.2246467991473532e-16)));
        Value far = c().blend(c().compare("LT", x, m.k(0)), mirrored, twice);
        return c().blend(near, quarter, far);
    }
}
