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
    // A whole number of vectors, and less than a row of the packed A holds: copies may overshoot.
    private static final int DEPTH = 512;
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
    private final int columns;
    private final ConvPlanes planes;
    private final int[] offsets;
    private final int[] rowPlaces;

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
        this.planes = empty ? ConvPlan.NOTHING.planes() : ConvPlan.planes(w, 1);
        this.offsets = empty ? new int[0] : ConvPlan.offsets(planes, w, channels, lane.bytes);
        this.windows = empty ? 0 : w.output().stream().reduce(1, Math::multiplyExact);
        this.columns = empty ? 0 : w.output().getLast();
        this.rowPlaces = rowPlaces(w);
    }

    // Where the first window of each row of windows reads, in bytes.
    private int[] rowPlaces(Windows w) {
        int rows = columns == 0 ? 0 : windows / columns;
        int[] places = new int[rows];
        for (int row = 0; row < rows; row++) {
            int rest = row;
            for (int axis = w.rank() - 2; axis >= 0; axis--) {
                places[row] += rest % w.output().get(axis) * planes.pitch(axis) * lane.bytes;
                rest /= w.output().get(axis);
            }
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
        int count = (high - 1) / taps - firstChannel + 1;
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        try {
            long bytes = planes.bytes(count, lane.bytes);
            long copy = scratch.take(bytes);
            Memory.clear(copy, bytes);
            long[] channelStrides = Arrays.copyOfRange(strides, 1, strides.length);
            // Offsets count from the group's first channel.
            long base = copy - (long) firstChannel * planes.channelPitch() * lane.bytes;
            long channel = (long) group * channels + firstChannel;
            for (int n = 0; n < samples; n++) {
                long source = from + (n * strides[0] + channel * strides[1]) * lane.bytes;
                planes.copy(backend.workers(), lane.bytes, count, source, channelStrides, copy);
                long plane = (long) windows * lane.bytes;
                long ys = cotangent + ((long) n * op.groups() + group) * outputs * plane;
                long c = turned + (long) group * outputs * channels * taps * lane.bytes;
                sample(base, ys, c, low, high, n == 0);
            }
        } finally {
            scratch.release(mark);
        }
    }

    private void sample(long base, long ys, long c, int low, int high, boolean fresh) {
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
        for (int column = 0; column < outputs; column += wide) {
            int end = Math.min(outputs, column + wide);
            for (int p = 0; p < windows; p += DEPTH) {
                int k = Math.min(DEPTH, windows - p);
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
            PanelPack.packB(lane, task, column, count, width, p, k, packed);
            packed += (long) k * width * lane.bytes;
        }
        int groups = Math.ceilDiv(high - low, GemmMicroKernel.rows(lane));
        for (int group = 0; group < groups; group++) {
            int row = low + GemmBlocks.cut(high - low, group, groups);
            int rows = low + GemmBlocks.cut(high - low, group + 1, groups) - row;
            for (int i = 0; i < rows; i++) {
                packRow(base + offsets[row + i], scratch.arrays(lane).rows(), i, p, k);
            }
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
        GemmMicroKernel kernel = GemmMicroKernel.of(lane, rows, width / lane.length);
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
    private void packRow(long from, Object array, int row, int p, int k) {
        int target = row * GemmMicroKernel.ROW_STRIDE;
        int at = p;
        while (at < p + k) {
            int column = at % columns;
            int count = Math.min(columns - column, p + k - at);
            long source = from + rowPlaces[at / columns] + (long) column * lane.bytes;
            switch (lane) {
                case F32 -> copyFloats(source, (float[]) array, target, count);
                case F64 -> copyDoubles(source, (double[]) array, target, count);
            }
            target += count;
            at += count;
        }
    }

    private static void copyFloats(long source, float[] array, int target, int count) {
        var species = FloatVector.SPECIES_PREFERRED;
        for (int i = 0; i < count; i += species.length()) {
            FloatVector.fromMemorySegment(species, Memory.ALL, source + 4L * i, Memory.ORDER)
                    .intoArray(array, target + i);
        }
    }

    private static void copyDoubles(long source, double[] array, int target, int count) {
        var species = DoubleVector.SPECIES_PREFERRED;
        for (int i = 0; i < count; i += species.length()) {
            DoubleVector.fromMemorySegment(species, Memory.ALL, source + 8L * i, Memory.ORDER)
                    .intoArray(array, target + i);
        }
    }
}
