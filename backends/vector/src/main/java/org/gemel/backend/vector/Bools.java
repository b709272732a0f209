package org.gemel.backend.vector;

/// `bool` elements, a byte each in memory, as bits of a `long`.
final class Bools {
    private static final long ONES = 0x0101010101010101L;

    private Bools() {}

    /// All bits set if the byte at `address` is not 0.
    static long every(long address) {
        return Memory.getByte(address) != 0 ? -1L : 0L;
    }

    /// The `count` (at most 64) bytes at `address`, bit by bit.
    static long load(long address, int count) {
        long bits = 0;
        int i = 0;
        for (; i + 8 <= count; i += 8) {
            bits |= Long.compress(Memory.getLong(address + i), ONES) << i;
        }
        for (; i < count; i++) {
            bits |= (Memory.getByte(address + i) & 1L) << i;
        }
        return bits;
    }

    /// Writes `count` (at most 64) bits as bytes; nothing beyond.
    static void store(long address, long bits, int count) {
        int i = 0;
        for (; i + 8 <= count; i += 8) {
            Memory.setLong(address + i, Long.expand(bits >>> i, ONES));
        }
        for (; i < count; i++) {
            Memory.setByte(address + i, (byte) (bits >>> i & 1));
        }
    }
}
