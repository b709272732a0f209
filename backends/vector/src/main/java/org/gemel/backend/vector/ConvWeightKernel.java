package org.gemel.backend.vector;

import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import org.gemel.Shape;
import org.gemel.backend.Kernel;
import org.gemel.backend.Workers;
import org.gemel.ir.Layout;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.Conv;
import org.gemel.op.Windows;

/// The cotangent of a convolution's weight: for each group one matrix product that goes on from
/// sample to sample.
///
/// ```
/// C(q = (channel, tap), o) = sum over (sample, window) of planes[offset(q) + window] * y(o, window)
/// ```
///
/// The rows of A are read from [ConvPlanes], row of windows by row of windows; threads share the
/// rows of C. C is the transpose of the result, so that rows are many and columns few.
final class ConvWeightKernel implements Kernel {
    // Windows that one product covers: a vector less than a row of the packed A holds, because
    // copies may overshoot.
    private static final int DEPTH = GemmMicroKernel.ROW_STRIDE - 16;
    private static final long GRAIN = 500_000;

    private final VectorBackend backend;
    private final GemmLane lane;
    private final Conv op;
    private final int x;
    private final int y;
    private final int inputs;
    private final long[] strides;
    private final Shape yShape;
    private final Layout yLayout;
    private final int samples;
    private final int channels;
    private final int outputs;
    private final int taps;
    private final int windows;
    private final boolean products;
    private final boolean lanes;
    private final int together;
    private final int columns;
    private final ConvPlanes planes;
    private final int[] offsets;
    private final int[] rowPlaces;
    private final double steps;

    ConvWeightKernel(VectorBackend backend, Region region, Conv op, Node.Apply apply) {
        Windows w = op.windows();
        List<Node.Input> operands = region.graph().inputs();
        this.backend = backend;
        this.op = op;
        this.lane = GemmLane.of(apply.type().dtype());
        this.inputs = operands.size();
        this.x = operands.indexOf(apply.inputs().getFirst());
        this.y = operands.indexOf(apply.inputs().getLast());
        this.strides = Calls.strides(region.layouts().get(x));
        this.yShape = operands.get(y).type().shape();
        this.yLayout = region.layouts().get(y);
        this.samples = yShape.dim(0);
        this.channels = apply.type().shape().dim(1);
        this.outputs = yShape.dim(1) / op.groups();
        this.taps = w.kernel().stream().reduce(1, Math::multiplyExact);
        // the cotangent of nothing is zero, however large its planes are
        boolean empty = yShape.size() == 0;
        this.windows = empty ? 0 : w.output().stream().reduce(1, Math::multiplyExact);
        this.products = (long) samples * windows <= outputs;
        this.lanes =
                ConvWeightLanes.fits(lane, op.groups(), channels, outputs, windows)
                        && ConvWeightLanes.fits(ConvPlan.planes(w, 1));
        int most = products ? samples : lanes ? 1 : DEPTH / Math.max(1, windows);
        this.together = empty ? 1 : Math.clamp(most, 1, samples);
        this.planes = empty ? ConvPlan.NOTHING.planes() : ConvPlan.planes(w, together);
        this.offsets = empty ? new int[0] : ConvPlan.offsets(planes, w, channels, lane.bytes);
        this.columns = empty ? 0 : w.output().getLast();
        this.rowPlaces = rowPlaces(w);
        this.steps = (double) samples * windows * channels * taps * outputs / lane.length;
    }

    // Where the first window of each row of windows reads, sample after sample, in bytes.
    private int[] rowPlaces(Windows w) {
        int rows = columns == 0 ? 0 : windows / columns;
        int[] places = new int[rows * together];
        for (int row = 0; row < places.length; row++) {
            int rest = row;
            for (int axis = w.rank() - 2; axis >= 0; axis--) {
                places[row] += rest % w.output().get(axis) * planes.pitch(axis) * lane.bytes;
                rest /= w.output().get(axis);
            }
            places[row] += rest * planes.samplePitch() * lane.bytes;
        }
        return places;
    }

