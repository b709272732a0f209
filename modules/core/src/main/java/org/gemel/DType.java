package org.gemel;

/// The type of a tensor's elements.
///
/// The narrow ones are for memory: what is computed of them is computed in [#wide()] and rounded to
/// the narrow type once for each operation.
public enum DType {
    /// IEEE 754 binary32, the default of every factory that takes `float`.
    F32("f32", 4, true),
    /// IEEE 754 binary64.
    F64("f64", 8, true),
    /// IEEE 754 binary16: 11 significant bits, up to 65504; computed in f32.
    F16("f16", 2, true),
    /// The upper half of a binary32: 8 significant bits, the range of f32; computed in f32.
    BF16("bf16", 2, true),
    /// 32-bit two's complement integer, wraps around on overflow.
    I32("i32", 4, false),
    /// 64-bit two's complement integer, wraps around on overflow; the type of indices.
    I64("i64", 8, false),
    /// 8-bit two's complement integer, wraps around on overflow; computed in i32.
    I8("i8", 1, false),
    /// 8-bit integer without a sign, 0 to 255, wraps around on overflow; computed in i32.
    U8("u8", 1, false),
    /// One byte, 0 or 1.
    BOOL("bool", 1, false);

    private static final int BF16_SHIFT = 16;

    private final String label;
    private final int bytes;
    private final boolean floating;

    DType(String label, int bytes, boolean floating) {
        this.label = label;
        this.bytes = bytes;
        this.floating = floating;
    }

    /// The size of one element in bytes.
    public int bytes() {
        return bytes;
    }

    /// Whether this is a floating-point type, the only ones that have derivatives.
    public boolean isFloating() {
        return floating;
    }

    /// Whether this is an integer type; `bool` is not one.
    public boolean isInteger() {
        return !floating && this != BOOL;
    }

    /// The type that elements are computed in: f32 for f16 and bf16, i32 for i8 and u8, otherwise
    /// this one. It holds every element of this type exactly.
    public DType wide() {
        return switch (this) {
            case F16, BF16 -> F32;
            case I8, U8 -> I32;
            case F32, F64, I32, I64, BOOL -> this;
        };
    }

    /// Whether elements are computed in another, wider type.
    public boolean isNarrow() {
        return wide() != this;
    }

    /// Rounds `value` to what an element of this type would hold, as a Java cast does; to a narrow
    /// type by way of [#wide()].
    public double round(double value) {
        return switch (this) {
            case F32 -> (float) value;
            case F64 -> value;
            case F16, BF16 -> fromBits(toBits((float) value));
            case I32 -> (int) value;
            case I64 -> (long) value;
            case I8, U8 -> wrap((int) value);
            case BOOL -> value != 0 ? 1 : 0;
        };
    }

    /// The integer that an element of this type holds of `value`: its low bits; of `bool`, whether
    /// it is not 0.
    public long wrap(long value) {
        return switch (this) {
            case I32 -> (int) value;
            case I8 -> (byte) value;
            case U8 -> value & 0xFF;
            case BOOL -> value != 0 ? 1 : 0;
            case I64, F32, F64, F16, BF16 -> value;
        };
    }

    /// The bits of `value` as an f16 or bf16, rounded to the nearest, ties to even; beyond the
    /// range infinity, and one and the same NaN for all.
    ///
    /// @throws GemelException if this is another type
    public short toBits(float value) {
        int bits = Float.floatToIntBits(value);
        return switch (this) {
            case F16 -> Float.floatToFloat16(Float.intBitsToFloat(bits));
            case BF16 -> {
                int odd = bits >>> BF16_SHIFT & 1;
                int rounded = Float.isNaN(value) ? bits : bits + 0x7FFF + odd;
                yield (short) (rounded >>> BF16_SHIFT);
            }
            case F32, F64, I32, I64, I8, U8, BOOL -> throw noBits();
        };
    }

    /// The number that the bits of an f16 or bf16 stand for.
    ///
    /// @throws GemelException if this is another type
    public float fromBits(short bits) {
        return switch (this) {
            case F16 -> Float.float16ToFloat(bits);
            case BF16 -> Float.intBitsToFloat(bits << BF16_SHIFT);
            case F32, F64, I32, I64, I8, U8, BOOL -> throw noBits();
        };
    }

    private GemelException noBits() {
        return new GemelException(
                "bits: expects f16 or bf16, but got %s; use the numbers themselves"
                        .formatted(this));
    }

    @Override
    public String toString() {
        return label;
    }
}
