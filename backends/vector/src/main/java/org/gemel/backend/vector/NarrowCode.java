package org.gemel.backend.vector;

import org.gemel.DType;
import org.gemel.backend.vector.VectorCode.Value;

/// Numbers of narrow types as vector code: lanes of the wide type hold them, one of them in each.
///
/// @param c where the code goes
/// @param type the narrow type
record NarrowCode(VectorCode c, DType type) {
    private static final int LOW = 0xFFFF;
    private static final int SIZE = 0x7FFF_FFFF;
    private static final int INFINITY = 0x7F80_0000;

    // Places that a half float's fraction is shorter than that of a float.
    private static final int FRACTION = 13;

    /// What a narrow element would hold of the numbers in `x`, in the same wide lanes.
    Value round(Value x) {
        return switch (type) {
            case I8 -> c.shift("ASHR", c.shift("LSHL", x, 24), 24);
            case U8 -> and(x, 0xFF);
            case F16, BF16 -> decode(encode(x));
            case F32, F64, I32, I64, BOOL -> x;
        };
    }

    /// The wide numbers of integer lanes with the bits of elements, whatever lies above these.
    Value decode(Value bits) {
        return switch (type) {
            case I8 -> bits;
            case U8 -> and(bits, 0xFF);
            case F16 -> half(bits);
            case BF16 -> {
                Value x = c.reinterpret(c.shift("LSHL", bits, 16), DType.F32);
                yield c.blend(c.compare("NE", x, x), c.constant(DType.F32, Double.NaN), x);
            }
            case F32, F64, I32, I64, BOOL -> bits;
        };
    }

    /// The bits of elements in the lowest bits of integer lanes.
    Value encode(Value x) {
        return switch (type) {
            case F16 -> toHalf(c.reinterpret(x, DType.I32));
            case BF16 -> {
                Value bits = c.reinterpret(x, DType.I32);
                Value odd = and(c.shift("LSHR", bits, 16), 1);
                Value up = c.add(bits, c.add(odd, integer(0x7FFF)));
                Value nan = c.compare("NE", x, x);
                yield c.blend(nan, integer(0x7FC0), c.shift("LSHR", up, 16));
            }
            case I8, U8, F32, F64, I32, I64, BOOL -> x;
        };
    }

    private Value integer(int value) {
        return c.integer(DType.I32, value);
    }

    private Value and(Value x, int mask) {
        return c.binary("AND", x, integer(mask));
    }

    // Sign and fraction move to their places; the exponents then differ by 112, also those of
    // subnormal numbers.
    private Value half(Value bits) {
        Value sign = and(c.shift("LSHL", bits, 16), Integer.MIN_VALUE);
        Value size = c.shift("LSHL", and(bits, 0x7FFF), FRACTION);
        Value number = c.mul(c.reinterpret(size, DType.F32), c.constant(DType.F32, 0x1p112));
        Value top = integer(0x7C00 << FRACTION);
        Value infinity = c.constant(DType.F32, Double.POSITIVE_INFINITY);
        Value x = c.blend(c.compare("EQ", size, top), infinity, number);
        Value signed = c.reinterpret(c.binary("OR", c.reinterpret(x, DType.I32), sign), DType.F32);
        return c.blend(c.compare("GT", size, top), c.constant(DType.F32, Double.NaN), signed);
    }

    // Normal halves: the fraction rounded by an addition that carries into the exponent. Subnormal
    // ones: rounded by adding 1/2, whose last place is theirs.
    private Value toHalf(Value bits) {
        Value sign = and(c.shift("LSHR", bits, 16), 0x8000);
        Value size = and(bits, SIZE);
        Value odd = and(c.shift("LSHR", size, FRACTION), 1);
        Value up = c.add(c.add(size, integer(((15 - 127) << 23) + 0xFFF)), odd);
        Value normal = c.shift("LSHR", up, FRACTION);
        Value half = c.constant(DType.F32, 0.5);
        Value sum = c.reinterpret(c.add(c.reinterpret(size, DType.F32), half), DType.I32);
        Value small = c.sub(sum, integer(Float.floatToIntBits(0.5f)));
        Value tiny = c.compare("LT", size, integer(Float.floatToIntBits(0x1p-14f)));
        Value all = c.blend(tiny, small, normal);
        Value huge = c.compare("GE", size, integer(Float.floatToIntBits(0x1p16f)));
        Value signed = c.binary("OR", c.blend(huge, integer(0x7C00), all), sign);
        Value nan = c.compare("GT", size, integer(INFINITY));
        return and(c.blend(nan, integer(0x7E00), signed), LOW);
    }
}
