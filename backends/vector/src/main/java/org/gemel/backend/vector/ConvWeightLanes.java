package org.gemel.backend.vector;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.gemel.backend.Workers;

/// The cotangent of a depthwise convolution's weight in f32: one group a lane, because a group has
/// too few sums of its own to fill a vector.
///
/// ```
/// transpose the planes of 16 groups: P[place][group], and y: Y[window][group]
/// for each window, ascending: for each tap: sum[tap] = fma(P[place(window, tap)], Y[window], ..)
/// ```
final class ConvWeightLanes {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

    // Taps whose sums are in registers at once: as many as hide the latency of a sum.
    private static final int TAPS = 9;

    private final ConvPlanes planes;
    private final int[] offsets;
    private final int[] rowPlaces;
    private final int columns;
    private final int groups;
    private final int outputs;
    private final int samples;

    /// @param offsets bytes from a window's place to each tap
    /// @param rowPlaces bytes from the planes' first place to each row of windows
    /// @param outputs channels of a group of `y`
    ConvWeightLanes(
            ConvPlanes planes,
            int[] offsets,
            int[] rowPlaces,
            int columns,
            int groups,
            int outputs,
            int samples) {
        // from bytes of one group to those of a vector of groups
        this.planes = planes;
        this.offsets = Arrays.stream(offsets).map(at -> at * FLOATS.length()).toArray();
        this.rowPlaces = Arrays.stream(rowPlaces).map(at -> at * FLOATS.length()).toArray();
        this.columns = columns;
        this.groups = groups;
        this.outputs = outputs;
        this.samples = samples;
    }

    /// Whether the lanes are worth it.
    static boolean fits(GemmLane lane, int groups, int channels, int outputs, int windows) {
        return lane == GemmLane.F32
                && channels == 1
                && outputs <= lane.length / 4
                && groups >= lane.length / 2
                && windows >= lane.length;
    }

    /// Whether places in the planes of a vector of groups are numbers of 32 bits.
    static boolean fits(ConvPlanes planes) {
        return (long) planes.channelPitch() * FLOATS.vectorByteSize() <= Integer.MAX_VALUE;
    }

    /// Computes everything.
    ///
    /// @param strides of x, in elements
    /// @param y the address of a contiguous cotangent
    void run(Workers workers, long x, long[] strides, long y, long to) {
        workers.forRange(
                Math.ceilDiv(groups, FLOATS.length()),
                1,
                (begin, end) -> {
                    for (long i = begin; i < end; i++) {
                        block(workers, (int) i * FLOATS.length(), x, strides, y, to);
                    }
                });
    }

    private void block(Workers workers, int first, long x, long[] strides, long y, long to) {
        int length = FLOATS.length();
        int vector = FLOATS.vectorByteSize();
        int count = Math.min(length, groups - first);
        int windows = rowPlaces.length * columns;
        int pitch = planes.channelPitch();
        int sums = Math.ceilDiv(offsets.length, TAPS) * TAPS;
        long[] channelStrides = Arrays.copyOfRange(strides, 1, strides.length);
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        try {
            long copy = scratch.take(planes.bytes(count, Float.BYTES));
            long turned = scratch.take((long) pitch * vector);
            long ys = scratch.take((long) windows * vector);
            long sum = scratch.take((long) outputs * sums * vector);
            Memory.clear(copy, planes.bytes(count, Float.BYTES));
            Memory.clear(sum, (long) outputs * sums * vector);
            for (int n = 0; n < samples; n++) {
                long source = x + 4 * (n * strides[0] + first * strides[1]);
                planes.copy(workers, Float.BYTES, count, source, channelStrides, copy);
                turn(copy, 4L * pitch, count, pitch, turned);
                for (int o = 0; o < outputs; o++) {
                    long channel = ((long) n * groups + first) * outputs + o;
                    turn(y + 4 * channel * windows, 4L * outputs * windows, count, windows, ys);
                    add(turned, ys, sum + (long) o * sums * vector);
                }
            }
            for (int g = 0; g < count; g++) {
                for (int o = 0; o < outputs; o++) {
                    long row = to + 4L * ((first + g) * outputs + o) * offsets.length;
                    long from = sum + (long) o * sums * vector + 4L * g;
                    for (int t = 0; t < offsets.length; t++) {
                        Memory.setInt(row + 4L * t, Memory.getInt(from + (long) t * vector));
                    }
                }
            }
        } finally {
            scratch.release(mark);
        }
    }

