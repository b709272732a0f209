package org.gemel.backend.vector;

/// One matrix product, everything in bytes: element A(i, p) is at `a + i * rowA + p * columnA`,
/// B(p, j) at `b + p * rowB + j * columnB`, C(i, j) at `c + i * rowC + j * (element size)`.
///
/// @param packed where all of B is packed by panels of [#panel] columns, see [PanelPack#packAll];
///   or 0
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
        long rowC,
        long packed) {
    private static final int GROUPS_IN_PLACE = 5;
    private static final long BYTES_IN_PLACE = 640 * 1024;
    private static final long BYTES_NEAR = 64 * 1024;

    /// A product whose B is not packed yet.
    GemmTask(
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
        this(m, n, k, a, rowA, columnA, b, rowB, columnB, c, rowC, 0);
    }

    /// The same product with all of B packed at `address`.
    GemmTask withPacked(long address) {
        return new GemmTask(m, n, k, a, rowA, columnA, b, rowB, columnB, c, rowC, address);
    }

    /// The same product with B somewhere else.
    GemmTask withB(long address) {
        return new GemmTask(m, n, k, a, rowA, columnA, address, rowB, columnB, c, rowC, packed);
    }

    /// Columns of a panel of B: two vectors, but more for few rows if B is packed already.
    int panel(GemmLane lane) {
        boolean few = packed != 0 && m <= GemmMicroKernel.rows(lane);
        return lane.length * (few ? Integer.highestOneBit(GemmMicroKernel.vectors(lane, m)) : 2);
    }

    /// The same product with A somewhere else: A(row, p) at `address`.
    GemmTask withA(long address, long rowA, long columnA, int row, int p) {
        long first = address - row * rowA - p * columnA;
        return new GemmTask(m, n, k, first, rowA, columnA, b, rowB, columnB, c, rowC, packed);
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
    /// cache, and its rows close enough together for the translations of their addresses; a small
    /// one lies as well as it would packed.
    boolean readsInPlace(GemmLane lane, int rows) {
        int groups = Math.ceilDiv(rows, GemmMicroKernel.rows(lane));
        long span = Math.min(k, GemmMicroKernel.ROW_STRIDE) * Math.abs(rowB);
        return packed == 0
                && columnB == lane.bytes
                && (groups == 1
                        || span <= BYTES_NEAR
                        || (groups <= GROUPS_IN_PLACE && span <= BYTES_IN_PLACE));
    }
}
