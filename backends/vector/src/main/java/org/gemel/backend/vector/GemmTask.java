package org.gemel.backend.vector;

/// One matrix product, everything in bytes: element A(i, p) is at `a + i * rowA + p * columnA`,
/// B(p, j) at `b + p * rowB + j * columnB`, C(i, j) at `c + i * rowC + j * (element size)`.
record GemmTask(
        int m,
        int n,
        int k,
        long a,
        long rowA,
        long columnA,
        long b,
        long rowB,
        long columnB,
        long c,
        long rowC) {
    private static final int GROUPS_IN_PLACE = 5;
    private static final long BYTES_IN_PLACE = 640 * 1024;

    /// The same product with A somewhere else: A(row, p) at `address`.
    GemmTask withA(long address, long rowA, long columnA, int row, int p) {
        long first = address - row * rowA - p * columnA;
        return new GemmTask(m, n, k, first, rowA, columnA, b, rowB, columnB, c, rowC);
    }

    /// The product that gives C transposed: the transposes of B and A change places.
    GemmTask turned(long c, long rowC) {
        return new GemmTask(n, m, k, b, columnB, rowB, a, columnA, rowA, c, rowC);
    }

    /// Multiplications, in vectors.
    double steps(GemmLane lane) {
        return (double) m * Math.ceilDiv(n, lane.length) * k;
    }

    /// Whether B is read where it is rather than packed by panels, when `rows` rows of C share it:
    /// few rows would not pay for packing. Read more than once, B has to stay in the second-level
    /// cache, and its rows close enough together for the translations of their addresses.
    boolean readsInPlace(GemmLane lane, int rows) {
        int groups = Math.ceilDiv(rows, GemmMicroKernel.rows(lane));
        long span = Math.min(k, GemmMicroKernel.ROW_STRIDE) * Math.abs(rowB);
        return columnB == lane.bytes
                && (groups == 1 || (groups <= GROUPS_IN_PLACE && span <= BYTES_IN_PLACE));
    }
}