    @Override
    public void run(long[] addresses) {
        long to = addresses[inputs];
        int height = channels * taps;
        long size = (long) op.groups() * outputs * height;
        if (size == 0) {
            return;
        }
        if (samples == 0 || windows == 0) {
            Memory.clear(to, size * lane.bytes);
            return;
        }
        Workers workers = backend.workers();
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        try {
            long from = addresses[y];
            if (!yLayout.isContiguous(yShape)) {
                from = scratch.take(yShape.size() * lane.bytes);
                StridedCopy.copy(
                        workers,
                        lane.bytes,
                        yShape.dims(),
                        addresses[y],
                        Calls.strides(yLayout),
                        from,
                        yShape.rowMajorStrides());
            }
            if (lanes) {
                new ConvWeightLanes(
                                planes, offsets, rowPlaces, columns, op.groups(), outputs, samples)
                        .run(workers, addresses[x], strides, from, to);
                return;
            }
            if (products) {
                multiply(workers, addresses[x], from, to, scratch);
                return;
            }
            long turned = scratch.take(size * lane.bytes);
            share(workers, addresses[x], from, turned);
            StridedCopy.copy(
                    workers,
                    lane.bytes,
                    new int[] {op.groups(), outputs, height},
                    turned,
                    new long[] {(long) outputs * height, 1, outputs},
                    to,
                    new long[] {(long) outputs * height, height, 1});
        } finally {
            scratch.release(mark);
        }
    }

    // C(o, q) = y(o, (sample, window)) x rows(q, (sample, window)) transposed, where a result is
    // larger than its factors: turning it around would take longer than writing down the rows.
    private void multiply(Workers workers, long from, long cotangent, long to, Scratch scratch) {
        int height = channels * taps;
        int k = samples * windows;
        int bytes = lane.bytes;
        long copy = scratch.take(planes.bytes(channels, bytes));
        long rows = scratch.take((long) height * k * bytes);
        long y = scratch.take((long) outputs * k * bytes);
        Memory.clear(copy, planes.bytes(channels, bytes));
        long[] channelStrides = Arrays.copyOfRange(strides, 1, strides.length);
        for (int group = 0; group < op.groups(); group++) {
            long first = (long) group * channels * strides[1];
            workers.forRange(
                    channels,
                    Math.max(1, 32_768 / ((long) k * taps)),
                    (begin, end) -> {
                        long target = copy + begin * planes.channelPitch() * bytes;
                        for (int n = 0; n < samples; n++) {
                            long source = n * strides[0] + first + begin * strides[1];
                            planes.copy(
                                    workers,
                                    bytes,
                                    (int) (end - begin),
                                    from + source * bytes,
                                    channelStrides,
                                    target + (long) n * planes.samplePitch() * bytes);
                        }
                        for (int q = (int) begin * taps; q < end * taps; q++) {
                            taken(copy + offsets[q], rows + (long) q * k * bytes);
                        }
                    });
            long plane = (long) outputs * windows;
            StridedCopy.copy(
                    workers,
                    bytes,
                    new int[] {outputs, samples, windows},
                    cotangent + group * plane * bytes,
                    new long[] {windows, op.groups() * plane, 1},
                    y,
                    new long[] {k, windows, 1});
            long c = to + (long) group * outputs * height * bytes;
            Gemm.run(
                    workers,
                    lane,
                    outputs,
                    height,
                    k,
                    y,
                    k,
                    1,
                    rows,
                    1,
                    k,
                    c,
                    height,
                    Gemm.Epilogue.NONE);
        }
    }

    // What one tap of one channel reads for every window.
    private void taken(long from, long to) {
        int bytes = columns * lane.bytes;
        long target = to;
        for (int place : rowPlaces) {
            PanelPack.copyRows(from + place, 0, target, 0, 1, bytes);
            target += bytes;
        }
    }

