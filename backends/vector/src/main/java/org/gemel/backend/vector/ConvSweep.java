package org.gemel.backend.vector;

import java.util.Arrays;

/// Windows that move in steps of one over [ConvPlanes], as one matrix product for each plane of
/// windows, and where the results go.
///
/// ```
/// C(row, window) = sum over q = (channel, tap) of A(row, q) * planes[offset(q) + window]
/// ```
///
/// Neighbouring windows lie side by side, rows of windows [ConvPlanes#pitch] apart. The product
/// runs over whole rows with the gaps between them, whose results are dropped: that costs less than
/// packing what the taps read.
///
/// @param windows how many windows there are along each dimension
/// @param offsets bytes from the first place of a plane to each row of B, in blocks of k
/// @param pitches elements from one window to the next in the planes
/// @param start where the first window's result goes, in elements
/// @param steps elements from one window's result to the next, along each dimension
record ConvSweep(int[] windows, int[][] offsets, int[] pitches, long start, long[] steps) {
    private static final int LARGEST_BLOCK = 2048;
    private static final int BLOCK_ELEMENTS = 131_072;

    /// Windows that one matrix product covers: `rows` rows of `columns`, from a place of each
    /// dimension on.
    private record Block(int[] at, int rows, int columns) {}

    /// Cuts `offsets` into blocks of k.
    static int[][] blocks(int[] offsets) {
        int parts = Math.ceilDiv(offsets.length, GemmMicroKernel.ROW_STRIDE);
        int[][] blocks = new int[parts][];
        for (int i = 0; i < parts; i++) {
            blocks[i] =
                    Arrays.copyOfRange(
                            offsets,
                            GemmBlocks.cut(offsets.length, i, parts),
                            GemmBlocks.cut(offsets.length, i + 1, parts));
        }
        return blocks;
    }

    /// The number of products for a result.
    int depth() {
        return Arrays.stream(offsets).mapToInt(block -> block.length).sum();
    }

    /// The number of windows.
    long count() {
        return Arrays.stream(windows).asLongStream().reduce(1, (a, b) -> a * b);
    }

    private int last() {
        return windows.length - 1;
    }

    private int height() {
        return windows.length > 1 ? windows[last() - 1] : 1;
    }

    private int rowPitch() {
        return windows.length > 1 ? pitches[last() - 1] : 0;
    }

    // Columns of one matrix product: what it reads should stay in the second-level cache.
    private static int width(int channels) {
        return Math.clamp(BLOCK_ELEMENTS / Math.max(1, channels), 256, LARGEST_BLOCK);
    }

    private int rowsInBlock(int channels) {
        boolean whole = windows[last()] <= width(channels);
        return whole && rowPitch() > 0
                ? Math.clamp(width(channels) / rowPitch(), 1, Math.max(1, height()))
                : 1;
    }

    private int columnsInBlock(int channels) {
        return Math.max(1, Math.min(windows[last()], width(channels)));
    }

    /// How many blocks there are.
    int blockCount(int channels) {
        if (count() == 0) {
            return 0;
        }
        long outer = count() / windows[last()] / height();
        int high = Math.ceilDiv(height(), rowsInBlock(channels));
        int wide = Math.ceilDiv(windows[last()], columnsInBlock(channels));
        return Math.toIntExact(outer * high * wide);
    }

    private Block block(int channels, int index) {
        int rows = rowsInBlock(channels);
        int columns = columnsInBlock(channels);
        int[] at = new int[windows.length];
        int wide = Math.ceilDiv(windows[last()], columns);
        int rest = index / wide;
        at[last()] = index % wide * columns;
        int high = 1;
        if (windows.length > 1) {
            int parts = Math.ceilDiv(height(), rows);
            at[last() - 1] = rest % parts * rows;
            rest /= parts;
            high = Math.min(rows, height() - at[last() - 1]);
        }
        for (int axis = last() - 2; axis >= 0; axis--) {
            at[axis] = rest % windows[axis];
            rest /= windows[axis];
        }
        return new Block(at, high, Math.min(columns, windows[last()] - at[last()]));
    }

