package org.gemel.backend.vector;

import org.gemel.DType;
import org.gemel.backend.vector.VectorCode.Value;

/// Division of integers as vector code, which processors have for reals alone.
///
/// @param c where the code goes
record VectorDivision(VectorCode c) {
    /// `a / b` toward zero; 0 where `b` is, and `a` where the quotient is one too large for the
    /// type.
    Value quotient(Value a, Value b) {
        Value zero = c.constant(a.type(), 0);
        return c.blend(c.compare("EQ", b, zero), zero, nearZero(a, b));
    }

    /// What [#quotient] leaves, with the sign of `a`; 0 where `b` is.
    Value fmod(Value a, Value b) {
        Value zero = c.constant(a.type(), 0);
        Value rest = c.sub(a, c.mul(nearZero(a, b), b));
        return c.blend(c.compare("EQ", b, zero), zero, rest);
    }

    /// What division toward minus infinity leaves, with the sign of `b`; 0 where `b` is.
    Value remainder(Value a, Value b) {
        Value zero = c.constant(a.type(), 0);
        Value rest = fmod(a, b);
        Value apart = c.compare("LT", c.binary("XOR", rest, b), zero);
        Value other = c.logic("and", apart, c.compare("NE", rest, zero));
        return c.blend(other, c.add(rest, b), rest);
    }

    // The quotient of reals, which has at least 22 good bits of 32, or 51 of 64; once more for what
    // is
    // left; then it is at most one off, which the sign or the size of the rest tells.
    private Value nearZero(Value a, Value b) {
        DType type = a.type();
        Value zero = c.constant(type, 0);
        Value divisor = real(b);
        Value q = c.convert(c.div(real(a), divisor), type);
        Value rest = c.sub(a, c.mul(q, b));
        Value more = c.convert(c.div(real(rest), divisor), type);
        q = c.add(q, more);
        rest = c.sub(rest, c.mul(more, b));
        Value signs = c.shift("ASHR", c.binary("XOR", a, b), 8 * type.bytes() - 1);
        Value away = c.binary("OR", signs, c.integer(type, 1));
        Value opposite = c.compare("LT", c.binary("XOR", rest, a), zero);
        Value beyond = c.logic("and", opposite, c.compare("NE", rest, zero));
        Value within = c.logic("and", c.not(beyond), c.compare("GE", size(rest), size(b)));
        q = c.blend(beyond, c.sub(q, away), q);
        return c.blend(within, c.add(q, away), q);
    }

    private Value real(Value x) {
        return c.convert(x, x.type() == DType.I32 ? DType.F32 : DType.F64);
    }

    // In the order of sizes, that of the smallest number last.
    private Value size(Value x) {
        long lowest = x.type() == DType.I32 ? Integer.MIN_VALUE : Long.MIN_VALUE;
        return c.binary("XOR", c.unary("ABS", x), c.integer(x.type(), lowest));
    }
}
