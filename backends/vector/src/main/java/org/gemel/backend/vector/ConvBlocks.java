package org.gemel.backend.vector;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// One thread's share of a [ConvSweep] with many rows: a rectangle of C, computed as [GemmBlocks]
/// does, with B packed from the planes.
///
/// ```
/// for each block of windows
///   for each block of k
///     pack B: panels of windows, without the gaps between rows of windows
///     for each group of rows
///       pack A
///       for each panel: micro-kernel; the last block of k writes to C, the others beside it
/// ```
final class ConvBlocks {
    // Rows of a panel that are packed piece by piece: they stay in the first-level cache meanwhile.
    private static final int DEPTH = 64;

    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

    private final ConvSweep sweep;
    private final ConvSweep.Task task;
    private final ConvSweep.Then then;
    private final GemmLane lane;
    private final GemmScratch scratch = GemmScratch.ofThread();
    private final GemmScratch.Arrays arrays;
    private final int rowBegin;
    private final int rowEnd;
    private final int groups;
    private final int panel;
    private double steps;

    ConvBlocks(
            ConvSweep sweep, ConvSweep.Task task, int rowBegin, int rowEnd, ConvSweep.Then then) {
        this.sweep = sweep;
        this.task = task;
        this.then = then;
        this.lane = task.lane();
        this.arrays = scratch.arrays(lane);
        this.rowBegin = rowBegin;
        this.rowEnd = rowEnd;
        this.groups = Math.ceilDiv(rowEnd - rowBegin, GemmMicroKernel.rows(lane));
        this.panel = 2 * lane.length;
    }

    /// Computes the windows from `begin` to `end`, counted through all samples.
    void run(int begin, int end) {
        steps = (double) (rowEnd - rowBegin) * (end - begin) / lane.length * sweep.depth();
        int step = GemmScratch.BLOCK_BYTES / lane.bytes;
        int parts = Math.ceilDiv(end - begin, step);
        int panels = Math.ceilDiv(end - begin, panel);
        for (int i = 0; i < parts; i++) {
            int from = begin + GemmBlocks.cut(panels, i, parts) * panel;
            int to = Math.min(end, begin + GemmBlocks.cut(panels, i + 1, parts) * panel);
            windows(from, to);
        }
    }

    private void windows(int begin, int end) {
        Scratch room = Scratch.ofThread();
        long mark = room.mark();
        try {
            int[][] blocks = sweep.offsets();
            int panels = Math.ceilDiv(end - begin, panel);
            long tiles = blocks.length == 1 ? 0 : room.take(groups * panels * tileBytes());
            int p = 0;
            for (int i = 0; i < blocks.length; i++) {
                pack(begin, end, blocks[i]);
                for (int group = 0; group < groups; group++) {
                    group(group, begin, end, p, blocks[i].length, i + 1 == blocks.length, tiles);
                }
                p += blocks[i].length;
            }
        } finally {
            room.release(mark);
        }
    }

    private long tileBytes() {
        return (long) GemmMicroKernel.rows(lane) * panel * lane.bytes;
    }

    // ---- B

    private void pack(int begin, int end, int[] offsets) {
        long target = scratch.block();
        for (int first = begin; first < end; first += panel) {
            int count = Math.min(panel, end - first);
            int stride = Math.ceilDiv(count, lane.length) * lane.vectorBytes();
            for (int q = 0; q < offsets.length; q += DEPTH) {
                int next = Math.min(offsets.length, q + DEPTH);
                pack(first, count, offsets, q, next, target, stride);
                target += (long) (next - q) * stride;
            }
        }
    }

    private void pack(
            int first, int count, int[] offsets, int begin, int end, long target, int stride) {
        int columns = sweep.columns();
        int next;
        for (int window = first; window < first + count; window = next) {
            int row = window / columns;
            next = Math.min(first + count, (row + 1) * columns);
            int place = sweep.place(row) + window - row * columns;
            long at = target + (long) (window - first) * lane.bytes;
            long from = task.planes() + (long) place * lane.bytes;
            copy(from, offsets, begin, end, (next - window) * lane.bytes, at, stride);
        }
    }