    private void share(Workers workers, long from, long cotangent, long turned) {
        int height = channels * taps;
        int groups = Math.ceilDiv(height, GemmMicroKernel.rows(lane));
        int parts = op.groups() >= workers.threads() ? 1 : Math.min(groups, workers.threads());
        long units = (long) op.groups() * parts;
        long work = (long) samples * windows * height * outputs / parts;
        workers.forRange(
                units,
                Math.max(1, GRAIN / Math.max(1, work)),
                (begin, end) -> {
                    for (long unit = begin; unit < end; unit++) {
                        int part = (int) (unit % parts);
                        // Whole channels, as far as there are enough.
                        int low = GemmBlocks.cut(height, part, parts);
                        int high = GemmBlocks.cut(height, part + 1, parts);
                        part((int) (unit / parts), low, high, from, cotangent, turned);
                    }
                });
    }

    /// Computes the rows `[low, high)` of a group.
    private void part(int group, int low, int high, long from, long cotangent, long turned) {
        int firstChannel = low / taps;
        int held = (high - 1) / taps - firstChannel + 1;
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        try {
            long bytes = planes.bytes(held, lane.bytes);
            long copy = scratch.take(bytes);
            Memory.clear(copy, bytes);
            long[] channelStrides = Arrays.copyOfRange(strides, 1, strides.length);
            // Offsets count from the group's first channel.
            long base = copy - (long) firstChannel * planes.channelPitch() * lane.bytes;
            long channel = (long) group * channels + firstChannel;
            for (int n = 0; n < samples; n += together) {
                int count = Math.min(together, samples - n);
                for (int i = 0; i < count; i++) {
                    long source = from + ((n + i) * strides[0] + channel * strides[1]) * lane.bytes;
                    long target = copy + (long) i * planes.samplePitch() * lane.bytes;
                    planes.copy(
                            backend.workers(), lane.bytes, held, source, channelStrides, target);
                }
                long plane = (long) windows * lane.bytes;
                long ys = cotangent + ((long) n * op.groups() + group) * outputs * plane;
                long c = turned + (long) group * outputs * channels * taps * lane.bytes;
                samples(count, base, ys, c, low, high, n == 0);
            }
        } finally {
            scratch.release(mark);
        }
    }

    private void samples(int count, long base, long ys, long c, int low, int high, boolean fresh) {
        long rowC = (long) outputs * lane.bytes;
        GemmTask task =
                new GemmTask(
                        high - low,
                        outputs,
                        windows,
                        0,
                        0,
                        0,
                        ys,
                        lane.bytes,
                        (long) windows * lane.bytes,
                        c,
                        rowC);
        int wide = GemmScratch.BLOCK_BYTES / lane.bytes;
        int all = count * windows;
        int parts = Math.ceilDiv(all, DEPTH);
        for (int column = 0; column < outputs; column += wide) {
            int end = Math.min(outputs, column + wide);
            for (int part = 0; part < parts; part++) {
                int p = GemmBlocks.cut(all, part, parts);
                int k = GemmBlocks.cut(all, part + 1, parts) - p;
                block(task, base, low, high, column, end, p, k, fresh && p == 0);
            }
        }
    }

    private void block(
            GemmTask task,
            long base,
            int low,
            int high,
            int begin,
            int end,
            int p,
            int k,
            boolean fresh) {
        GemmScratch scratch = GemmScratch.ofThread();
        int panel = 2 * lane.length;
        long packed = scratch.block();
        for (int column = begin; column < end; column += panel) {
            int count = Math.min(panel, end - column);
            int width = Math.ceilDiv(count, lane.length) * lane.length;
            packCotangent(task, column, count, width, p, k, packed);
            packed += (long) k * width * lane.bytes;
        }
        int groups = Math.ceilDiv(high - low, GemmMicroKernel.rows(lane));
        for (int group = 0; group < groups; group++) {
            int row = low + GemmBlocks.cut(high - low, group, groups);
            int rows = low + GemmBlocks.cut(high - low, group + 1, groups) - row;
            packRows(base, row, rows, scratch.arrays(lane).rows(), p, k);
            long b = scratch.block();
            for (int column = begin; column < end; column += panel) {
                int count = Math.min(panel, end - column);
                int width = Math.ceilDiv(count, lane.length) * lane.length;
                long c = task.c() + row * task.rowC() + (long) column * lane.bytes;
                tile(b, c, task.rowC(), rows, count, width, k, fresh);
                b += (long) k * width * lane.bytes;
            }
        }
    }

