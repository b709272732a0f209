package org.gemel.backend.vector;

/// One thread's share of a matrix product: a rectangle of C, computed block by block.
///
/// ```
/// for each block of columns (the packed B stays in the second-level cache)
///   for each block of k (equal parts of at most ROW_STRIDE)
///     pack B
///     for each group of rows (equal parts of at most one tile)
///       pack A (stays in the first-level cache)
///       for each panel: micro-kernel
///       after the last block of k: epilogue
/// ```
///
/// With few groups of rows, packing B would cost more than it saves: whole panels of a B with
/// contiguous rows are then read in place. With a single group, tiles are as wide as the registers
/// allow, so that the few chains of a short group do not wait for each other; and what has to be
/// packed after all, or comes from far away, goes through the first-level cache in small blocks.
final class GemmBlocks {
    /// Groups of rows whose part of A is transposed at once, if it has to be.
    static final int GROUPS_PER_TRANSPOSE = 5;

    /// Block of k, in bytes of one column, of a packed B that a single group of rows uses: what is
    /// packed is read again from the first-level cache at once.
    private static final int NEAR_DEPTH_BYTES = 256;

    private final GemmLane lane;
    private final GemmTask task;
    private final Gemm.Epilogue epilogue;
    private final GemmScratch scratch = GemmScratch.ofThread();
    private final GemmScratch.Arrays arrays;

    // The rectangle, as groups of rows of nearly equal height and a range of columns.
    private final int rowBegin;
    private final int rowEnd;
    private final int groups;
    private final int vectors;
    private final boolean inPlace;

    private final boolean near;
    private final double steps;

    // Where C(0, 0) is, or would be, and bytes from one of its rows to the next.
    private long c;
    private long rowC;

    GemmBlocks(GemmLane lane, GemmTask task, Gemm.Epilogue epilogue, int rowBegin, int rowEnd) {
        this.lane = lane;
        this.epilogue = epilogue;
        this.arrays = scratch.arrays(lane);
        this.c = task.c();
        this.rowC = task.rowC();
        this.rowBegin = rowBegin;
        this.rowEnd = rowEnd;
        this.groups = Math.ceilDiv(rowEnd - rowBegin, GemmMicroKernel.rows(lane));
        this.inPlace = task.readsInPlace(lane, rowEnd - rowBegin);
        this.vectors =
                inPlace && groups == 1
                        ? GemmMicroKernel.vectors(lane, rowEnd - rowBegin)
                        : task.panel(lane) / lane.length;
        this.near = groups == 1 && !inPlace && task.packed() == 0;
        this.steps = task.steps(lane);
        this.task = near ? rowsOfA(lane, task, rowBegin, rowEnd - rowBegin, scratch) : task;
    }

    // The product with the rows of A contiguous, as they are packed once for each panel; as it is
    // if they are too long.
    private static GemmTask rowsOfA(
            GemmLane lane, GemmTask task, int row, int rows, GemmScratch scratch) {
        long stride = (long) task.k() * lane.bytes;
        if (task.columnA() == lane.bytes || rows * stride > GemmScratch.transposedBytes(lane)) {
            return task;
        }
        long target = scratch.transposed(lane);
        for (int i = 0; i < rows; i++) {
            long from = task.a() + (row + i) * task.rowA();
            CopyRows.row(
                    lane.bytes, from, task.columnA(), target + i * stride, lane.bytes, task.k());
        }
        return task.withA(target, stride, lane.bytes, row, 0);
    }

    /// Computes the columns from `begin` to `end`.
    void run(int begin, int end) {
        int step = GemmScratch.BLOCK_BYTES / lane.bytes;
        int parts = Math.ceilDiv(end - begin, step);
        int panel = vectors * lane.length;
        int panels = Math.ceilDiv(end - begin, panel);
        for (int i = 0; i < parts; i++) {
            int from = begin + cut(panels, i, parts) * panel;
            int to = Math.min(end, begin + cut(panels, i + 1, parts) * panel);
            columns(from, to);
        }
    }

    private void columns(int begin, int end) {
        if (!near) {
            blocks(begin, end, begin, end, GemmMicroKernel.ROW_STRIDE);
            return;
        }
        for (int column = begin; column < end; column += 2 * lane.length) {
            int next = Math.min(end, column + 2 * lane.length);
            blocks(column, next, begin, end, NEAR_DEPTH_BYTES / lane.bytes);
        }
        finish(rowBegin, rowEnd, begin, end);
    }

