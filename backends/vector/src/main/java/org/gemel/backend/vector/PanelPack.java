package org.gemel.backend.vector;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// Copies blocks of A and B into the order in which the micro-kernel reads them.
///
/// - A row of A becomes a row of the heap array, p after p.
/// - A panel of B (the columns of one tile) becomes k rows, each a whole number of vectors wide;
///   lanes beyond the last column hold anything finite that was there, or zeros.
final class PanelPack {
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;

    private PanelPack() {}

    /// Copies `rows` rows of `bytes` bytes (a multiple of 4).
    static void copyRows(
            long source,
            long sourceStride,
            long destination,
            long destinationStride,
            int rows,
            int bytes) {
        VectorMask<Integer> rest = INTS.indexInRange(0, bytes % INTS.vectorByteSize() / 4);
        long from = source;
        long to = destination;
        for (int row = 0; row < rows; row++) {
            copyRow(from, to, bytes, rest);
            from += sourceStride;
            to += destinationStride;
        }
    }

    private static void copyRow(long from, long to, int bytes, VectorMask<Integer> rest) {
        int whole = bytes - bytes % INTS.vectorByteSize();
        for (int at = 0; at < whole; at += INTS.vectorByteSize()) {
            IntVector.fromMemorySegment(INTS, Memory.ALL, from + at, Memory.ORDER)
                    .intoMemorySegment(Memory.ALL, to + at, Memory.ORDER);
        }
        if (whole < bytes) {
            IntVector.fromMemorySegment(INTS, Memory.ALL, from + whole, Memory.ORDER, rest)
                    .intoMemorySegment(Memory.ALL, to + whole, Memory.ORDER, rest);
        }
    }

    /// Copies `rows` rows of exactly two vectors, tightly.
    private static void copyPairs(long source, long sourceStride, long destination, int rows) {
        int vector = INTS.vectorByteSize();
        long from = source;
        long to = destination;
        for (int row = 0; row < rows; row++) {
            IntVector left = IntVector.fromMemorySegment(INTS, Memory.ALL, from, Memory.ORDER);
            IntVector right =
                    IntVector.fromMemorySegment(INTS, Memory.ALL, from + vector, Memory.ORDER);
            left.intoMemorySegment(Memory.ALL, to, Memory.ORDER);
            right.intoMemorySegment(Memory.ALL, to + vector, Memory.ORDER);
            from += sourceStride;
            to += 2L * vector;
        }
    }

    /// Packs the rows `[row, row + rows)` of A between `p` and `p + k`.
    static void packA(
            GemmLane lane, GemmTask task, int row, int rows, int p, int k, GemmScratch scratch) {
        Object array = scratch.arrays(lane).rows();
        long source = task.a() + row * task.rowA() + p * task.columnA();
        int stride = GemmMicroKernel.ROW_STRIDE;
        if (task.columnA() == lane.bytes) {
            copyToArray(lane, source, task.rowA(), array, stride, rows, k);
        } else {
            for (int i = 0; i < rows; i++) {
                gather(lane, source, task.columnA(), array, i * stride, k);
                source += task.rowA();
            }
        }
    }

    /// Whether A lies with its columns contiguous, and enough of it to move whole vectors.
    static boolean transposesA(GemmLane lane, GemmTask task, int k) {
        return task.rowA() == lane.bytes
                && task.columnA() != lane.bytes
                && k >= lane.length
                && task.m() >= lane.length;
    }

    /// Transposes the rows `[row, row + rows)` of A between `p` and `p + k`; returns the address of
    /// the first, [GemmScratch#rowBytes] before the second. Many rows at a time, so that each cache
    /// line of A is read once.
    static long transposeA(
            GemmLane lane, GemmTask task, int row, int rows, int p, int k, GemmScratch scratch) {
        int stride = GemmScratch.rowBytes(lane);
        long target = scratch.transposed(lane);
        for (int at = 0; at < k; at += lane.length) {
            // Whole vectors: where one would end beyond A, it begins earlier, and the rows before
            // the wanted ones land in the space kept free for them.
            int from = Math.min(at, k - lane.length);
            for (int i = 0; i < rows; i += lane.length) {
                int first = Math.min(row + i, task.m() - lane.length);
                square(
                        lane,
                        task.a() + first * task.rowA() + (p + from) * task.columnA(),
                        task.columnA(),
                        lane.length,
                        target + (long) (first - row) * stride + (long) from * lane.bytes,
                        stride);
            }
        }
        return target;
    }

    /// Copies `rows` rows of `count` elements into an array, `stride` elements apart.
    static void copyToArray(
            GemmLane lane,
            long source,
            long sourceStride,
            Object array,
            int stride,
            int rows,
            int count) {
        switch (lane) {
            case F32 -> copyToFloats(source, sourceStride, (float[]) array, stride, rows, count);
            case F64 -> copyToDoubles(source, sourceStride, (double[]) array, stride, rows, count);
        }
    }