    // Sample by sample.
    private void packCotangent(
            GemmTask task, int column, int count, int width, int p, int k, long packed) {
        long step = (long) op.groups() * outputs * windows * lane.bytes;
        long target = packed;
        int next;
        for (int at = p; at < p + k; at = next) {
            int n = at / windows;
            next = Math.min(p + k, (n + 1) * windows);
            int first = at - n * windows;
            GemmTask own = task.withB(task.b() + n * step);
            PanelPack.packB(lane, own, column, count, width, first, next - at, target);
            target += (long) (next - at) * width * lane.bytes;
        }
    }

    private void tile(
            long b, long c, long rowC, int rows, int count, int width, int k, boolean fresh) {
        GemmScratch scratch = GemmScratch.ofThread();
        GemmScratch.Arrays arrays = scratch.arrays(lane);
        Object begin = arrays.zeros();
        int beginStride = 0;
        if (!fresh) {
            begin = arrays.begin();
            beginStride = width;
            PanelPack.copyToArray(lane, c, rowC, begin, width, rows, count);
        }
        GemmMicroKernel kernel = GemmMicroKernel.of(lane, rows, width / lane.length, steps);
        long stride = (long) width * lane.bytes;
        if (count == width) {
            kernel.run(arrays.rows(), begin, beginStride, b, stride, c, rowC, k);
        } else {
            // A tile that sticks out of C is computed beside it.
            long beside = scratch.tile();
            kernel.run(arrays.rows(), begin, beginStride, b, stride, beside, stride, k);
            PanelPack.copyRows(beside, stride, c, rowC, rows, count * lane.bytes);
        }
    }

    // Whole vectors: what overshoots the end of one row of windows is written over by the next.
    private void packRows(long base, int row, int rows, Object array, int p, int k) {
        int next;
        for (int at = p; at < p + k; at = next) {
            int line = at / columns;
            next = Math.min(p + k, (line + 1) * columns);
            long from = base + rowPlaces[line] + (long) (at - line * columns) * lane.bytes;
            switch (lane) {
                case F32 -> floats(from, offsets, row, rows, (float[]) array, at - p, next - at);
                case F64 -> doubles(from, offsets, row, rows, (double[]) array, at - p, next - at);
            }
        }
    }

    private static void floats(
            long from, int[] offsets, int row, int rows, float[] array, int to, int count) {
        var species = FloatVector.SPECIES_PREFERRED;
        for (int i = 0; i < count; i += species.length()) {
            long source = from + 4L * i;
            int target = to + i;
            for (int r = row; r < row + rows; r++) {
                FloatVector.fromMemorySegment(
                                species, Memory.ALL, source + offsets[r], Memory.ORDER)
                        .intoArray(array, target);
                target += GemmMicroKernel.ROW_STRIDE;
            }
        }
    }

    private static void doubles(
            long from, int[] offsets, int row, int rows, double[] array, int to, int count) {
        var species = DoubleVector.SPECIES_PREFERRED;
        for (int i = 0; i < count; i += species.length()) {
            long source = from + 8L * i;
            int target = to + i;
            for (int r = row; r < row + rows; r++) {
                DoubleVector.fromMemorySegment(
                                species, Memory.ALL, source + offsets[r], Memory.ORDER)
                        .intoArray(array, target);
                target += GemmMicroKernel.ROW_STRIDE;
            }
        }
    }
}
