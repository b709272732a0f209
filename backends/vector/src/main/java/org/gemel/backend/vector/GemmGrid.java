package org.gemel.backend.vector;

/// How C is cut for several threads: into `rows` x `columns` rectangles, one a thread.
///
/// Threads beside each other pack the same rows of A, threads below each other the same panels of
/// B; of all grids the one is taken whose largest rectangle costs least, packing included.
///
/// @param vectors the width of a panel, whose columns stay together
record GemmGrid(int rows, int columns, int vectors) {
    /// Steps of a micro-kernel (one vector) that packing one element takes, about.
    private static final double PACKING = 0.5;

    /// How much dearer a grid with fewer threads beside each other may be and still be taken: these
    /// share the rows of C, and what fetches ahead for one of them takes lines from the other.
    private static final double BESIDE = 1.04;

    static GemmGrid of(GemmLane lane, int m, int n, int k, int threads) {
        return of(lane, new GemmTask(m, n, k, 0, 0, 0, 0, 0, 0, 0, 0), threads);
    }

    static GemmGrid of(GemmLane lane, GemmTask task, int threads) {
        int vectors = task.panel(lane) / lane.length;
        GemmGrid whole = new GemmGrid(1, 1, vectors);
        double least = whole.cost(lane, task);
        for (int rows = 1; rows <= threads; rows++) {
            GemmGrid grid = new GemmGrid(rows, threads / rows, vectors);
            if (grid.fits(lane, task)) {
                least = Math.min(least, grid.cost(lane, task));
            }
        }
        for (int rows = threads; rows >= 1; rows--) {
            GemmGrid grid = new GemmGrid(rows, threads / rows, vectors);
            if (grid.fits(lane, task) && grid.cost(lane, task) <= BESIDE * least) {
                return grid;
            }
        }
        return whole;
    }

    private boolean fits(GemmLane lane, GemmTask task) {
        return rows <= task.m() && columns <= panels(lane, task.n());
    }

    private double cost(GemmLane lane, GemmTask task) {
        int high = Math.ceilDiv(task.m(), rows);
        int wide =
                Math.min(
                        task.n(),
                        Math.ceilDiv(panels(lane, task.n()), columns) * vectors * lane.length);
        double steps = (double) high * Math.ceilDiv(wide, lane.length) * task.k();
        int packed = high + (task.packed() == 0 ? wide : 0);
        return steps + PACKING * task.k() * packed;
    }

    private int panels(GemmLane lane, int n) {
        return Math.ceilDiv(n, vectors * lane.length);
    }

    /// The first column of the rectangles in column `index` of the grid: whole panels.
    int columnCut(GemmLane lane, int n, int index) {
        return Math.min(n, GemmBlocks.cut(panels(lane, n), index, columns) * vectors * lane.length);
    }
}
