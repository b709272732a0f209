package org.gemel.backend.vector;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// A strided copy row by row, a row being the innermost dimension.
final class CopyRows {
    /// Bytes from which the call behind a block copy pays.
    private static final long BLOCK = 64;

    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

    // Every second one of 2 n - 1 elements, from the vectors of the first n and of the last n.
    private static final VectorShuffle<Integer> EVEN =
            VectorShuffle.fromOp(INTS, i -> 2 * i % INTS.length());
    private static final VectorShuffle<Integer> ODD =
            VectorShuffle.fromOp(INTS, i -> (2 * i + 1) % INTS.length());
    private static final VectorMask<Integer> UPPER = INTS.indexInRange(0, INTS.length() / 2).not();

    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;

    private final CopyNest nest;
    private final long source;
    private final long destination;

    CopyRows(CopyNest nest, long source, long destination) {
        this.nest = nest;
        this.source = source;
        this.destination = destination;
    }

    /// Copies the elements `[begin, end)`, counted in the order of the nest.
    void run(long begin, long end) {
        int inner = nest.inner();
        long[] dims = nest.dims();
        long[] index = new long[dims.length];
        long from = source;
        long to = destination;
        long rest = begin;
        for (int i = inner; i >= 0; i--) {
            index[i] = rest % dims[i];
            rest /= dims[i];
            from += index[i] * nest.from()[i];
            to += index[i] * nest.to()[i];
        }
        long at = begin;
        while (at < end) {
            long count = Math.min(dims[inner] - index[inner], end - at);
            row(nest.elementBytes(), from, nest.from()[inner], to, nest.to()[inner], count);
            at += count;
            index[inner] += count;
            from += count * nest.from()[inner];
            to += count * nest.to()[inner];
            for (int i = inner; i > 0 && index[i] == dims[i]; i--) {
                from += nest.from()[i - 1] - dims[i] * nest.from()[i];
                to += nest.to()[i - 1] - dims[i] * nest.to()[i];
                index[i] = 0;
                index[i - 1]++;
            }
        }
    }

    /// Copies one row.
    static void row(
            int elementBytes, long from, long fromStride, long to, long toStride, long count) {
        if (toStride == elementBytes && fromStride == elementBytes) {
            if (count * elementBytes >= BLOCK) {
                Memory.copy(from, to, count * elementBytes);
                return;
            }
        } else if (toStride == elementBytes && fromStride == 0 && elementBytes >= 4) {
            fill(elementBytes, from, to, count);
            return;
        }
        switch (elementBytes) {
            case 1 -> bytes(from, fromStride, to, toStride, count);
            case 2 -> shorts(from, fromStride, to, toStride, count);
            case 4 -> ints(from, fromStride, to, toStride, count);
            default -> longs(from, fromStride, to, toStride, count);
        }
    }

    private static void fill(int elementBytes, long from, long to, long count) {
        long bytes = count * elementBytes;
        long at = 0;
        if (elementBytes == 4) {
            int value = Memory.getInt(from);
            IntVector all = IntVector.broadcast(INTS, value);
            for (; at <= bytes - INTS.vectorByteSize(); at += INTS.vectorByteSize()) {
                all.intoMemorySegment(Memory.ALL, to + at, Memory.ORDER);
            }
            for (; at < bytes; at += 4) {
                Memory.setInt(to + at, value);
            }
        } else {
            long value = Memory.getLong(from);
            LongVector all = LongVector.broadcast(LONGS, value);
            for (; at <= bytes - LONGS.vectorByteSize(); at += LONGS.vectorByteSize()) {
                all.intoMemorySegment(Memory.ALL, to + at, Memory.ORDER);
            }
            for (; at < bytes; at += 8) {
                Memory.setLong(to + at, value);
            }
        }
    }

    private static void bytes(long from, long fromStride, long to, long toStride, long count) {
        for (long i = 0; i < count; i++) {
            Memory.setByte(to + i * toStride, Memory.getByte(from + i * fromStride));
        }
    }

    private static void shorts(long from, long fromStride, long to, long toStride, long count) {
        for (long i = 0; i < count; i++) {
            Memory.setShort(to + i * toStride, Memory.getShort(from + i * fromStride));
        }
    }

    private static void ints(long from, long fromStride, long to, long toStride, long count) {
        long done = toStride == 4 && fromStride == 8 ? everySecond(from, to, count) : 0;
        for (long i = done; i < count; i++) {
            Memory.setInt(to + i * toStride, Memory.getInt(from + i * fromStride));
        }
    }

    // Whole vectors of them, the last one over what is there already; returns how many.
    private static long everySecond(long from, long to, long count) {
        int length = INTS.length();
        if (count < length || length < 2) {
            return 0;
        }
        for (long i = 0; i < count; i += length) {
            long at = Math.min(i, count - length);
            long source = from + 8 * at;
            IntVector a = IntVector.fromMemorySegment(INTS, Memory.ALL, source, Memory.ORDER);
            IntVector b =
                    IntVector.fromMemorySegment(
                            INTS, Memory.ALL, source + 4L * (length - 1), Memory.ORDER);
            a.rearrange(EVEN)
                    .blend(b.rearrange(ODD), UPPER)
                    .intoMemorySegment(Memory.ALL, to + 4 * at, Memory.ORDER);
        }
        return count;
    }

    private static void longs(long from, long fromStride, long to, long toStride, long count) {
        for (long i = 0; i < count; i++) {
            Memory.setLong(to + i * toStride, Memory.getLong(from + i * fromStride));
        }
    }
}
