package org.gemel.backend.vector;

import org.gemel.GemelException;
import org.gemel.backend.Workers;

/// How the channels of a convolution's input lie in scratch memory: padded with zeros, and dealt
/// out by stride, so that what one tap reads for neighbouring windows lies side by side.
///
/// ```
/// one channel, stride 2:  x0 x1 x2 x3 x4 x5 ..  ->  x0 x2 x4 ..  x1 x3 x5 ..
/// ```
///
/// Along each dimension, place `u` (counted with padding) goes to part `u mod stride`, position `u
/// / stride`. All in elements.
final class ConvPlanes {
    private final int[] size;
    private final int[] stride;
    private final int[] before;
    private final int[] padded;
    private final boolean[][] used;
    private final int[] pitch;
    private final int[] partPitch;
    private final int samplePitch;
    private final int channelPitch;

    /// @param size places of the source along each dimension
    /// @param stride into how many parts each dimension is dealt out
    /// @param before zeros before the first place; negative ones cut off
    /// @param padded places with padding
    /// @param used which parts are needed, along each dimension
    /// @param samples how many samples lie side by side in each channel
    ConvPlanes(
            int[] size, int[] stride, int[] before, int[] padded, boolean[][] used, int samples) {
        this.size = size;
        this.stride = stride;
        this.before = before;
        this.padded = padded;
        this.used = used;
        int rank = size.length;
        this.pitch = new int[rank];
        this.partPitch = new int[rank];
        int total = 1;
        for (int axis = rank - 1; axis >= 0; axis--) {
            pitch[axis] = total;
            total = times(total, Math.max(1, extent(axis)));
        }
        for (int axis = rank - 1; axis >= 0; axis--) {
            partPitch[axis] = total;
            total = times(total, stride[axis]);
        }
        this.samplePitch = total;
        // The last sample's last zeros are nobody else's first.
        long end = 1;
        for (int axis = 0; axis < rank; axis++) {
            long last = 0;
            for (int u = Math.max(0, padded[axis] - stride[axis]); u < padded[axis]; u++) {
                last = Math.max(last, place(axis, u));
            }
            end += last;
        }
        int all = places((samples - 1L) * total + Math.max(total, end));
        // An odd number of cache lines, so that channels do not fall on the same sets.
        int lines = Math.ceilDiv(all, 16);
        this.channelPitch = times(lines | 1, 16);
    }

    private static int times(int a, int b) {
        return places((long) a * b);
    }

    // Places are numbers of 32 bits.
    private static int places(long count) {
        if (count > Integer.MAX_VALUE) {
            throw tooLarge(count);
        }
        return (int) count;
    }

    private static GemelException tooLarge(long elements) {
        return new GemelException(
                "conv: expects at most 2 GiB for the channels of one sample and group, but got %,d"
                                .formatted(elements)
                        + " elements with padding; use groups, or cut the input into parts");
    }

    /// Checks that places in so many channels are numbers of 32 bits.
    ///
    /// @throws GemelException if they are not
    void checkRoom(int channels, int elementBytes) {
        if (bytes(channels, elementBytes) > Integer.MAX_VALUE) {
            throw tooLarge((long) channels * channelPitch);
        }
    }

    // Places from one row (plane, ..) of a part to the next. The zeros behind a row are those
    // before the next one, as far as there are any.
    private int extent(int axis) {
        int after = padded[axis] - size[axis] - before[axis];
        boolean shares = stride[axis] == 1 && before[axis] >= 0 && after >= 0;
        return shares
                ? size[axis] + Math.max(before[axis], after)
                : Math.ceilDiv(padded[axis], stride[axis]);
    }

    /// From one sample to the next, in a channel.
    int samplePitch() {
        return samplePitch;
    }

    /// From one channel to the next.
    int channelPitch() {
        return channelPitch;
    }

    /// From one window to the next along `axis`.
    int pitch(int axis) {
        return pitch[axis];
    }

    /// Where place `u` (counted with padding) along `axis` lies.
    int offset(int axis, int u) {
        return (int) place(axis, u);
    }

    private long place(int axis, int u) {
        return (long) (u % stride[axis]) * partPitch[axis]
                + (long) (u / stride[axis]) * pitch[axis];
    }

    /// Room for `channels` channels, with space for a tile to read on behind the last.
    long bytes(int channels, int elementBytes) {
        return ((long) channels * channelPitch + 2L * 16 * GemmMicroKernel.MAX_VECTORS)
                * elementBytes;
    }

    /// Copies channels of one sample; what padding leaves out must be zero already.
    ///
    /// @param source the address of the first place of the first channel
    /// @param strides elements from one channel, and from one place along each dimension, to the
    ///   next
    void copy(
            Workers workers,
            int elementBytes,
            int channels,
            long source,
            long[] strides,
            long destination) {
        int rank = size.length;
        int[] part = new int[rank];
        boolean more = true;
        while (more) {
            copyPart(workers, elementBytes, channels, part, source, strides, destination);
            more = false;
            for (int axis = rank - 1; axis >= 0 && !more; axis--) {
                part[axis]++;
                more = part[axis] < stride[axis];
                if (!more) {
                    part[axis] = 0;
                }
            }
        }
    }

    private void copyPart(
            Workers workers,
            int bytes,
            int channels,
            int[] part,
            long source,
            long[] strides,
            long destination) {
        int rank = size.length;
        int[] dims = new int[rank + 1];
        long[] from = new long[rank + 1];
        long[] to = new long[rank + 1];
        dims[0] = channels;
        from[0] = strides[0];
        to[0] = channelPitch;
        long first = source;
        long place = destination;
        for (int axis = 0; axis < rank; axis++) {
            // Places u = part + j stride with 0 <= u - before < size.
            int step = stride[axis];
            int low = Math.max(0, Math.ceilDiv(before[axis] - part[axis], step));
            int end = Math.min(padded[axis], size[axis] + before[axis]);
            int count = Math.max(0, Math.ceilDiv(end - part[axis], step) - low);
            if (count == 0 || !used[axis][part[axis]]) {
                return;
            }
            dims[axis + 1] = count;
            from[axis + 1] = strides[axis + 1] * step;
            to[axis + 1] = pitch[axis];
            int u = part[axis] + low * step;
            first += (u - before[axis]) * strides[axis + 1] * bytes;
            place += (long) offset(axis, u) * bytes;
        }
        if (rank <= 2) {
            rows(bytes, dims, from, to, first, place);
        } else {
            StridedCopy.copy(workers, bytes, dims, first, from, place, to);
        }
    }

    // Rows are too short for what a general copy does for each.
    private static void rows(
            int bytes, int[] dims, long[] from, long[] to, long source, long destination) {
        boolean plane = dims.length == 3;
        int rows = plane ? dims[1] : 1;
        if (from[dims.length - 1] != 1) {
            for (int i = 0; i < dims[0] * rows; i++) {
                long c = i / rows;
                long r = i % rows;
                CopyRows.row(
                        bytes,
                        source + (c * from[0] + (plane ? r * from[1] : 0)) * bytes,
                        from[dims.length - 1] * bytes,
                        destination + (c * to[0] + (plane ? r * to[1] : 0)) * bytes,
                        bytes,
                        dims[dims.length - 1]);
            }
            return;
        }
        for (int c = 0; c < dims[0]; c++) {
            PanelPack.copyRows(
                    source + c * from[0] * bytes,
                    plane ? from[1] * bytes : 0,
                    destination + c * to[0] * bytes,
                    plane ? to[1] * bytes : 0,
                    rows,
                    dims[dims.length - 1] * bytes);
        }
    }
}
