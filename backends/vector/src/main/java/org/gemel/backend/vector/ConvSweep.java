package org.gemel.backend.vector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Windows that move in steps of one over [ConvPlanes], as one matrix product for each block of
/// windows, and where the results go.
///
/// ```
/// C(row, window) = sum over q = (channel, tap) of A(row, q) * planes[offset(q) + window]
/// ```
///
/// Neighbouring windows lie side by side, and rows of windows a little further than they are long;
/// so do samples. The product runs over whole rows with the gaps between them, whose results are
/// dropped: that costs less than packing what the taps read.
final class ConvSweep {
    private static final int LARGEST_BLOCK = 2048;
    private static final int SMALLEST_BLOCK = 256;
    private static final int BLOCK_ELEMENTS = 131_072;

    private final int[][] offsets;
    private final int columns;
    private final long columnStep;
    private final int height;
    private final int rowsOfSample;
    private final boolean dense;
    // Of each row of windows, sample after sample: where it begins in a channel's planes, and
    // where its results go, in elements.
    private final int[] places;
    private final long[] results;

    /// @param windows how many windows there are along each dimension
    /// @param offsets bytes from the first place of a plane to each row of B, in blocks of k
    /// @param planes what is swept over
    /// @param start where the first window's result goes, in elements
    /// @param steps elements from one window's result to the next, along each dimension
    /// @param samples how many samples lie side by side
    /// @param sampleStep elements from one sample's results to the next
    ConvSweep(
            int[] windows,
            int[][] offsets,
            ConvPlanes planes,
            long start,
            long[] steps,
            int samples,
            long sampleStep) {
        int last = windows.length - 1;
        this.offsets = offsets;
        this.columns = windows[last];
        this.columnStep = steps[last];
        this.height = last > 0 ? windows[last - 1] : 1;
        this.rowsOfSample = Arrays.stream(windows, 0, last).reduce(1, Math::multiplyExact);
        this.places = new int[Math.multiplyExact(samples, rowsOfSample)];
        this.results = new long[places.length];
        for (int row = 0; row < places.length; row++) {
            int rest = row;
            results[row] = start;
            for (int axis = last - 1; axis >= 0; axis--) {
                places[row] += rest % windows[axis] * planes.pitch(axis);
                results[row] += rest % windows[axis] * steps[axis];
                rest /= windows[axis];
            }
            places[row] += rest * planes.samplePitch();
            results[row] += rest * sampleStep;
        }
        boolean gapless = columnStep == 1;
        for (int row = 1; row < Math.min(rowsOfSample, results.length); row++) {
            gapless &= results[row] - results[row - 1] == columns;
        }
        this.dense = gapless;
    }

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
        int depth = 0;
        for (int[] block : offsets) {
            depth += block.length;
        }
        return depth;
    }

    /// The number of windows of one sample.
    long count() {
        return (long) rowsOfSample * columns;
    }

    /// Whether the results of neighbouring windows of a row are neighbours.
    boolean isDense() {
        return columnStep == 1;
    }

    /// The rows of B, in blocks of k: bytes from the first place of a plane to each.
    int[][] offsets() {
        return offsets;
    }

    /// Windows in a row.
    int columns() {
        return columns;
    }

    /// Where the first window of a row of windows reads, in elements from the first place.
    int place(int row) {
        return places[row];
    }

    /// From one window's result to the next one's in a row, in elements.
    long columnStep() {
        return columnStep;
    }

    /// How many windows' results lie [#columnStep] apart before there is a gap: a sample or a row.
    int run() {
        return dense ? rowsOfSample * columns : columns;
    }

    /// Where the first result of a [#run] goes, in elements from that of the first sample.
    long result(int run) {
        return results[dense ? run * rowsOfSample : run];
    }

    /// Windows that one matrix product covers: the rows of windows `[row, end)`, `columns` of each
    /// from `column` on.
    record Block(int row, int end, int column, int columns) {}

    /// The blocks of the first `samples` samples.
    List<Block> blocks(int channels, int samples) {
        // What one matrix product reads should stay in the second-level cache.
        int width =
                Math.clamp(BLOCK_ELEMENTS / Math.max(1, channels), SMALLEST_BLOCK, LARGEST_BLOCK);
        int rows = columns == 0 ? 0 : samples * rowsOfSample;
        List<Block> blocks = new ArrayList<>();
        int row = 0;
        while (row < rows) {
            int end = row + 1;
            // A gap wider than a row would be worse than another block.
            while (end < rows
                    && places[end] + columns - places[row] <= width
                    && places[end] - places[end - 1] <= 2 * columns + SMALLEST_BLOCK / 4) {
                end++;
            }
            for (int column = 0; column < columns; column += width) {
                blocks.add(new Block(row, end, column, Math.min(width, columns - column)));
            }
            row = end;
        }
        return blocks;
    }

    /// What a sweep works on.
    ///
    /// @param lane the element type
    /// @param matrix A
    /// @param weight the address of the weight that A is made of
    /// @param group which group of channels
    /// @param planes the address of the planes
    /// @param c the address of the first sample's result of row 0
    /// @param rowC elements from one row's results to the next
    record Task(
            GemmLane lane,
            ConvMatrix matrix,
            long weight,
            int group,
            long planes,
            long c,
            long rowC) {}

    /// Takes parts of the result that are final.
    @FunctionalInterface
    interface Then {
        /// @param row which row of A
        /// @param place the first element, counted from the first sample's result of row 0
        void accept(int row, long place, long count);
    }

    /// Computes the rows `[rowBegin, rowEnd)` of one block.
    void run(Task task, Block block, int rowBegin, int rowEnd, Then then) {
        GemmLane lane = task.lane;
        int flat = places[block.end - 1] - places[block.row] + block.columns;
        int groups = Math.ceilDiv(rowEnd - rowBegin, GemmMicroKernel.rows(lane));
        int most = GemmMicroKernel.vectors(lane, Math.ceilDiv(rowEnd - rowBegin, groups));
        // Tiles of one width only: each is a kernel to compile.
        int vectors = Math.min(most, Math.ceilDiv(flat, lane.length));
        int tile = vectors * lane.length;
        // Whole tiles, and not a multiple of 4,096 bytes from row to row.
        int room = Math.ceilDiv(flat, tile) * tile + lane.length;
        long b = task.planes + (long) (places[block.row] + block.column) * lane.bytes;
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        try {
            long c = scratch.take((long) GemmMicroKernel.rows(lane) * room * lane.bytes);
            for (int group = 0; group < groups; group++) {
                int row = rowBegin + GemmBlocks.cut(rowEnd - rowBegin, group, groups);
                int rows = rowBegin + GemmBlocks.cut(rowEnd - rowBegin, group + 1, groups) - row;
                multiply(task, row, rows, vectors, b, flat, c, room);
                for (int i = 0; i < rows; i++) {
                    store(task, block, row + i, c + (long) i * room * lane.bytes, then);
                }
            }
        } finally {
            scratch.release(mark);
        }
    }

    private void multiply(
            Task task, int row, int rows, int vectors, long b, int flat, long c, int room) {
        GemmLane lane = task.lane;
        GemmScratch.Arrays arrays = GemmScratch.ofThread().arrays(lane);
        double steps = (double) rows * Math.ceilDiv(flat, lane.length) * depth();
        ConvMicroKernel kernel = ConvMicroKernel.of(lane, rows, vectors, steps);
        int width = vectors * lane.length;
        int p = 0;
        long rowC = (long) room * lane.bytes;
        boolean first = true;
        for (int[] taps : offsets) {
            task.matrix.pack(task.weight, task.group, row, rows, p, taps.length, arrays.rows());
            p += taps.length;
            for (int column = 0; column < flat; column += width) {
                long tile = c + (long) column * lane.bytes;
                Object begin = arrays.zeros();
                int beginStride = 0;
                if (!first) {
                    begin = arrays.begin();
                    beginStride = width;
                    PanelPack.copyToArray(lane, tile, rowC, begin, width, rows, width);
                }
                kernel.run(
                        arrays.rows(),
                        begin,
                        beginStride,
                        b + (long) column * lane.bytes,
                        taps,
                        tile,
                        rowC,
                        taps.length);
            }
            first = false;
        }
    }

    // Rows of windows of one plane are equally far apart, here and there.
    private void store(Task task, Block block, int row, long c, Then then) {
        int bytes = task.lane.bytes;
        int next;
        for (int from = block.row; from < block.end; from = next) {
            next = Math.min(block.end, (from / height + 1) * height);
            int rows = next - from;
            int second = Math.min(from + 1, next - 1);
            long pitch = (long) places[second] - places[from];
            long step = results[second] - results[from];
            long place = row * task.rowC + results[from] + block.column * columnStep;
            long source = c + (long) (places[from] - places[block.row]) * bytes;
            long target = task.c + place * bytes;
            if (columnStep == 1) {
                PanelPack.copyRows(
                        source, pitch * bytes, target, step * bytes, rows, block.columns * bytes);
            } else {
                for (int i = 0; i < rows; i++) {
                    CopyRows.row(
                            bytes,
                            source + i * pitch * bytes,
                            bytes,
                            target + i * step * bytes,
                            columnStep * bytes,
                            block.columns);
                }
            }
            if (step == block.columns || rows == 1) {
                then.accept(row, place, (long) rows * block.columns);
            } else {
                for (int i = 0; i < rows; i++) {
                    then.accept(row, place + i * step, block.columns);
                }
            }
        }
    }
}
