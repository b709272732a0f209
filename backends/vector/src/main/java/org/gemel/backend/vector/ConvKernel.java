package org.gemel.backend.vector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gemel.Shape;
import org.gemel.backend.Kernel;
import org.gemel.backend.Workers;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.Conv;
import org.gemel.op.Windows;

/// Convolutions and transposed ones, sample by sample and group by group: [ConvPlan] says how.
///
/// Threads share samples and groups where there are enough of them, otherwise the blocks of each.
final class ConvKernel implements Kernel {
    // Multiplications that are worth a thread.
    private static final long GRAIN = 500_000;

    private final VectorBackend backend;
    private final GemmLane lane;
    private final Conv op;
    private final int source;
    private final int weight;
    private final long[] sourceStrides;
    private final long[] weightStrides;
    private final int[] weightDims;
    private final boolean weightAsIs;
    private final int samples;
    private final int rows;
    private final int channels;
    private final int inputs;
    private final long sourcePlace;
    private final long resultPlane;
    private final boolean product;
    private final ConvPlan plan;

    ConvKernel(VectorBackend backend, Region region, Conv op, Node.Apply apply) {
        Windows w = op.windows();
        this.backend = backend;
        this.op = op;
        this.lane = apply.type().dtype() == org.gemel.DType.F32 ? GemmLane.F32 : GemmLane.F64;
        List<Node.Input> operands = region.graph().inputs();
        this.inputs = operands.size();
        this.source = operands.indexOf(apply.inputs().getFirst());
        this.weight = operands.indexOf(apply.inputs().getLast());
        this.sourceStrides = Calls.strides(region.layouts().get(source));
        this.weightStrides = Calls.strides(region.layouts().get(weight));
        Shape weights = operands.get(weight).type().shape();
        this.weightDims = weights.dims();
        boolean direct = op.kind() == Conv.Kind.OUTPUT;
        this.weightAsIs = direct && region.layouts().get(weight).isContiguous(weights);
        this.samples = apply.type().shape().dim(0);
        this.rows = apply.type().shape().dim(1) / op.groups();
        this.channels = operands.get(source).type().shape().dim(1) / op.groups();
        this.resultPlane = size(direct ? w.output() : w.input());
        this.sourcePlace = size(direct ? w.input() : w.output());
        this.product = isProduct(w, operands.get(source).type().shape());
        // nothing is computed, however large the planes of nothing are
        boolean empty = apply.type().shape().size() == 0;
        this.plan = empty ? ConvPlan.NOTHING : ConvPlan.of(op, channels, lane.bytes);
    }

    private static long size(List<Integer> dims) {
        return dims.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    }

    // One tap that stays where it is, over planes without gaps.
    private boolean isProduct(Windows w, Shape shape) {
        boolean stays =
                size(w.kernel()) == 1
                        && w.input().equals(w.output())
                        && w.stride().stream().allMatch(step -> step == 1)
                        && w.before().stream().allMatch(zeros -> zeros == 0);
        long[] dense = shape.rowMajorStrides();
        return stays
                && Arrays.equals(
                        Arrays.copyOfRange(dense, 2, dense.length),
                        Arrays.copyOfRange(sourceStrides, 2, dense.length));
    }

    @Override
    public void run(long[] addresses) {
        long to = addresses[inputs];
        long size = samples * (long) rows * op.groups() * resultPlane;
        if (size == 0) {
            return;
        }
        if (!plan.complete() || channels == 0) {
            Memory.clear(to, size * lane.bytes);
        }
        if (channels == 0 || plan.sweeps().isEmpty()) {
            return;
        }
        if (product) {
            multiply(addresses[source], addresses[weight], to);
            return;
        }
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        try {
            long[] matrices = matrices(addresses[weight], scratch);
            sweep(addresses[source], matrices, to, scratch);
        } finally {
            scratch.release(mark);
        }
    }

    // ---- one tap: a matrix product of the planes

