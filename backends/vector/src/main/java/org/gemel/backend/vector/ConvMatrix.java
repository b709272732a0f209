package org.gemel.backend.vector;

import java.util.stream.IntStream;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.gemel.op.Conv;

/// The weight of a convolution as the matrix A of a [ConvSweep]: a row for each channel of the
/// result, in it the taps of each channel that is swept over.
final class ConvMatrix {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;

    private final GemmLane lane;
    private final long groupStride;
    private final long rowStride;
    private final long channelStride;
    private final long[] taps;
    private final boolean inRow;
    private final boolean dense;

    /// @param strides of the weight, in elements
    /// @param rows channels of a group of the result
    /// @param channels channels of a group that are swept over
    /// @param chosen which taps belong to it, along each dimension
    ConvMatrix(GemmLane lane, Conv op, long[] strides, int rows, int channels, int[][] chosen) {
        boolean direct = op.kind() == Conv.Kind.OUTPUT;
        this.lane = lane;
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
        boolean straight = true;
        for (int t = 0; t < all.length; t++) {
            straight &= all[t] == t;
        }
        this.inRow = straight;
        this.dense = straight && (channels == 1 || channelStride == all.length);
    }

    /// Packs the rows `[row, row + rows)` of a group of channels between `p` and `p + k` into an
    /// array, as [GemmMicroKernel] reads them. Nothing is gained by packing the whole matrix first:
    /// a row of a large weight is read but a few times.
    ///
    /// @param weight the address of the weight
    void pack(long weight, int group, int row, int rows, int p, int k, Object array) {
        int bytes = lane.bytes;
        long from = weight + (group * groupStride + row * rowStride) * bytes;
        long step = rowStride * bytes;
        if (dense) {
            int stride = GemmMicroKernel.ROW_STRIDE;
            PanelPack.copyToArray(lane, from + (long) p * bytes, step, array, stride, rows, k);
            return;
        }
        int tap = p % taps.length;
        long channel = from + p / taps.length * channelStride * bytes;
        int count;
        for (int at = 0; at < k; at += count) {
            count = Math.min(taps.length - tap, k - at);
            switch (lane) {
                case F32 -> floats(channel, step, tap, count, rows, (float[]) array, at);
                case F64 -> doubles(channel, step, tap, count, rows, (double[]) array, at);
            }
            tap = 0;
            channel += channelStride * bytes;
        }
    }

    // Some taps of one channel, for each row.
    private void floats(long from, long step, int tap, int count, int rows, float[] array, int at) {
        if (!inRow) {
            for (int i = 0; i < rows; i++) {
                for (int t = 0; t < count; t++) {
                    array[i * GemmMicroKernel.ROW_STRIDE + at + t] =
                            Memory.getFloat(from + i * step + 4 * taps[tap + t]);
                }
            }
            return;
        }
        for (int t = 0; t < count; t += FLOATS.length()) {
            VectorMask<Float> mask = FLOATS.indexInRange(t, count);
            long source = from + 4L * (tap + t);
            int target = at + t;
            for (int i = 0; i < rows; i++) {
                FloatVector.fromMemorySegment(FLOATS, Memory.ALL, source, Memory.ORDER, mask)
                        .intoArray(array, target, mask);
                source += step;
                target += GemmMicroKernel.ROW_STRIDE;
            }
        }
    }

    private void doubles(
            long from, long step, int tap, int count, int rows, double[] array, int at) {
        if (!inRow) {
            for (int i = 0; i < rows; i++) {
                for (int t = 0; t < count; t++) {
                    array[i * GemmMicroKernel.ROW_STRIDE + at + t] =
                            Memory.getDouble(from + i * step + 8 * taps[tap + t]);
                }
            }
            return;
        }
        for (int t = 0; t < count; t += DOUBLES.length()) {
            VectorMask<Double> mask = DOUBLES.indexInRange(t, count);
            long source = from + 8L * (tap + t);
            int target = at + t;
            for (int i = 0; i < rows; i++) {
                DoubleVector.fromMemorySegment(DOUBLES, Memory.ALL, source, Memory.ORDER, mask)
                        .intoArray(array, target, mask);
                source += step;
                target += GemmMicroKernel.ROW_STRIDE;
            }
        }
    }
}
