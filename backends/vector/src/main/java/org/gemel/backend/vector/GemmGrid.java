package org.gemel.backend.vector;

/// How C is cut for several threads: into `rows` x `columns` rectangles, one a thread.
///
/// Threads beside each other pack the same rows of A, threads below each other the same panels of
/// B; of all grids the one is taken whose largest rectangle costs least, packing included.
record GemmGrid(int rows, int columns) {
    /// Steps of a micro-kernel (one vector) that packing one element takes, about.
    private static final double PACKING = 0.5;

    /// How much dearer a grid with fewer threads beside each other may be and still be taken: these
    /// share the rows of C, and what fetches ahead for one of them takes lines from the other.
    private static final double BESIDE = 1.04;

    static GemmGrid of(GemmLane lane, int m, int n, int k, int threads) {
        GemmGrid whole = new GemmGrid(1, 1);
        double least = whole.cost(lane, m, n, k);
        for (int rows = 1; rows <= threads; rows++) {
            GemmGrid grid = new GemmGrid(rows, threads / rows);
            if (grid.fits(lane, m, n)) {
                least = Math.min(least, grid.cost(lane, m, n, k));
            }
        }
        for (int rows = threads; rows >= 1; rows--) {
            GemmGrid grid = new GemmGrid(rows, threads / rows);
            if (grid.fits(lane, m, n) && grid.cost(lane, m, n, k) <= BESIDE * least) {
                return grid;
            }
        }
        return whole;
    }

    private boolean fits(GemmLane lane, int m, int n) {
        return rows <= m && columns <= panels(lane, n);
    }

    private double cost(GemmLane lane, int m, int n, int k) {
        int high = Math.ceilDiv(m, rows);
        int wide = Math.min(n, Math.ceilDiv(panels(lane, n), columns) * 2 * lane.length);
        double steps = (double) high * Math.ceilDiv(wide, lane.length) * k;
        return steps + PACKING * k * ((double) high + wide);
    }

    private static int panels(GemmLane lane, int n) {
        return Math.ceilDiv(n, 2 * lane.length);
    }

    /// The first column of the rectangles in column `index` of the grid: whole panels.
    int columnCut(GemmLane lane, int n, int index) {
        return Math.min(n, GemmBlocks.cut(panels(lane, n), index, columns) * 2 * lane.length);
    }
}
