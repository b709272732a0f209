package org.gemel.backend.vector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.gemel.Shape;
import org.gemel.backend.Kernel;
import org.gemel.backend.Workers;
import org.gemel.ir.Graph;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.Conv;
import org.gemel.op.Windows;

/// Convolutions and transposed ones, group by group and some samples at a time: [ConvPlan] says
/// how. Point-wise operations that follow run on each part that is finished.
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
    private final int samples;
    private final int rows;
    private final int channels;
    private final int inputs;
    private final long sourcePlace;
    private final long resultPlane;
    private final boolean product;
    private final ConvPlan plan;
    private final List<ConvMatrix> matrices;
    private final boolean packed;
    private final Optional<Epilogue> epilogue;
    private final int place;
    private final boolean kept;

    /// One call: where everything is.
    ///
    /// @param from the address of the input
    /// @param to where the convolution's result goes
    /// @param base the operands of what follows
    private record Call(Workers workers, long from, long to, long[] base) {}

    ConvKernel(VectorBackend backend, Region region, Conv op, Node.Apply apply) {
        Windows w = op.windows();
        Graph graph = region.graph();
        List<Node.Input> operands = graph.inputs();
        this.backend = backend;
        this.op = op;
        this.lane = GemmLane.of(apply.type().dtype());
        this.inputs = operands.size();
        this.source = operands.indexOf(apply.inputs().getFirst());
        this.weight = operands.indexOf(apply.inputs().getLast());
        this.sourceStrides = Calls.strides(region.layouts().get(source));
        this.weightStrides = Calls.strides(region.layouts().get(weight));
        boolean direct = op.kind() == Conv.Kind.OUTPUT;
        this.samples = apply.type().shape().dim(0);
        this.rows = apply.type().shape().dim(1) / op.groups();
        this.channels = operands.get(source).type().shape().dim(1) / op.groups();
        this.resultPlane = size(direct ? w.output() : w.input());
        this.sourcePlace = size(direct ? w.input() : w.output());
        this.product = isProduct(w, operands.get(source).type().shape());
        // nothing is computed, however large the planes of nothing are
        this.plan =
                apply.type().shape().size() == 0
                        ? ConvPlan.NOTHING
                        : ConvPlan.of(op, channels, lane, samples, sampleStep());
        this.matrices =
                plan.taps().stream()
                        .map(taps -> new ConvMatrix(lane, op, weightStrides, rows, channels, taps))
                        .toList();
        // few rows do not pay for packing what they read
        this.packed = rows > 2 * GemmMicroKernel.rows(lane);
        this.epilogue = Epilogue.of(backend, region, apply, d -> d >= 2);
        this.place = Epilogue.place(graph, apply, epilogue);
        this.kept = graph.outputs().contains(apply);
    }

    private static long size(List<Integer> dims) {
        return dims.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    }

    // Elements from one sample's result to the next.
    private long sampleStep() {
        return (long) op.groups() * rows * resultPlane;
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
        long size = samples * sampleStep();
        if (size == 0) {
            return;
        }
        Workers workers = backend.workers();
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        try {
            long to = result(addresses, scratch, size * lane.bytes);
            long[] base =
                    epilogue.isPresent()
                            ? epilogue.get().base(workers, addresses, to, scratch)
                            : addresses;
            Call call = new Call(workers, addresses[source], to, base);
            boolean empty = channels == 0 || plan.sweeps().isEmpty();
            if (empty || !plan.complete()) {
                Memory.clear(to, size * lane.bytes);
            }
            if (empty) {
                follow(call, 0, samples);
            } else if (product) {
                multiply(call, addresses[weight]);
            } else {
                sweep(call, addresses[weight], scratch);
            }
        } finally {
            scratch.release(mark);
        }
    }

    // Where the convolution's result goes: to its output; else to one that is written only after
    // all was read, or to memory of its own.
    private long result(long[] addresses, Scratch scratch, long bytes) {
        if (place < 0) {
            return scratch.take(bytes);
        }
        long there = addresses[inputs + place];
        boolean shared = kept || !epilogue.orElseThrow().overwrites(addresses, there);
        return shared ? there : scratch.take(bytes);
    }

    // ---- what follows

    // On whole samples, where parts of them are not finished in one piece.
    private void follow(Call call, int begin, int end) {
        if (epilogue.isEmpty()) {
            return;
        }
        long runs = (long) op.groups() * rows;
        call.workers.forRange(
                (end - begin) * runs,
                Math.max(1, 32_768 / resultPlane),
                (first, last) -> {
                    long run = begin * runs + first;
                    long at = call.to + run * resultPlane * lane.bytes;
                    epilogue.get()
                            .run(
                                    call.base,
                                    run,
                                    (int) (last - first),
                                    0,
                                    resultPlane,
                                    at,
                                    resultPlane * lane.bytes);
                });
    }

    // On parts of the result from its element `first` on.
    private ConvSweep.Then then(Call call, long first) {
        if (epilogue.isEmpty() || !isDirect()) {
            return (row, at, count) -> {};
        }
        Epilogue then = epilogue.get();
        return (row, at, count) -> {
            long element = first + at;
            long run = element / resultPlane;
            long skip = element % resultPlane;
            then.run(call.base, run, 1, skip, count, call.to + element * lane.bytes, 0);
        };
    }

    // Whether one sweep finishes the results, and they lie side by side.
    private boolean isDirect() {
        return plan.complete() && plan.sweeps().size() == 1 && plan.sweeps().getFirst().isDense();
    }

    // ---- one tap: a matrix product of the planes

    private void multiply(Call call, long weights) {
        long cells = (long) samples * op.groups();
        long work = rows * (long) channels * sourcePlace;
        if (cells == 1 || work > 8 * GRAIN) {
            for (long cell = 0; cell < cells; cell++) {
                multiply(call, weights, cell);
            }
            return;
        }
        call.workers.forRange(
                cells,
                Math.max(1, GRAIN / Math.max(1, work)),
                (begin, end) -> {
                    for (long cell = begin; cell < end; cell++) {
                        multiply(call, weights, cell);
                    }
                });
    }

    private void multiply(Call call, long weights, long cell) {
        int group = (int) (cell % op.groups());
        boolean direct = op.kind() == Conv.Kind.OUTPUT;
        long firstWeight = group * (long) (direct ? rows : channels) * weightStrides[0];
        long firstSource =
                cell / op.groups() * sourceStrides[0] + (long) group * channels * sourceStrides[1];
        int n = Math.toIntExact(resultPlane);
        Gemm.Epilogue then = Epilogue.onTiles(epilogue, call.base, cell * rows);
        Gemm.run(
                call.workers,
                lane,
                rows,
                n,
                channels,
                weights + firstWeight * lane.bytes,
                weightStrides[direct ? 0 : 1],
                weightStrides[direct ? 1 : 0],
                call.from + firstSource * lane.bytes,
                sourceStrides[1],
                1,
                call.to + cell * rows * resultPlane * lane.bytes,
                n,
                then);
    }

    // ---- sweeps

    // A cell is a group of channels of as many samples as the plan takes together.
    private void sweep(Call call, long weights, Scratch scratch) {
        int threads = call.workers.threads();
        long cells = (long) Math.ceilDiv(samples, plan.samples()) * op.groups();
        long work = 0;
        for (ConvSweep sweep : plan.sweeps()) {
            work += plan.samples() * sweep.count() * rows * sweep.depth();
        }
        if (cells % threads == 0 || cells >= 4L * threads || work < GRAIN) {
            call.workers.forRange(
                    cells,
                    Math.max(1, GRAIN / Math.max(1, work)),
                    (begin, end) -> cells(call, weights, begin, end));
        } else {
            long planes = planes(scratch);
            for (long cell = 0; cell < cells; cell++) {
                shared(call, weights, planes, cell);
            }
        }
        if (!isDirect()) {
            follow(call, 0, samples);
        }
    }

    // Cleared once: every sample leaves the same places zero.
    private long planes(Scratch scratch) {
        long bytes = plan.planes().bytes(channels, lane.bytes);
        long planes = scratch.take(bytes);
        Memory.clear(planes, bytes);
        return planes;
    }

    private int firstSample(long cell) {
        return (int) (cell / op.groups()) * plan.samples();
    }

    private int samplesOf(long cell) {
        return Math.min(plan.samples(), samples - firstSample(cell));
    }

    // The channels from `begin` to `end` of a cell.
    private void copy(Call call, long cell, long planes, int begin, int end) {
        long[] channelStrides = Arrays.copyOfRange(sourceStrides, 1, sourceStrides.length);
        long channel = cell % op.groups() * channels + begin;
        int first = firstSample(cell);
        long to = planes + (long) begin * plan.planes().channelPitch() * lane.bytes;
        for (int i = 0; i < samplesOf(cell); i++) {
            long from = (first + i) * sourceStrides[0] + channel * sourceStrides[1];
            plan.planes()
                    .copy(
                            call.workers,
                            lane.bytes,
                            end - begin,
                            call.from + from * lane.bytes,
                            channelStrides,
                            to + (long) i * plan.planes().samplePitch() * lane.bytes);
        }
    }

    /// Some rows of one block of a sweep.
    private record Unit(int sweep, ConvSweep.Block block, int rowBegin, int rowEnd) {}

    private List<ConvSweep.Block> blocks(ConvSweep sweep, int together) {
        if (!packed) {
            return sweep.blocks(channels, together);
        }
        int windows = Math.toIntExact(sweep.count() * together);
        return windows == 0 ? List.of() : List.of(new ConvSweep.Block(0, 0, 0, windows));
    }

    // Threads share one cell.
    private void shared(Call call, long weights, long planes, long cell) {
        call.workers.forRange(
                channels,
                Math.max(1, 32_768 / Math.max(1, sourcePlace * samplesOf(cell))),
                (begin, end) -> copy(call, cell, planes, (int) begin, (int) end));
        List<Unit> units = units(call.workers.threads(), samplesOf(cell));
        call.workers.forRange(
                units.size(),
                1,
                (begin, end) -> {
                    for (long u = begin; u < end; u++) {
                        unit(call, units.get((int) u), weights, planes, cell);
                    }
                });
    }

    private List<Unit> units(int threads, int together) {
        return packed ? rectangles(threads, together) : bands(threads, together);
    }

    // Of each sweep one for each thread.
    private List<Unit> rectangles(int threads, int together) {
        List<Unit> units = new ArrayList<>();
        for (int i = 0; i < plan.sweeps().size(); i++) {
            ConvSweep sweep = plan.sweeps().get(i);
            int windows = Math.toIntExact(sweep.count() * together);
            GemmGrid grid = GemmGrid.of(lane, rows, windows, sweep.depth(), threads);
            for (int row = 0; row < grid.rows(); row++) {
                for (int column = 0; column < grid.columns(); column++) {
                    int begin = grid.columnCut(lane, windows, column);
                    int end = grid.columnCut(lane, windows, column + 1);
                    units.add(
                            new Unit(
                                    i,
                                    new ConvSweep.Block(0, 0, begin, end - begin),
                                    GemmBlocks.cut(rows, row, grid.rows()),
                                    GemmBlocks.cut(rows, row + 1, grid.rows())));
                }
            }
        }
        return units;
    }

    private List<Unit> bands(int threads, int together) {
        List<Unit> units = new ArrayList<>();
        int height = GemmMicroKernel.rows(lane);
        int total = plan.sweeps().stream().mapToInt(s -> s.blocks(channels, together).size()).sum();
        // Enough units to share evenly, but whole tiles of rows.
        int parts = Math.clamp(Math.ceilDiv(4 * threads, total), 1, Math.ceilDiv(rows, height));
        for (int sweep = 0; sweep < plan.sweeps().size(); sweep++) {
            for (ConvSweep.Block block : plan.sweeps().get(sweep).blocks(channels, together)) {
                for (int part = 0; part < parts; part++) {
                    int begin = GemmBlocks.cut(rows, part, parts);
                    int end = GemmBlocks.cut(rows, part + 1, parts);
                    units.add(new Unit(sweep, block, begin, end));
                }
            }
        }
        return units;
    }

    // Each thread has cells of its own.
    private void cells(Call call, long weights, long begin, long end) {
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        try {
            long planes = planes(scratch);
            for (long cell = begin; cell < end; cell++) {
                copy(call, cell, planes, 0, channels);
                for (int sweep = 0; sweep < plan.sweeps().size(); sweep++) {
                    ConvSweep each = plan.sweeps().get(sweep);
                    for (ConvSweep.Block block : blocks(each, samplesOf(cell))) {
                        unit(call, new Unit(sweep, block, 0, rows), weights, planes, cell);
                    }
                }
            }
        } finally {
            scratch.release(mark);
        }
    }

    private void unit(Call call, Unit unit, long weights, long planes, long cell) {
        ConvSweep sweep = plan.sweeps().get(unit.sweep);
        int group = (int) (cell % op.groups());
        long first = firstSample(cell) * sampleStep() + (long) group * rows * resultPlane;
        ConvSweep.Task task =
                new ConvSweep.Task(
                        lane,
                        matrices.get(unit.sweep),
                        weights,
                        group,
                        planes,
                        call.to + first * lane.bytes,
                        resultPlane);
        ConvSweep.Then then = then(call, first);
        if (packed) {
            int begin = unit.block.column();
            new ConvBlocks(sweep, task, unit.rowBegin, unit.rowEnd, then)
                    .run(begin, begin + unit.block.columns());
        } else {
            sweep.run(task, unit.block, unit.rowBegin, unit.rowEnd, then);
        }
    }
}
