package org.gemel.backend.vector;

import org.gemel.backend.Workers;

/// Copies one strided view onto another: transposes, broadcasts, flips, slices, made dense or not.
///
/// Dimensions are put in the order of the destination's strides, those of length 1 dropped and
/// neighbours that run on in both views merged. What is left decides the way: where the source is
/// contiguous along another dimension than the destination, planes are transposed; otherwise rows
/// are copied, whole where they are contiguous in both views.
final class StridedCopy {
    /// Bytes that are worth a thread, some 10 us.
    private static final long GRAIN_BYTES = 128 * 1024;

    private StridedCopy() {}

    /// Copies the elements of a view; the two views must not overlap.
    ///
    /// @param elementBytes 1, 2, 4 or 8
    /// @param dims the lengths of the dimensions, any number of them
    /// @param source the address of the element with all indices 0
    /// @param sourceStrides elements from one index to the next, also 0 and negative ones
    /// @param destination the address of the element with all indices 0
    /// @param destinationStrides elements likewise; no two indices may name one element
    static void copy(
            Workers workers,
            int elementBytes,
            int[] dims,
            long source,
            long[] sourceStrides,
            long destination,
            long[] destinationStrides) {
        CopyNest nest = CopyNest.of(elementBytes, dims, sourceStrides, destinationStrides);
        if (nest.turned() >= 0) {
            CopyPlanes planes = new CopyPlanes(nest, source, destination);
            long grain = Math.max(1, GRAIN_BYTES / planes.stripBytes());
            workers.forRange(planes.strips(), grain, planes::run);
        } else {
            CopyRows rows = new CopyRows(nest, source, destination);
            workers.forRange(nest.elements(), GRAIN_BYTES / elementBytes, rows::run);
        }
    }
}
