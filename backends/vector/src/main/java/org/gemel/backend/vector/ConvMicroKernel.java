package org.gemel.backend.vector;

import java.util.concurrent.atomic.AtomicReferenceArray;

/// As [GemmMicroKernel], but each row of the panel of B lies where a table says: the taps of a
/// window read the input itself, at an offset each, and nothing is packed.
@FunctionalInterface
interface ConvMicroKernel {
    /// Computes one tile.
    ///
    /// @param rows the packed rows of A, as for [GemmMicroKernel]
    /// @param begin what the chains begin with
    /// @param beginStride elements from one row of `begin` to the next; 0 for equal rows
    /// @param b the address that offsets count from
    /// @param offsets bytes from `b` to each row of the panel
    /// @param c the address of the tile
    /// @param cStride bytes from one row of the tile to the next
    /// @param k how many products to add
    void run(
            Object rows,
            Object begin,
            int beginStride,
            long b,
            int[] offsets,
            long c,
            long cStride,
            int k);

    /// The kernel for tiles of `rows` rows by `vectors` vectors.
    static ConvMicroKernel of(GemmLane lane, int rows, int vectors) {
        AtomicReferenceArray<ConvMicroKernel> known = Known.KERNELS;
        int index =
                (lane.ordinal() * Known.MAX_ROWS + rows) * (GemmMicroKernel.MAX_VECTORS + 1)
                        + vectors;
        ConvMicroKernel kernel = known.get(index);
        if (kernel == null) {
            kernel = new GemmMicroKernel.Generator(lane, rows, vectors, true).generateScattered();
            known.set(index, kernel);
        }
        return kernel;
    }

    /// The kernels made so far. A pure function's memory: two threads that race to make the same
    /// kernel make two equal ones.
    final class Known {
        private static final int MAX_ROWS = 16;
        private static final AtomicReferenceArray<ConvMicroKernel> KERNELS =
                new AtomicReferenceArray<>(
                        (GemmLane.values().length * MAX_ROWS + 1)
                                * (GemmMicroKernel.MAX_VECTORS + 1));

        private Known() {}
    }
}
