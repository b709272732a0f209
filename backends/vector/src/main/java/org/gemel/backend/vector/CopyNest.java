package org.gemel.backend.vector;

import java.util.Arrays;

/// The loops of a strided copy, simplified: dimensions longer than 1, outermost first, no two of
/// which could be one. Strides are in bytes.
///
/// @param elementBytes bytes of one element
/// @param dims the lengths
/// @param from the strides of the source
/// @param to the strides of the destination, falling
record CopyNest(int elementBytes, long[] dims, long[] from, long[] to) {
    /// Simplifies a view.
    static CopyNest of(int elementBytes, int[] dims, long[] source, long[] destination) {
        int rank = dims.length;
        long[] lengths = new long[rank];
        long[] from = new long[rank];
        long[] to = new long[rank];
        int count = 0;
        for (int i = 0; i < rank; i++) {
            if (dims[i] == 0) {
                return one(elementBytes, 0);
            }
            if (dims[i] == 1) {
                continue;
            }
            // Insertion keeps the destination's strides falling, so that writes run forward.
            long stride = destination[i] * elementBytes;
            int at = count;
            while (at > 0 && Math.abs(to[at - 1]) < Math.abs(stride)) {
                lengths[at] = lengths[at - 1];
                from[at] = from[at - 1];
                to[at] = to[at - 1];
                at--;
            }
            lengths[at] = dims[i];
            from[at] = source[i] * elementBytes;
            to[at] = stride;
            count++;
        }
        return merged(elementBytes, count, lengths, from, to);
    }

    private static CopyNest one(int elementBytes, long length) {
        long[] stride = {elementBytes};
        return new CopyNest(elementBytes, new long[] {length}, stride, stride);
    }

    private static CopyNest merged(
            int elementBytes, int count, long[] lengths, long[] from, long[] to) {
        int last = -1;
        for (int i = 0; i < count; i++) {
            boolean runsOn =
                    last >= 0
                            && from[last] == from[i] * lengths[i]
                            && to[last] == to[i] * lengths[i];
            if (runsOn) {
                lengths[last] *= lengths[i];
            } else {
                last++;
                lengths[last] = lengths[i];
            }
            from[last] = from[i];
            to[last] = to[i];
        }
        if (last < 0) {
            return one(elementBytes, 1);
        }
        return new CopyNest(
                elementBytes,
                Arrays.copyOf(lengths, last + 1),
                Arrays.copyOf(from, last + 1),
                Arrays.copyOf(to, last + 1));
    }

    /// The index of the innermost dimension.
    int inner() {
        return dims.length - 1;
    }

    /// The dimension along which the source is contiguous while the destination is contiguous along
    /// the innermost one: together they are a plane to transpose. -1 if there is none.
    int turned() {
        if (to[inner()] == elementBytes && from[inner()] != elementBytes) {
            for (int i = inner() - 1; i >= 0; i--) {
                if (from[i] == elementBytes) {
                    return i;
                }
            }
        }
        return -1;
    }

    /// How many elements there are.
    long elements() {
        long elements = 1;
        for (long length : dims) {
            elements *= length;
        }
        return elements;
    }
}
