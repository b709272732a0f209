package org.gemel.backend.vector;

import java.util.stream.IntStream;
import org.gemel.backend.Workers;
import org.gemel.op.Conv;

/// The weight of a convolution as the matrix A of a [ConvSweep]: a row for each channel of the
/// result, in it the taps of each channel that is swept over.
final class ConvMatrix {
    private static final long GRAIN = 32_768;

    private final GemmLane lane;
    private final int groups;
    private final int rows;
    private final int channels;
    private final long groupStride;
    private final long rowStride;
    private final long channelStride;
    private final long[] taps;

    /// @param strides of the weight, in elements
    /// @param rows channels of a group of the result
    /// @param channels channels of a group that are swept over
    /// @param chosen which taps belong to it, along each dimension
    ConvMatrix(GemmLane lane, Conv op, long[] strides, int rows, int channels, int[][] chosen) {
        boolean direct = op.kind() == Conv.Kind.OUTPUT;
        this.lane = lane;
        this.groups = op.groups();
        this.rows = rows;
        this.channels = channels;
        this.groupStride = (direct ? rows : channels) * strides[0];
        this.rowStride = strides[direct ? 0 : 1];
        this.channelStride = strides[direct ? 1 : 0];
        long[] all = {0};
        for (int axis = 0; axis < chosen.length; axis++) {
            int[] own = chosen[axis];
            long stride = strides[2 + axis];
            long[] before = all;
            all =
                    IntStream.range(0, before.length * own.length)
                            .mapToLong(i -> before[i / own.length] + own[i % own.length] * stride)
                            .toArray();
        }
        this.taps = all;
    }

    /// Whether the weight is this matrix already.
    boolean isThere() {
        long depth = (long) channels * taps.length;
        boolean dense =
                (channels == 1 || channelStride == taps.length)
                        && (rows == 1 || rowStride == depth)
                        && (groups == 1 || groupStride == rows * depth);
        for (int t = 0; t < taps.length; t++) {
            dense &= taps[t] == t;
        }
        return dense;
    }

    /// Bytes of the matrix, of all groups.
    long bytes() {
        return (long) groups * rows * channels * taps.length * lane.bytes;
    }

    /// Writes the matrix of the weight at `weight`, group after group.
    void pack(Workers workers, long weight, long target) {
        int depth = channels * taps.length;
        workers.forRange(
                (long) groups * rows,
                Math.max(1, GRAIN / Math.max(1, depth)),
                (begin, end) -> {
                    for (long row = begin; row < end; row++) {
                        long first = row / rows * groupStride + row % rows * rowStride;
                        row(weight + first * lane.bytes, target + row * depth * lane.bytes);
                    }
                });
    }

    private void row(long from, long to) {
        long step = channelStride * lane.bytes;
        switch (lane) {
            case F32 -> ints(from, step, to);
            case F64 -> longs(from, step, to);
        }
    }

    private void ints(long from, long step, long to) {
        long at = to;
        for (int c = 0; c < channels; c++) {
            long source = from + c * step;
            for (long tap : taps) {
                Memory.setInt(at, Memory.getInt(source + 4 * tap));
                at += 4;
            }
        }
    }

    private void longs(long from, long step, long to) {
        long at = to;
        for (int c = 0; c < channels; c++) {
            long source = from + c * step;
            for (long tap : taps) {
                Memory.setLong(at, Memory.getLong(source + 8 * tap));
                at += 8;
            }
        }
    }
}