    // The columns from `begin` to `end`, part of those from `first` to `last`, in blocks of k.
    private void blocks(int begin, int end, int first, int last, int depth) {
        int length = lane.length;
        int parts = Math.ceilDiv(task.k(), depth);
        int units = Math.ceilDiv(task.k(), length);
        for (int i = 0; i < parts; i++) {
            int p = cut(units, i, parts) * length;
            int k = Math.min(task.k(), cut(units, i + 1, parts) * length) - p;
            pack(begin, end, p, k);
            for (int group = 0; group < groups; group += GROUPS_PER_TRANSPOSE) {
                int next = Math.min(groups, group + GROUPS_PER_TRANSPOSE);
                GemmTask source = source(group, next, p, k);
                for (int one = group; one < next; one++) {
                    int top = rowCut(one);
                    int bottom = rowCut(one + 1);
                    place(top, first, last);
                    PanelPack.packA(lane, source, top, bottom - top, p, k, scratch);
                    group(top, bottom - top, begin, end, p, k);
                    if (!near && i + 1 == parts) {
                        finish(top, bottom, begin, end);
                    }
                }
            }
        }
    }

    // Where C is nowhere: a tile from `top` on takes the place of the last.
    private void place(int top, int begin, int end) {
        if (task.c() == Gemm.NOWHERE) {
            // wider than the packed block where panels of more vectors do not divide it
            rowC = (((long) (end - begin) * lane.bytes + 63) / 64) * 64;
            c = scratch.local() - top * rowC - (long) begin * lane.bytes;
        }
    }

    private void finish(int top, int bottom, int begin, int end) {
        long tile = c + top * rowC + (long) begin * lane.bytes;
        epilogue.tile(top, bottom, begin, end, tile, rowC);
    }

    // A product whose rows of A, those of some groups, are contiguous.
    private GemmTask source(int firstGroup, int endGroup, int p, int k) {
        if (!PanelPack.transposesA(lane, task, k)) {
            return task;
        }
        int first = rowCut(firstGroup);
        int rows = rowCut(endGroup) - first;
        long transposed = PanelPack.transposeA(lane, task, first, rows, p, k, scratch);
        return task.withA(transposed, GemmScratch.rowBytes(lane), lane.bytes, first, p);
    }

    private int rowCut(int group) {
        return rowBegin + cut(rowEnd - rowBegin, group, groups);
    }

    private void pack(int begin, int end, int p, int k) {
        if (task.packed() != 0) {
            return;
        }
        int panel = vectors * lane.length;
        long target = scratch.block();
        for (int column = begin; column < end; column += panel) {
            int columns = Math.min(panel, end - column);
            int width = Math.ceilDiv(columns, lane.length) * lane.length;
            if (!inPlace || width != columns) {
                PanelPack.packB(lane, task, column, columns, width, p, k, target);
                target += (long) k * width * lane.bytes;
            }
        }
    }

    private void group(int row, int rows, int begin, int end, int p, int k) {
        int panel = vectors * lane.length;
        long packed = scratch.block();
        for (int column = begin; column < end; column += panel) {
            int columns = Math.min(panel, end - column);
            int width = Math.ceilDiv(columns, lane.length) * lane.length;
            long b = packed;
            long bStride = (long) width * lane.bytes;
            if (task.packed() != 0) {
                b = task.packed() + (long) column * task.k() * lane.bytes + p * bStride;
            } else if (inPlace && width == columns) {
                b = task.b() + p * task.rowB() + (long) column * lane.bytes;
                bStride = task.rowB();
            } else {
                packed += k * bStride;
            }
            GemmMicroKernel kernel = GemmMicroKernel.of(lane, rows, width / lane.length, steps);
            long at = c + row * rowC + (long) column * lane.bytes;
            tile(kernel, b, bStride, at, rows, columns, width, p, k);
        }
    }

    private void tile(
            GemmMicroKernel kernel,
            long b,
            long bStride,
            long at,
            int rows,
            int columns,
            int width,
            int p,
            int k) {
        Object begin = arrays.zeros();
        int beginStride = 0;
        if (p > 0) {
            begin = arrays.begin();
            beginStride = width;
            PanelPack.copyToArray(lane, at, rowC, begin, width, rows, columns);
        }
        if (columns == width) {
            kernel.run(arrays.rows(), begin, beginStride, b, bStride, at, rowC, k);
        } else {
            // A tile that sticks out of C is computed beside it.
            long tile = scratch.tile();
            long stride = (long) width * lane.bytes;
            kernel.run(arrays.rows(), begin, beginStride, b, bStride, tile, stride, k);
            PanelPack.copyRows(tile, stride, at, rowC, rows, columns * lane.bytes);
        }
    }

    /// Where part `index` begins when `total` is dealt out into `parts` nearly equal parts.
    static int cut(int total, int index, int parts) {
        return total / parts * index + Math.min(index, total % parts);
    }
}