    private void multiply(long from, long weights, long to) {
        Workers workers = backend.workers();
        long cells = (long) samples * op.groups();
        long work = rows * (long) channels * sourcePlace;
        if (cells == 1 || work > 8 * GRAIN) {
            for (long cell = 0; cell < cells; cell++) {
                multiply(workers, from, weights, to, cell);
            }
            return;
        }
        workers.forRange(
                cells,
                Math.max(1, GRAIN / Math.max(1, work)),
                (begin, end) -> {
                    for (long cell = begin; cell < end; cell++) {
                        multiply(workers, from, weights, to, cell);
                    }
                });
    }

    private void multiply(Workers workers, long from, long weights, long to, long cell) {
        int group = (int) (cell % op.groups());
        boolean direct = op.kind() == Conv.Kind.OUTPUT;
        long firstWeight = group * (long) (direct ? rows : channels) * weightStrides[0];
        long a = weights + firstWeight * lane.bytes;
        long rowA = weightStrides[direct ? 0 : 1];
        long columnA = weightStrides[direct ? 1 : 0];
        long b = from + sourceOf(cell);
        long c = to + cell * rows * resultPlane * lane.bytes;
        int n = Math.toIntExact(resultPlane);
        Gemm.Epilogue none = Gemm.Epilogue.NONE;
        switch (lane) {
            case F32 ->
                    Gemm.f32(
                            workers,
                            rows,
                            n,
                            channels,
                            a,
                            rowA,
                            columnA,
                            b,
                            sourceStrides[1],
                            1,
                            c,
                            n,
                            none);
            case F64 ->
                    Gemm.f64(
                            workers,
                            rows,
                            n,
                            channels,
                            a,
                            rowA,
                            columnA,
                            b,
                            sourceStrides[1],
                            1,
                            c,
                            n,
                            none);
        }
    }

    // Bytes to the first channel of a sample's group.
    private long sourceOf(long cell) {
        long sample = cell / op.groups();
        long group = cell % op.groups();
        return (sample * sourceStrides[0] + group * channels * sourceStrides[1]) * lane.bytes;
    }

    // ---- sweeps

    // For each sweep the address of [groups * rows, channels * taps].
    private long[] matrices(long weights, Scratch scratch) {
        long[] matrices = new long[plan.sweeps().size()];
        for (int i = 0; i < matrices.length; i++) {
            if (weightAsIs) {
                matrices[i] = weights;
                continue;
            }
            int[][] taps = plan.taps().get(i);
            boolean direct = op.kind() == Conv.Kind.OUTPUT;
            int[] dims = new int[3 + taps.length];
            long[] from = new long[dims.length];
            dims[0] = op.groups();
            dims[1] = rows;
            dims[2] = channels;
            from[0] = weightDims[0] / op.groups() * weightStrides[0];
            from[1] = weightStrides[direct ? 0 : 1];
            from[2] = weightStrides[direct ? 1 : 0];
            long first = 0;
            for (int axis = 0; axis < taps.length; axis++) {
                int[] own = taps[axis];
                dims[3 + axis] = own.length;
                // Taps of one remainder are equally far apart.
                int step = own.length > 1 ? own[1] - own[0] : 1;
                from[3 + axis] = step * weightStrides[2 + axis];
                first += own[0] * weightStrides[2 + axis];
            }
            Shape shape = Shape.of(dims);
            matrices[i] = scratch.take(shape.size() * lane.bytes);
            StridedCopy.copy(
                    backend.workers(),
                    lane.bytes,
                    dims,
                    weights + first * lane.bytes,
                    from,
                    matrices[i],
                    shape.rowMajorStrides());
        }
        return matrices;
    }

