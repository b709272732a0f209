package org.gemel.backend.vector;

import org.gemel.backend.Workers;

/// Matrix products C = A x B of any layout, whose bits do not depend on how they are computed.
///
/// Every element of C is one chain `c = fma(A(i, p), B(p, j), c)` with p ascending from 0 and c
/// starting at +0: the same bits whatever the blocking, the vector length, the number of threads
/// and the size of the matrices. Where k is split, the chain goes on from what was stored in C,
/// which is exact. C must not overlap A or B.
///
/// The fast path packs B by panels and A by rows and keeps tiles of C in registers (after Goto and
/// van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008); see [GemmBlocks].
final class Gemm {
    /// What is done to a finished tile of C while it is still in the cache.
    @FunctionalInterface
    interface Epilogue {
        /// Nothing.
        Epilogue NONE = (row0, row1, col0, col1, c, rowC) -> {};

        /// Takes the rows `[row0, row1)` and columns `[col0, col1)` of C, which are final. The
        /// tiles of one product cover each element of C once; they are some rows high and some
        /// hundreds of columns wide where C is, and come on the threads that computed them, whose
        /// packing buffers are in use: an epilogue must not multiply matrices itself.
        ///
        /// @param c the address of the tile's first element, which is that of C or a copy that
        ///   lives as long as the call
        /// @param rowC bytes from one row of the tile to the next
        void tile(int row0, int row1, int col0, int col1, long c, long rowC);
    }

    /// Products up to this many multiplications are not worth packing.
    private static final long SMALL = 64;

    /// Multiplications (in steps of one vector) that are worth a thread, some 15 us.
    private static final long GRAIN = 65_536;

    /// With more rows packing takes less than a hundredth of the time.
    private static final int MOST_ROWS_AHEAD = 768;

    /// In place of the address of C: only the epilogue sees the tiles; see [#needsNoMemory].
    static final long NOWHERE = 0;

    private Gemm() {}

    /// Whether a product can be computed for its epilogue alone: every tile is finished at once, in
    /// a buffer of its thread.
    static boolean needsNoMemory(int m, int n, int k) {
        return n > 1 && k <= GemmMicroKernel.ROW_STRIDE && (long) m * n * k > SMALL;
    }

    /// C (m x n, rows `ldc` elements apart) = A (m x k) x B (k x n), all of `lane`'s type.
    ///
    /// @param a the address of A(0, 0); A(i, p) is `i * rsA + p * csA` elements further
    /// @param b the address of B(0, 0); B(p, j) is `p * rsB + j * csB` elements further
    static void run(
            Workers workers,
            GemmLane lane,
            int m,
            int n,
            int k,
            long a,
            long rsA,
            long csA,
            long b,
            long rsB,
            long csB,
            long c,
            long ldc,
            Epilogue epilogue) {
        int e = lane.bytes;
        run(
                workers,
                lane,
                new GemmTask(m, n, k, a, rsA * e, csA * e, b, rsB * e, csB * e, c, ldc * e),
                epilogue);
    }

    /// C = A x B as `task` says.
    static void run(Workers workers, GemmLane lane, GemmTask task, Epilogue epilogue) {
        int m = task.m();
        int n = task.n();
        if (m == 0 || n == 0) {
            return;
        }
        if ((long) m * n * task.k() <= SMALL) {
            GemmSmall.run(lane, task);
            epilogue.tile(0, m, 0, n, task.c(), task.rowC());
            return;
        }
        if (n == 1 && task.rowC() == lane.bytes) {
            // A column of C lies as the one row of its transpose does.
            GemmTask turned = task.turned(task.c(), m * task.rowC());
            split(
                    workers,
                    lane,
                    turned,
                    (row0, row1, col0, col1, c, rowC) ->
                            epilogue.tile(col0, col1, row0, row1, c, lane.bytes));
        } else if (turns(lane, m, n)) {
            // So few columns would leave most of each vector empty.
            split(
                    workers,
                    lane,
                    task.turned(NOWHERE, 0),
                    (row0, row1, col0, col1, tile, pitch) -> {
                        long rowC = task.c() == NOWHERE ? (long) n * lane.bytes : task.rowC();
                        long first =
                                task.c() == NOWHERE
                                        ? GemmScratch.ofThread().turned()
                                        : task.c() + col0 * rowC;
                        long c = first + (long) row0 * lane.bytes;
                        PanelPack.turn(lane, tile, pitch, row1 - row0, col1 - col0, c, rowC);
                        epilogue.tile(col0, col1, row0, row1, c, rowC);
                    });
        } else {
            split(workers, lane, task, epilogue);
        }
    }

    // Whether so few columns of C would leave most of each vector empty that its transpose is
    // computed instead.
    private static boolean turns(GemmLane lane, int m, int n) {
        return n <= lane.length / 2 && m >= lane.length;
    }

    /// Whether a B with contiguous columns, which has to be packed, may as well be packed before:
    /// it is used for so few rows that packing it counts.
    ///
    /// @param products how many products with this B there are
    static boolean packsAhead(GemmLane lane, GemmTask task, long products) {
        return task.columnB() != lane.bytes
                && task.n() > 1
                && !turns(lane, task.m(), task.n())
                && products * task.m() <= MOST_ROWS_AHEAD
                && (long) task.m() * task.n() * task.k() > SMALL;
    }

    private static void split(Workers workers, GemmLane lane, GemmTask task, Epilogue epilogue) {
        int m = task.m();
        int n = task.n();
        // Small products of large matrices take as long as the matrices take to be read.
        double work = task.steps(lane) + 0.5 * task.k() * ((double) m + n);
        int threads = (int) Math.min(workers.free(), Math.max(1, work / GRAIN));
        if (threads == 1) {
            new GemmBlocks(lane, task, epilogue, 0, m).run(0, n);
            return;
        }
        GemmGrid grid = GemmGrid.of(lane, task, threads);
        workers.forRange(
                (long) grid.rows() * grid.columns(),
                1,
                (begin, end) -> {
                    for (long i = begin; i < end; i++) {
                        int row = (int) (i / grid.columns());
                        int column = (int) (i % grid.columns());
                        int from = grid.columnCut(lane, n, column);
                        int to = grid.columnCut(lane, n, column + 1);
                        new GemmBlocks(
                                        lane,
                                        task,
                                        epilogue,
                                        GemmBlocks.cut(m, row, grid.rows()),
                                        GemmBlocks.cut(m, row + 1, grid.rows()))
                                .run(from, to);
                    }
                });
    }
}