    /// What a sweep works on.
    ///
    /// @param lane the element type
    /// @param channels channels in the planes
    /// @param a the address of A, whose rows are contiguous and `depth` long
    /// @param planes the address of the planes
    /// @param c the address of the result of row 0
    /// @param rowC elements from one row's results to the next
    record Task(GemmLane lane, int channels, long a, long planes, long c, long rowC) {}

    /// Computes the rows `[rowBegin, rowEnd)` of one block.
    void run(Task task, int index, int rowBegin, int rowEnd) {
        GemmLane lane = task.lane;
        Block block = block(task.channels, index);
        int flat = (block.rows - 1) * rowPitch() + block.columns;
        int height = GemmMicroKernel.rows(lane);
        int groups = Math.ceilDiv(rowEnd - rowBegin, height);
        int vectors = groups == 1 ? GemmMicroKernel.vectors(lane, rowEnd - rowBegin) : 2;
        // Whole tiles, and not a multiple of 4,096 bytes from row to row.
        int room = Math.ceilDiv(flat, lane.length) * lane.length + lane.length;
        long b = task.planes;
        long out = start;
        for (int axis = 0; axis < windows.length; axis++) {
            b += (long) block.at[axis] * pitches[axis] * lane.bytes;
            out += block.at[axis] * steps[axis];
        }
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        try {
            long c = scratch.take((long) height * room * lane.bytes);
            for (int group = 0; group < groups; group++) {
                int row = rowBegin + GemmBlocks.cut(rowEnd - rowBegin, group, groups);
                int rows = rowBegin + GemmBlocks.cut(rowEnd - rowBegin, group + 1, groups) - row;
                multiply(task, row, rows, vectors, b, flat, c, room);
                store(task, block, row, rows, c, room, out);
            }
        } finally {
            scratch.release(mark);
        }
    }

    private void multiply(
            Task task, int row, int rows, int vectors, long b, int flat, long c, int room) {
        GemmLane lane = task.lane;
        GemmScratch.Arrays arrays = GemmScratch.ofThread().arrays(lane);
        long depth = depth();
        long a = task.a + row * depth * lane.bytes;
        int stride = GemmMicroKernel.ROW_STRIDE;
        boolean first = true;
        for (int[] taps : offsets) {
            PanelPack.copyToArray(
                    lane, a, depth * lane.bytes, arrays.rows(), stride, rows, taps.length);
            a += (long) taps.length * lane.bytes;
            for (int column = 0; column < flat; column += vectors * lane.length) {
                int wide = Math.min(vectors, Math.ceilDiv(flat - column, lane.length));
                long tile = c + (long) column * lane.bytes;
                Object begin = arrays.zeros();
                int beginStride = 0;
                if (!first) {
                    begin = arrays.begin();
                    beginStride = wide * lane.length;
                    PanelPack.copyToArray(
                            lane,
                            tile,
                            (long) room * lane.bytes,
                            begin,
                            beginStride,
                            rows,
                            beginStride);
                }
                ConvMicroKernel.of(lane, rows, wide)
                        .run(
                                arrays.rows(),
                                begin,
                                beginStride,
                                b + (long) column * lane.bytes,
                                taps,
                                tile,
                                (long) room * lane.bytes,
                                taps.length);
            }
            first = false;
        }
    }

    private void store(Task task, Block block, int row, int rows, long c, int room, long out) {
        int bytes = task.lane.bytes;
        long from = (long) rowPitch() * bytes;
        long to = windows.length > 1 ? steps[last() - 1] * bytes : 0;
        for (int i = 0; i < rows; i++) {
            long source = c + (long) i * room * bytes;
            long target = task.c + ((row + i) * task.rowC + out) * bytes;
            if (steps[last()] == 1) {
                PanelPack.copyRows(source, from, target, to, block.rows, block.columns * bytes);
            } else {
                for (int j = 0; j < block.rows; j++) {
                    CopyRows.row(
                            bytes,
                            source + j * from,
                            bytes,
                            target + j * to,
                            steps[last()] * bytes,
                            block.columns);
                }
            }
        }
    }
}