    // Some neighbouring windows, for some offsets. Whole vectors are read, beyond the last one too.
    private static void copy(
            long from, int[] offsets, int begin, int end, int bytes, long to, int stride) {
        int vector = INTS.vectorByteSize();
        int at = 0;
        for (; at <= bytes - 2 * vector; at += 2 * vector) {
            long source = from + at;
            long target = to + at;
            for (int q = begin; q < end; q++) {
                long place = source + offsets[q];
                IntVector left = IntVector.fromMemorySegment(INTS, Memory.ALL, place, Memory.ORDER);
                IntVector right =
                        IntVector.fromMemorySegment(INTS, Memory.ALL, place + vector, Memory.ORDER);
                left.intoMemorySegment(Memory.ALL, target, Memory.ORDER);
                right.intoMemorySegment(Memory.ALL, target + vector, Memory.ORDER);
                target += stride;
            }
        }
        if (at <= bytes - vector) {
            long target = to + at;
            for (int q = begin; q < end; q++) {
                IntVector.fromMemorySegment(INTS, Memory.ALL, from + at + offsets[q], Memory.ORDER)
                        .intoMemorySegment(Memory.ALL, target, Memory.ORDER);
                target += stride;
            }
            at += vector;
        }
        if (at < bytes) {
            VectorMask<Integer> rest = INTS.indexInRange(0, (bytes - at) / 4);
            long target = to + at;
            for (int q = begin; q < end; q++) {
                IntVector.fromMemorySegment(INTS, Memory.ALL, from + at + offsets[q], Memory.ORDER)
                        .intoMemorySegment(Memory.ALL, target, Memory.ORDER, rest);
                target += stride;
            }
        }
    }

    // ---- tiles

    private void group(int group, int begin, int end, int p, int k, boolean last, long tiles) {
        int row = rowBegin + GemmBlocks.cut(rowEnd - rowBegin, group, groups);
        int rows = rowBegin + GemmBlocks.cut(rowEnd - rowBegin, group + 1, groups) - row;
        task.matrix().pack(task.weight(), task.group(), row, rows, p, k, arrays.rows());
        long packed = scratch.block();
        long beside = tiles + group * Math.ceilDiv(end - begin, panel) * tileBytes();
        for (int first = begin; first < end; first += panel) {
            int count = Math.min(panel, end - first);
            int width = Math.ceilDiv(count, lane.length) * lane.length;
            long stride = (long) width * lane.bytes;
            Object start = arrays.zeros();
            int startStride = 0;
            if (p > 0) {
                start = arrays.begin();
                startStride = width;
                PanelPack.copyToArray(lane, beside, 0, start, 0, 1, rows * width);
            }
            GemmMicroKernel kernel = GemmMicroKernel.of(lane, rows, width / lane.length, steps);
            long to = beside;
            long rowTo = stride;
            boolean straight = last && count == width && isStraight(first, count);
            if (straight) {
                to = task.c() + place(row, first) * lane.bytes;
                rowTo = task.rowC() * lane.bytes;
            } else if (last) {
                to = scratch.tile();
            }
            kernel.run(arrays.rows(), start, startStride, packed, stride, to, rowTo, k);
            if (last && !straight) {
                store(to, stride, row, rows, first, count);
            }
            packed += k * stride;
            beside += tileBytes();
        }
        if (last && sweep.isDense()) {
            follow(row, rows, begin, end);
        }
    }

    // Whether the results of some windows lie side by side.
    private boolean isStraight(int first, int count) {
        return sweep.isDense() && first / sweep.run() == (first + count - 1) / sweep.run();
    }

    // Where the result of a window goes, in elements from that of the first one of row 0.
    private long place(int row, int window) {
        int run = window / sweep.run();
        long inRun = window - (long) run * sweep.run();
        return row * task.rowC() + sweep.result(run) + inRun * sweep.columnStep();
    }

    private int endOfRun(int window) {
        return (window / sweep.run() + 1) * sweep.run();
    }

    private void store(long tile, long stride, int row, int rows, int first, int count) {
        int bytes = lane.bytes;
        int next;
        for (int window = first; window < first + count; window = next) {
            next = Math.min(first + count, endOfRun(window));
            long from = tile + (long) (window - first) * bytes;
            long to = task.c() + place(row, window) * bytes;
            long rowTo = task.rowC() * bytes;
            if (sweep.isDense()) {
                PanelPack.copyRows(from, stride, to, rowTo, rows, (next - window) * bytes);
            } else {
                long step = sweep.columnStep() * bytes;
                for (int i = 0; i < rows; i++) {
                    CopyRows.row(
                            bytes, from + i * stride, bytes, to + i * rowTo, step, next - window);
                }
            }
        }
    }

    private void follow(int row, int rows, int begin, int end) {
        for (int i = row; i < row + rows; i++) {
            int next;
            for (int window = begin; window < end; window = next) {
                next = Math.min(end, endOfRun(window));
                then.accept(i, place(i, window), next - window);
            }
        }
    }
}