    // Rows of `length` elements, at least one vector, into `length` vectors of `rows` lanes.
    private static void turn(long from, long pitch, int rows, int length, long to) {
        int step = FLOATS.length();
        int vector = FLOATS.vectorByteSize();
        for (int at = 0; at < length; at += step) {
            int begin = Math.min(at, length - step);
            PanelTranspose.INTS.run(
                    from + 4L * begin, pitch, rows, to + (long) begin * vector, vector);
        }
    }

    // Adds one sample's products to the sums of all taps; those of no tap are not looked at.
    private void add(long turned, long ys, long sums) {
        int[] taps = new int[TAPS];
        for (int t = 0; t < offsets.length; t += TAPS) {
            for (int i = 0; i < TAPS; i++) {
                taps[i] = offsets[Math.min(t + i, offsets.length - 1)];
            }
            long sum = sums + (long) t * FLOATS.vectorByteSize();
            long y = ys;
            for (int place : rowPlaces) {
                row(turned + place, taps, y, columns, sum);
                y += (long) columns * FLOATS.vectorByteSize();
            }
        }
    }

    private static FloatVector load(long address) {
        return FloatVector.fromMemorySegment(FLOATS, Memory.ALL, address, Memory.ORDER);
    }

    private static FloatVector add(FloatVector y, long address, FloatVector sum) {
        return y.lanewise(VectorOperators.FMA, load(address), sum);
    }

    private static void store(FloatVector sum, long address) {
        sum.intoMemorySegment(Memory.ALL, address, Memory.ORDER);
    }

    // One row of windows.
    private static void row(long from, int[] taps, long ys, int columns, long sums) {
        int vector = FLOATS.vectorByteSize();
        long p0 = from + taps[0];
        long p1 = from + taps[1];
        long p2 = from + taps[2];
        long p3 = from + taps[3];
        long p4 = from + taps[4];
        long p5 = from + taps[5];
        long p6 = from + taps[6];
        long p7 = from + taps[7];
        long p8 = from + taps[8];
        FloatVector s0 = load(sums);
        FloatVector s1 = load(sums + vector);
        FloatVector s2 = load(sums + 2L * vector);
        FloatVector s3 = load(sums + 3L * vector);
        FloatVector s4 = load(sums + 4L * vector);
        FloatVector s5 = load(sums + 5L * vector);
        FloatVector s6 = load(sums + 6L * vector);
        FloatVector s7 = load(sums + 7L * vector);
        FloatVector s8 = load(sums + 8L * vector);
        for (int i = 0; i < columns; i++) {
            long at = (long) i * vector;
            FloatVector y = load(ys + at);
            s0 = add(y, p0 + at, s0);
            s1 = add(y, p1 + at, s1);
            s2 = add(y, p2 + at, s2);
            s3 = add(y, p3 + at, s3);
            s4 = add(y, p4 + at, s4);
            s5 = add(y, p5 + at, s5);
            s6 = add(y, p6 + at, s6);
            s7 = add(y, p7 + at, s7);
            s8 = add(y, p8 + at, s8);
        }
        store(s0, sums);
        store(s1, sums + vector);
        store(s2, sums + 2L * vector);
        store(s3, sums + 3L * vector);
        store(s4, sums + 4L * vector);
        store(s5, sums + 5L * vector);
        store(s6, sums + 6L * vector);
        store(s7, sums + 7L * vector);
        store(s8, sums + 8L * vector);
    }
}
