package org.gemel.backend.vector;

import org.gemel.DType;

/// Memory filled with one element, and element values as bits.
final class Fills {
    private Fills() {}

    /// The bits of `value` as an element of `dtype`.
    static long bits(DType dtype, double value) {
        return switch (dtype) {
            case F32 -> Float.floatToRawIntBits((float) value);
            case F64 -> Double.doubleToRawLongBits(value);
            case F16, BF16 -> dtype.toBits((float) value);
            case I8, U8 -> (long) dtype.round(value);
            case I32 -> (int) value;
            case I64 -> (long) value;
            case BOOL -> value != 0 ? 1 : 0;
        };
    }

    /// Writes `n` elements with the given bits.
    static void fill(DType dtype, long bits, long address, long n) {
        for (long i = 0; i < n; i++) {
            set(dtype, address, i, bits);
        }
    }

    /// Writes the bits of element `i`.
    static void set(DType dtype, long address, long i, long bits) {
        switch (dtype) {
            case F32, I32 -> Memory.setInt(address + 4 * i, (int) bits);
            case F64, I64 -> Memory.setLong(address + 8 * i, bits);
            case F16, BF16 -> Memory.setShort(address + 2 * i, (short) bits);
            case I8, U8, BOOL -> Memory.setByte(address + i, (byte) bits);
        }
    }
}