    private void sweep(long from, long[] matrices, long to, Scratch scratch) {
        Workers workers = backend.workers();
        int threads = workers.threads();
        long cells = (long) samples * op.groups();
        long work = 0;
        for (ConvSweep sweep : plan.sweeps()) {
            work += sweep.count() * rows * sweep.depth();
        }
        if (cells % threads == 0 || cells >= 4L * threads || work < GRAIN) {
            workers.forRange(
                    cells,
                    Math.max(1, GRAIN / Math.max(1, work)),
                    (begin, end) -> cells(from, matrices, to, begin, end));
            return;
        }
        long planes = scratch.take(plan.planes().bytes(channels, lane.bytes));
        Memory.clear(planes, plan.planes().bytes(channels, lane.bytes));
        long[] channelStrides = Arrays.copyOfRange(sourceStrides, 1, sourceStrides.length);
        List<Unit> units = units(threads);
        for (long i = 0; i < cells; i++) {
            long cell = i;
            workers.forRange(
                    channels,
                    Math.max(1, 32_768 / Math.max(1, sourcePlace)),
                    (begin, end) ->
                            plan.planes()
                                    .copy(
                                            workers,
                                            lane.bytes,
                                            (int) (end - begin),
                                            from
                                                    + sourceOf(cell)
                                                    + begin * sourceStrides[1] * lane.bytes,
                                            channelStrides,
                                            planes
                                                    + begin
                                                            * plan.planes().channelPitch()
                                                            * lane.bytes));
            workers.forRange(
                    units.size(),
                    1,
                    (begin, end) -> {
                        for (long u = begin; u < end; u++) {
                            unit(units.get((int) u), matrices, planes, to, cell);
                        }
                    });
        }
    }

    /// Some rows of one block of a sweep.
    private record Unit(int sweep, int block, int rowBegin, int rowEnd) {}

    private List<Unit> units(int threads) {
        int height = GemmMicroKernel.rows(lane);
        List<Unit> units = new ArrayList<>();
        int total = plan.sweeps().stream().mapToInt(s -> s.blockCount(channels)).sum();
        // Enough units to share evenly, but whole tiles of rows.
        int parts = Math.clamp(Math.ceilDiv(4 * threads, total), 1, Math.ceilDiv(rows, height));
        for (int sweep = 0; sweep < plan.sweeps().size(); sweep++) {
            for (int block = 0; block < plan.sweeps().get(sweep).blockCount(channels); block++) {
                for (int part = 0; part < parts; part++) {
                    int begin = GemmBlocks.cut(rows, part, parts);
                    int end = GemmBlocks.cut(rows, part + 1, parts);
                    units.add(new Unit(sweep, block, begin, end));
                }
            }
        }
        return units;
    }

    private void cells(long from, long[] matrices, long to, long begin, long end) {
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        try {
            // Cleared once: every sample leaves the same places zero.
            long bytes = plan.planes().bytes(channels, lane.bytes);
            long planes = scratch.take(bytes);
            Memory.clear(planes, bytes);
            long[] channelStrides = Arrays.copyOfRange(sourceStrides, 1, sourceStrides.length);
            for (long cell = begin; cell < end; cell++) {
                plan.planes()
                        .copy(
                                backend.workers(),
                                lane.bytes,
                                channels,
                                from + sourceOf(cell),
                                channelStrides,
                                planes);
                for (int sweep = 0; sweep < plan.sweeps().size(); sweep++) {
                    int blocks = plan.sweeps().get(sweep).blockCount(channels);
                    for (int block = 0; block < blocks; block++) {
                        unit(new Unit(sweep, block, 0, rows), matrices, planes, to, cell);
                    }
                }
            }
        } finally {
            scratch.release(mark);
        }
    }

    private void unit(Unit unit, long[] matrices, long planes, long to, long cell) {
        ConvSweep sweep = plan.sweeps().get(unit.sweep);
        long group = cell % op.groups();
        ConvSweep.Task task =
                new ConvSweep.Task(
                        lane,
                        channels,
                        matrices[unit.sweep] + group * rows * sweep.depth() * lane.bytes,
                        planes,
                        to + cell * rows * resultPlane * lane.bytes,
                        resultPlane);
        sweep.run(task, unit.block, unit.rowBegin, unit.rowEnd);
    }
}
