package org.gemel.backend.vector;

/// How C is cut for several threads: into `rows` x `columns` rectangles, one a thread.
///
/// Threads beside each other pack the same rows of A, threads below each other the same panels of
/// B; of all grids the one is taken whose largest rectangle costs least, packing included.
record GemmGrid(int rows, int columns) {
    /// Steps of a micro-kernel (one vector) that packing one element takes, about.
    private static final double PACKING = 0.5;

    static GemmGrid of(GemmLane lane, int m, int n, int k, int threads) {
        GemmGrid best = new GemmGrid(1, 1);
        double least = best.cost(lane, m, n, k);
        for (int rows = 1; rows <= threads; rows++) {
            GemmGrid grid = new GemmGrid(rows, threads / rows);
            double cost = grid.cost(lane, m, n, k);
            if (rows <= m && grid.columns <= panels(lane, n) && cost < least) {
                best = grid;
                least = cost;
            }
        }
        return best;
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
