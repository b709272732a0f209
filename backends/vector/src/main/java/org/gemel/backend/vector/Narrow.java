package org.gemel.backend.vector;

import org.gemel.DType;

/// Elements of narrow types in memory, one by one and a few as the bits of a `long`.
final class Narrow {
    private Narrow() {}

    static int getI8(long address) {
        return Memory.getByte(address);
    }

    static int getU8(long address) {
        return Memory.getByte(address) & 0xFF;
    }

    static float getF16(long address) {
        return get(DType.F16, address);
    }

    static float getBF16(long address) {
        return get(DType.BF16, address);
    }

    // There is one NaN: operations make no other of it, computed in one loop or in many.
    private static float get(DType dtype, long address) {
        float value = dtype.fromBits(Memory.getShort(address));
        return Float.isNaN(value) ? Float.NaN : value;
    }

    static void setI8(long address, int value) {
        Memory.setByte(address, (byte) value);
    }

    static void setU8(long address, int value) {
        Memory.setByte(address, (byte) value);
    }

    static void setF16(long address, float value) {
        Memory.setShort(address, DType.F16.toBits(value));
    }

    static void setBF16(long address, float value) {
        Memory.setShort(address, DType.BF16.toBits(value));
    }

    /// The `bytes` (at most 8) bytes at `address`, the first ones lowest; nothing beyond is read.
    static long load(long address, int bytes) {
        return switch (bytes) {
            case 8 -> Memory.getLong(address);
            case 4 -> Memory.getInt(address);
            case 2 -> Memory.getShort(address);
            default -> {
                long bits = 0;
                for (int i = 0; i < bytes; i++) {
                    bits |= (Memory.getByte(address + i) & 0xFFL) << (8 * i);
                }
                yield bits;
            }
        };
    }

    /// Writes the lowest `bytes` (at most 8) bytes; nothing beyond.
    static void store(long address, long bits, int bytes) {
        switch (bytes) {
            case 8 -> Memory.setLong(address, bits);
            case 4 -> Memory.setInt(address, (int) bits);
            case 2 -> Memory.setShort(address, (short) bits);
            default -> {
                for (int i = 0; i < bytes; i++) {
                    Memory.setByte(address + i, (byte) (bits >>> (8 * i)));
                }
            }
        }
    }
}
