package org.gemel;

/// The type of a tensor's elements.
public enum DType {
    /// IEEE 754 binary32, the default of every factory that takes `float`.
    F32("f32", 4, true),
    /// IEEE 754 binary64.
    F64("f64", 8, true),
    /// 32-bit two's complement integer, wraps around on overflow.
    I32("i32", 4, false),
    /// 64-bit two's complement integer, wraps around on overflow; the type of indices.
    I64("i64", 8, false),
    /// One byte, 0 or 1.
    BOOL("bool", 1, false);

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

    /// Rounds `value` to what an element of this type would hold.
    public double round(double value) {
        return switch (this) {
            case F32 -> (float) value;
            case F64 -> value;
            case I32 -> (int) value;
            case I64 -> (long) value;
            case BOOL -> value != 0 ? 1 : 0;
        };
    }

    @Override
    public String toString() {
        return label;
    }
}