    // Rows are too short for the call behind MemorySegment.copy.
    private static void copyToFloats(
            long source, long sourceStride, float[] array, int stride, int rows, int count) {
        int whole = FLOATS.loopBound(count);
        for (int i = 0; i < rows; i++) {
            long from = source + i * sourceStride;
            int to = i * stride;
            for (int at = 0; at < whole; at += FLOATS.length()) {
                FloatVector.fromMemorySegment(FLOATS, Memory.ALL, from + 4L * at, Memory.ORDER)
                        .intoArray(array, to + at);
            }
            for (int at = whole; at < count; at++) {
                array[to + at] = Memory.getFloat(from + 4L * at);
            }
        }
    }

    private static void copyToDoubles(
            long source, long sourceStride, double[] array, int stride, int rows, int count) {
        int whole = DOUBLES.loopBound(count);
        for (int i = 0; i < rows; i++) {
            long from = source + i * sourceStride;
            int to = i * stride;
            for (int at = 0; at < whole; at += DOUBLES.length()) {
                DoubleVector.fromMemorySegment(DOUBLES, Memory.ALL, from + 8L * at, Memory.ORDER)
                        .intoArray(array, to + at);
            }
            for (int at = whole; at < count; at++) {
                array[to + at] = Memory.getDouble(from + 8L * at);
            }
        }
    }

    /// Writes row `i` of `rows` rows of `count` elements as column `i` of what begins at `to`.
    static void turn(
            GemmLane lane, long from, long fromRow, int rows, int count, long to, long toRow) {
        for (int i = 0; i < rows; i++) {
            long source = from + i * fromRow;
            long target = to + (long) i * lane.bytes;
            CopyRows.row(lane.bytes, source, lane.bytes, target, toRow, count);
        }
    }

    private static void gather(
            GemmLane lane, long source, long stride, Object array, int offset, int count) {
        switch (lane) {
            case F32 -> {
                float[] floats = (float[]) array;
                for (int i = 0; i < count; i++) {
                    floats[offset + i] = Memory.getFloat(source + i * stride);
                }
            }
            case F64 -> {
                double[] doubles = (double[]) array;
                for (int i = 0; i < count; i++) {
                    doubles[offset + i] = Memory.getDouble(source + i * stride);
                }
            }
        }
    }

    /// Packs `columns` columns of B from `column` on, between `p` and `p + k`.
    ///
    /// @param width the width of the panel, `columns` rounded up to whole vectors
    static void packB(
            GemmLane lane,
            GemmTask task,
            int column,
            int columns,
            int width,
            int p,
            int k,
            long panel) {
        long source = task.b() + p * task.rowB() + column * task.columnB();
        int stride = width * lane.bytes;
        if (task.columnB() == lane.bytes) {
            if (columns == 2 * lane.length) {
                copyPairs(source, task.rowB(), panel, k);
            } else {
                copyRows(source, task.rowB(), panel, stride, k, columns * lane.bytes);
            }
        } else if (task.rowB() == lane.bytes && k >= lane.length) {
            for (int j = 0; j < columns; j += lane.length) {
                long from = source + j * task.columnB();
                int rows = Math.min(lane.length, columns - j);
                transposeB(
                        lane, from, task.columnB(), rows, k, panel + (long) j * lane.bytes, stride);
            }
        } else {
            for (int i = 0; i < k; i++) {
                long from = source + i * task.rowB();
                long to = panel + (long) i * stride;
                CopyRows.row(lane.bytes, from, task.columnB(), to, lane.bytes, columns);
            }
        }
    }

    /// Packs all of B by panels of `panel` columns, one after the other, the last one a whole
    /// number of vectors wide.
    static void packAll(GemmLane lane, GemmTask task, int panel, long target) {
        for (int column = 0; column < task.n(); column += panel) {
            int columns = Math.min(panel, task.n() - column);
            int width = Math.ceilDiv(columns, lane.length) * lane.length;
            long to = target + (long) column * task.k() * lane.bytes;
            packB(lane, task, column, columns, width, 0, task.k(), to);
        }
    }

    /// Transposes `rows` rows (one vector's worth at most) of `length` elements into `length` rows
    /// of one vector.
    private static void transposeB(
            GemmLane lane,
            long source,
            long sourceStride,
            int rows,
            int length,
            long destination,
            int destinationStride) {
        int step = lane.length;
        for (int at = 0; at < length; at += step) {
            int from = Math.min(at, length - step);
            long block = source + (long) from * lane.bytes;
            square(
                    lane,
                    block,
                    sourceStride,
                    rows,
                    destination + (long) from * destinationStride,
                    destinationStride);
        }
    }

    private static void square(
            GemmLane lane,
            long source,
            long sourceStride,
            int rows,
            long destination,
            long destinationStride) {
        switch (lane) {
            case F32 ->
                    PanelTranspose.INTS.run(
                            source, sourceStride, rows, destination, destinationStride);
            case F64 ->
                    PanelTranspose.LONGS.run(
                            source, sourceStride, rows, destination, destinationStride);
        }
    }
}
