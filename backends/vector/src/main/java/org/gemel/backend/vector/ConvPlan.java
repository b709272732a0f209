package org.gemel.backend.vector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.gemel.Shape;
import org.gemel.op.Conv;
import org.gemel.op.Windows;

/// How a convolution or a transposed one becomes sweeps over planes.
///
/// A convolution is one sweep over its input, dealt out by stride. A transposed one is a sweep over
/// `y` for each remainder of a place by the stride: only the taps of one remainder reach such a
/// place, and neighbours of equal remainder see neighbouring windows.
///
/// @param planes how what is swept over lies
/// @param sweeps what is computed
/// @param taps for each sweep, which taps it uses along each dimension
/// @param samples how many samples lie side by side in the planes
/// @param complete whether the sweeps reach every place of the result
record ConvPlan(
        ConvPlanes planes,
        List<ConvSweep> sweeps,
        List<int[][]> taps,
        int samples,
        boolean complete) {
    /// The plan where there is nothing to compute.
    static final ConvPlan NOTHING =
            new ConvPlan(
                    new ConvPlanes(
                            new int[0], new int[0], new int[0], new int[0], new boolean[0][], 1),
                    List.of(),
                    List.of(),
                    1,
                    true);

    // Small samples are swept over together, in planes of about this size: more windows share
    // what was packed, and fewer are lost to whole vectors.
    private static final int PLANE = 1024;
    private static final int PLANES_BYTES = 1 << 20;

    /// The plan of `op`.
    ///
    /// @param channels channels of a group
    /// @param lane the element type
    /// @param samples how many samples there are
    /// @param sampleStep elements from one sample's result to the next
    static ConvPlan of(Conv op, int channels, GemmLane lane, int samples, long sampleStep) {
        ConvPlan one = of(op, channels, lane.bytes, new Samples(1, sampleStep));
        int plane = one.planes.samplePitch();
        long bytes = (long) plane * Math.max(1, channels) * lane.bytes;
        int together =
                (int)
                        Math.clamp(
                                Math.min(PLANE / plane, PLANES_BYTES / bytes),
                                1L,
                                Math.max(1, samples));
        return together == 1
                ? one
                : of(op, channels, lane.bytes, new Samples(together, sampleStep));
    }

    /// Samples that lie side by side, and elements from one's result to the next.
    private record Samples(int count, long step) {}

    private static ConvPlan of(Conv op, int channels, int bytes, Samples samples) {
        return op.kind() == Conv.Kind.INPUT
                ? transposed(op.windows(), channels, bytes, samples)
                : direct(op.windows(), channels, bytes, samples);
    }

    private static int[] ints(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }

    /// The planes of a convolution's input.
    static ConvPlanes planes(Windows w, int samples) {
        int rank = w.rank();
        int[] padded = new int[rank];
        boolean[][] used = new boolean[rank][];
        for (int axis = 0; axis < rank; axis++) {
            int step = w.stride().get(axis);
            int span = (w.kernel().get(axis) - 1) * w.dilation().get(axis);
            padded[axis] = Math.max(0, (w.output().get(axis) - 1) * step + span + 1);
            used[axis] = new boolean[step];
            for (int t = 0; t < w.kernel().get(axis); t++) {
                used[axis][t * w.dilation().get(axis) % step] = true;
            }
        }
        return new ConvPlanes(
                ints(w.input()), ints(w.stride()), ints(w.before()), padded, used, samples);
    }

    /// For each channel and tap, ascending, where the first window reads it, in bytes.
    static int[] offsets(ConvPlanes planes, Windows w, int channels, int bytes) {
        int[][] places = new int[w.rank()][];
        for (int axis = 0; axis < places.length; axis++) {
            int at = axis;
            int gap = w.dilation().get(axis);
            places[axis] =
                    IntStream.range(0, w.kernel().get(axis))
                            .map(t -> planes.offset(at, t * gap))
                            .toArray();
        }
        return offsets(planes, places, channels, bytes);
    }

    // Every sum of one of each dimension's places, the last one fastest.
    private static int[] offsets(ConvPlanes planes, int[][] places, int channels, int bytes) {
        int[] all = {0};
        for (int[] axis : places) {
            int[] before = all;
            all =
                    IntStream.range(0, before.length * axis.length)
                            .map(i -> before[i / axis.length] + axis[i % axis.length])
                            .toArray();
        }
        int[] taps = all;
        planes.checkRoom(channels, bytes);
        return IntStream.range(0, channels * taps.length)
                .map(q -> (q / taps.length * planes.channelPitch() + taps[q % taps.length]) * bytes)
                .toArray();
    }

    private static ConvPlan direct(Windows w, int channels, int bytes, Samples samples) {
        ConvPlanes planes = planes(w, samples.count);
        long[] steps = Shape.of(ints(w.output())).rowMajorStrides();
        ConvSweep sweep =
                new ConvSweep(
                        ints(w.output()),
                        ConvSweep.blocks(offsets(planes, w, channels, bytes)),
                        planes,
                        0,
                        steps,
                        samples.count,
                        samples.step);
        int[][] all =
                w.kernel().stream()
                        .map(size -> IntStream.range(0, size).toArray())
                        .toArray(int[][]::new);
        return new ConvPlan(planes, List.of(sweep), List.<int[][]>of(all), samples.count, true);
    }

    // Tap t of window p reaches place i = p stride + t dilation - before.
    private static ConvPlan transposed(Windows w, int channels, int bytes, Samples samples) {
        int rank = w.rank();
        int[][][] taps = new int[rank][][];
        int[][][] shifts = new int[rank][][];
        int[] lowest = new int[rank];
        int[] padded = new int[rank];
        for (int axis = 0; axis < rank; axis++) {
            int step = w.stride().get(axis);
            taps[axis] = new int[step][];
            shifts[axis] = new int[step][];
            int low = Integer.MAX_VALUE;
            int high = Integer.MIN_VALUE;
            for (int r = 0; r < step; r++) {
                int first = r + w.before().get(axis);
                int gap = w.dilation().get(axis);
                taps[axis][r] =
                        IntStream.range(0, w.kernel().get(axis))
                                .filter(t -> (first - t * gap) % step == 0)
                                .toArray();
                shifts[axis][r] =
                        Arrays.stream(taps[axis][r]).map(t -> (first - t * gap) / step).toArray();
                int places = places(w.input().get(axis), r, step);
                for (int shift : places == 0 ? new int[0] : shifts[axis][r]) {
                    low = Math.min(low, shift);
                    high = Math.max(high, places - 1 + shift);
                }
            }
            lowest[axis] = low > high ? 0 : low;
            padded[axis] = low > high ? 0 : high - low + 1;
        }
        int[] ones = new int[rank];
        Arrays.fill(ones, 1);
        boolean[][] used = new boolean[rank][1];
        for (boolean[] part : used) {
            part[0] = true;
        }
        int[] before = Arrays.stream(lowest).map(low -> -low).toArray();
        ConvPlanes planes =
                new ConvPlanes(ints(w.output()), ones, before, padded, used, samples.count);
        return sweeps(w, planes, taps, shifts, lowest, channels, bytes, samples);
    }

    private static int places(int size, int remainder, int step) {
        return Math.max(0, Math.ceilDiv(size - remainder, step));
    }

    private static ConvPlan sweeps(
            Windows w,
            ConvPlanes planes,
            int[][][] taps,
            int[][][] shifts,
            int[] lowest,
            int channels,
            int bytes,
            Samples samples) {
        int rank = w.rank();
        long[] strides = Shape.of(ints(w.input())).rowMajorStrides();
        List<ConvSweep> sweeps = new ArrayList<>();
        List<int[][]> chosen = new ArrayList<>();
        boolean complete = true;
        int combinations = w.stride().stream().reduce(1, Math::multiplyExact);
        for (int i = 0; i < combinations; i++) {
            int rest = i;
            int[] windows = new int[rank];
            int[][] places = new int[rank][];
            int[][] own = new int[rank][];
            long[] steps = new long[rank];
            long start = 0;
            boolean reached = true;
            for (int axis = rank - 1; axis >= 0; axis--) {
                int step = w.stride().get(axis);
                int r = rest % step;
                rest /= step;
                int at = axis;
                windows[axis] = places(w.input().get(axis), r, step);
                own[axis] = taps[axis][r];
                places[axis] =
                        Arrays.stream(shifts[axis][r])
                                .map(shift -> (shift - lowest[at]) * planes.pitch(at))
                                .toArray();
                steps[axis] = step * strides[axis];
                start += r * strides[axis];
                reached &= own[axis].length > 0;
            }
            if (reached && Arrays.stream(windows).noneMatch(count -> count == 0)) {
                int[] offsets = offsets(planes, places, channels, bytes);
                sweeps.add(
                        new ConvSweep(
                                windows,
                                ConvSweep.blocks(offsets),
                                planes,
                                start,
                                steps,
                                samples.count,
                                samples.step));
                chosen.add(own);
            }
            complete &= reached;
        }
        return new ConvPlan(planes, sweeps, chosen, samples.count, complete);
    }
}
