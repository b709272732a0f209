package org.gemel.backend.vector;

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
    ///
    /// @param steps how many vectors there are to multiply and add, in all tiles together
    static ConvMicroKernel of(GemmLane lane, int rows, int vectors, double steps) {
        return Known.KERNELS.of(lane, rows, vectors, LargeWork.product(steps));
    }

    /// The kernels made so far.
    final class Known {
        private static final TileKernels<ConvMicroKernel> KERNELS = new TileKernels<>(Known::make);

        private Known() {}

        private static ConvMicroKernel make(GemmLane lane, int rows, int vectors, boolean large) {
            ConvMicroKernel kernel =
                    new GemmMicroKernel.Generator(lane, rows, vectors, true)
                            .generateScattered(large);
            if (large) {
                GemmScratch scratch = GemmScratch.ofThread();
                GemmScratch.Arrays a = scratch.arrays(lane);
                int[] taps = new int[GemmMicroKernel.PRACTICE];
                long c = scratch.tile();
                long row = (long) vectors * lane.vectorBytes();
                LargeWork.practise(
                        () -> kernel.run(a.rows(), a.zeros(), 0, c, taps, c, row, taps.length));
            }
            return kernel;
        }
    }
}
