package org.gemel.backend.vector;

import java.util.List;
import org.gemel.backend.vector.VectorCode.Value;

/// Powers, and division with a remainder, as vector code; see [VectorMath].
///
/// @param m what the code goes through
/// @param memory the same, for what is computed lane by lane
/// @param spill see [OpCode]
record VectorPower(VectorMath m, VectorMemory memory, int spill) {
    /// The sum of two numbers of the type, the second small against the first.
    private record Pair(Value high, Value low) {}

    private VectorCode c() {
        return m.c;
    }

    private Value negative(Value x) {
        return c().unary("NEG", x);
    }

    private Value infinity() {
        return m.k(Double.POSITIVE_INFINITY);
    }

    // a * b, exactly
    private Pair product(Value a, Value b) {
        Value high = c().mul(a, b);
        return new Pair(high, c().fma(a, b, negative(high)));
    }

    // a + b, exactly, if a is 0 or not smaller than b
    private Pair sum(Value a, Value b) {
        Value high = c().add(a, b);
        return new Pair(high, c().sub(b, c().sub(high, a)));
    }

    /// `log x` to almost twice the digits of the type, for finite `x` above 0.
    ///
    /// With `s = f / (2 + f)` as in [VectorMath#log], in pairs: `log(1 + f) = 2 s + s (2/3 s^2 +
    /// s^4 (2/5 + ..))`.
    private Pair logarithm(Value x) {
        VectorMath.Split split = m.split(x);
        Value f = split.f();
        Pair d = sum(m.k(2), f);
        Value s = c().div(f, d.high);
        Value rest = c().fma(negative(s), d.low, c().fma(negative(s), d.high, f));
        Value t = c().div(rest, d.high);
        Pair square = product(s, s);
        Value squareLow = c().fma(c().add(s, s), t, square.low);
        double third = 2.0 / 3;
        Pair first = product(m.k(third), square.high);
        Value firstLow = c().fma(m.k(third), squareLow, first.low);
        Value remainder = m.k(m.single ? third - (float) third : 3.700743415417188e-17);
        firstLow = c().fma(remainder, square.high, firstLow);
        Value fourth = c().mul(square.high, square.high);
        firstLow = c().fma(fourth, m.atanhSeries(square.high, 2), firstLow);
        Pair cube = product(s, first.high);
        Value cubeLow = c().fma(t, first.high, c().fma(s, firstLow, cube.low));
        // the logarithm of 2 in two parts: the first is short, so that its multiples are exact
        Value e = split.e();
        Value whole = c().mul(e, m.pick(0.693359375, 6.93147180369123816490e-01));
        Value small = c().mul(e, m.pick(-2.12194440e-4, 1.90821492927058770002e-10));
        Pair one = sum(whole, c().add(s, s));
        Pair two = sum(one.high, cube.high);
        Value lows = c().add(c().add(one.low, two.low), c().add(cubeLow, c().add(t, t)));
        return sum(two.high, c().add(lows, small));
    }

    /// `exp(b log a)`, the logarithm in a pair, because its error counts `b log a` times; then what
    /// IEEE 754-2019 (9.2.1) says of signs, zeros and infinities.
    Value pow(Value a, Value b) {
        Value size = m.abs(a);
        Pair log = logarithm(size);
        Value high = m.logarithm(log.high, size);
        Pair p = product(b, high);
        Value y = m.exp(p.high, c().fma(b, log.low, p.low));
        Value whole = c().compare("EQ", m.round(b), b);
        Value halved = c().mul(b, m.k(0.5));
        Value even = c().compare("EQ", m.round(halved), halved);
        Value odd = c().logic("and", whole, c().not(even));
        y = m.withSign(y, c().blend(odd, a, m.one));
        Value below = c().logic("and", c().compare("LT", a, m.k(0)), c().not(whole));
        Value undefined = c().logic("and", below, c().compare("LT", size, infinity()));
        y = c().blend(undefined, m.k(Double.NaN), y);
        Value endless = c().compare("EQ", m.abs(b), infinity());
        Value unit = c().logic("and", endless, c().compare("EQ", size, m.one));
        Value always = c().logic("or", c().compare("EQ", a, m.one), c().compare("EQ", b, m.k(0)));
        return c().blend(c().logic("or", unit, always), m.one, y);
    }

    /// From `exp(log x / 3)` by one step of Newton's.
    Value cbrt(Value x) {
        Value size = m.abs(x);
        Value y = m.exp(c().mul(m.log(size), m.k(1.0 / 3)));
        Value off = c().sub(c().div(size, c().mul(y, y)), y);
        y = c().fma(off, m.k(1.0 / 3), y);
        y = c().blend(c().compare("EQ", size, m.k(0)), size, y);
        y = c().blend(c().compare("EQ", size, infinity()), size, y);
        return m.withSign(y, x);
    }

    /// `large sqrt(1 + (small / large)^2)`.
    Value hypot(Value a, Value b) {
        Value sizeOfA = m.abs(a);
        Value sizeOfB = m.abs(b);
        Value large = c().binary("MAX", sizeOfA, sizeOfB);
        Value ratio = c().div(c().binary("MIN", sizeOfA, sizeOfB), large);
        Value y = c().mul(large, c().unary("SQRT", c().fma(ratio, ratio, m.one)));
        y = c().blend(c().compare("EQ", large, m.k(0)), large, y);
        Value endless =
                c().logic(
                                "or",
                                c().compare("EQ", sizeOfA, infinity()),
                                c().compare("EQ", sizeOfB, infinity()));
        return c().blend(endless, infinity(), y);
    }

    /// What division toward zero leaves: exact where the quotient fits the type's digits, and lane
    /// by lane elsewhere.
    Value fmod(Value a, Value b) {
        Value sizeOfA = m.abs(a);
        Value sizeOfB = m.abs(b);
        Value quotient = c().div(sizeOfA, sizeOfB);
        Value near = c().compare("LT", quotient, m.pick(0x1p22, 0x1p51));
        Value rest = c().fma(negative(m.floor(quotient)), sizeOfB, sizeOfA);
        // the rounded quotient may be one too large
        rest = c().blend(c().compare("LT", rest, m.k(0)), c().add(rest, sizeOfB), rest);
        Value endless = c().compare("EQ", sizeOfB, infinity());
        rest = m.withSign(m.abs(c().blend(endless, sizeOfA, rest)), a);
        return memory.unless(near, rest, "fmod", List.of(a, b), spill);
    }

    Value remainder(Value a, Value b) {
        Value rest = fmod(a, b);
        Value zero = m.k(0);
        Value apart = c().logic("xor", c().compare("LT", rest, zero), c().compare("LT", b, zero));
        Value other = c().logic("and", apart, c().compare("NE", rest, zero));
        return c().blend(other, c().add(rest, b), rest);
    }
}
