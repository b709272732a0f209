package org.gemel.backend.vector;

import org.gemel.backend.vector.VectorCode.Value;

/// Hyperbolic functions and their inverses as vector code, from exponentials and logarithms; see
/// [VectorMath].
///
/// @param m what the code goes through
record VectorHyperbolic(VectorMath m) {
    private VectorCode c() {
        return m.c;
    }

    Value sinh(Value x) {
        Value size = m.abs(x);
        Value t = m.expm1(size);
        Value over = c().div(t, c().add(t, m.one));
        Value near = c().fma(t, c().sub(m.one, over), t);
        Value y = c().blend(c().compare("LT", size, m.one), near, c().add(t, over));
        return m.withSign(c().blend(huge(size), hugeHalf(size), c().mul(m.k(0.5), y)), x);
    }

    Value cosh(Value x) {
        Value size = m.abs(x);
        Value e = m.exp(size);
        Value y = c().add(c().mul(m.k(0.5), e), c().div(m.k(0.5), e));
        return c().blend(huge(size), hugeHalf(size), y);
    }

    private Value huge(Value size) {
        return c().compare("GT", size, m.pick(88, 709));
    }

    // e^size / 2, also where e^size is too large
    private Value hugeHalf(Value size) {
        Value root = m.exp(c().mul(m.k(0.5), size));
        return c().mul(c().mul(m.k(0.5), root), root);
    }

    Value asinh(Value x) {
        Value size = m.abs(x);
        Value square = c().mul(size, size);
        Value more = c().div(square, c().add(m.one, c().unary("SQRT", c().add(square, m.one))));
        return m.withSign(log1pOr(c().add(size, more), size), x);
    }

    Value acosh(Value x) {
        Value above = c().sub(x, m.one);
        Value root = c().unary("SQRT", c().mul(above, c().add(above, m.k(2))));
        Value y = log1pOr(c().add(above, root), x);
        return c().blend(c().compare("GE", x, m.one), y, m.k(Double.NaN));
    }

    // log(1 + near), or log(2 x) where x is so large that it is the same
    private Value log1pOr(Value near, Value x) {
        Value large = c().compare("GT", x, m.pick(0x1p25, 0x1p54));
        Value y = m.log1p(c().blend(large, x, near));
        return c().blend(large, c().add(y, m.k(Math.log(2))), y);
    }

    Value atanh(Value x) {
        Value size = m.abs(x);
        Value ratio = c().div(c().add(size, size), c().sub(m.one, size));
        return m.withSign(c().mul(m.k(0.5), m.log1p(ratio)), x);
    }
}
