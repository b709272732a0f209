package org.gemel.backend.vector;

import java.util.concurrent.atomic.AtomicReferenceArray;

/// The micro-kernels of one kind made so far: one for each shape of tile, and another that takes
/// its place once there is large work.
final class TileKernels<K> {
    private static final int MAX_ROWS = 16;
    private static final int ROW = GemmMicroKernel.MAX_VECTORS + 1;
    private static final int LANE = MAX_ROWS * ROW;
    private static final int ALL = GemmLane.values().length * LANE;

    // Those for small work, then those for large.
    private final AtomicReferenceArray<K> made = new AtomicReferenceArray<>(2 * ALL);
    private final Maker<K> maker;

    TileKernels(Maker<K> maker) {
        this.maker = maker;
    }

    /// Makes a kernel.
    @FunctionalInterface
    interface Maker<K> {
        /// The kernel for tiles of `rows` rows by `vectors` vectors.
        K make(GemmLane lane, int rows, int vectors, boolean large);
    }

    /// The kernel for tiles of `rows` rows by `vectors` vectors.
    ///
    /// @param large whether the work is worth waiting for a compiled one; see [LargeWork]
    K of(GemmLane lane, int rows, int vectors, boolean large) {
        int index = lane.ordinal() * LANE + rows * ROW + vectors;
        K best = made.get(ALL + index);
        if (best != null) {
            return best;
        }
        K small = made.get(index);
        if (small != null && !large) {
            return small;
        }
        return make(index + (large ? ALL : 0), lane, rows, vectors, large);
    }

    // Threads that need the same new kernel wait for the first: two would be compiled twice.
    private synchronized K make(int index, GemmLane lane, int rows, int vectors, boolean large) {
        K kernel = made.get(index);
        if (kernel == null) {
            kernel = maker.make(lane, rows, vectors, large);
            made.set(index, kernel);
        }
        return kernel;
    }
}
