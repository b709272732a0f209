package org.gemel.backend.vector;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.TensorType;
import org.gemel.backend.Kernel;
import org.gemel.backend.Workers;
import org.gemel.backend.vector.Planner.Plan;
import org.gemel.ir.Graph;
import org.gemel.ir.Layout;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.Reduce;

/// Reductions that fit no other loop: over any dimensions, of any number of elements.
///
/// The elements of each result are put side by side, unless they are, and combined block by block;
/// then the results of the blocks likewise.
final class ReduceKernel implements Kernel {
    private static final long GRAIN_BLOCKS = 2;

    private final VectorBackend backend;
    private final DType dtype;
    private final Reduce.Kind kind;
    private final int[] dims;
    private final long[] strides;
    private final long[] dense;
    private final boolean inPlace;
    private final long results;
    private final long length;
    private final Loop loop;
    private final Rooms rooms;
    private final int count;

    private ReduceKernel(VectorBackend backend, Region region, Reduce op) {
        TensorType type = region.graph().inputs().getFirst().type();
        Shape shape = type.shape();
        Layout layout = region.layouts().getFirst();
        this.backend = backend;
        this.dtype = type.dtype();
        this.kind = op.kind();
        List<Integer> order = new ArrayList<>();
        long kept = 1;
        for (int d = 0; d < shape.rank(); d++) {
            if (!op.axes().contains(d)) {
                order.add(d);
                kept *= shape.dim(d);
            }
        }
        order.addAll(op.axes());
        this.results = kept;
        this.dims = order.stream().mapToInt(shape::dim).toArray();
        this.strides = order.stream().mapToLong(layout.strides()::get).toArray();
        Shape moved = Shape.of(dims);
        this.dense = moved.rowMajorStrides();
        this.length = kept == 0 ? 0 : shape.size() / kept;
        List<Long> boxed = order.stream().map(layout.strides()::get).toList();
        this.inPlace = new Layout(0, boxed).isContiguous(moved);
        Plan plan = plan(dtype, kind);
        this.loop = backend.loops().of(plan, results * length);
        this.rooms = Rooms.of(plan, 1);
        this.count = plan.body().operands().size();
    }

    static Kernel of(VectorBackend backend, Region region, Reduce op) {
        return new ReduceKernel(backend, region, op);
    }

    /// The plan for one row; its length does not matter.
    private static Plan plan(DType dtype, Reduce.Kind kind) {
        Node.Input input = new Node.Input("x", TensorType.of(dtype, 2, 2));
        Node sum = Node.Apply.of(new Reduce(kind, List.of(1)), List.of(input), Optional.empty());
        Shape space = input.type().shape();
        Region region =
                new Region(
                        Region.Loop.ROWS,
                        space,
                        new Graph(List.of(input), List.of(sum)),
                        List.of(Layout.contiguous(space)));
        return Planner.plan(region, new boolean[] {false});
    }

    @Override
    public void run(long[] addresses) {
        if (results == 0) {
            return;
        }
        if (length == 0) {
            Fills.fill(dtype, Combine.identity(kind, dtype), addresses[1], results);
            return;
        }
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        Workers workers = backend.workers();
        int bytes = dtype.bytes();
        try {
            long from = addresses[0];
            if (!inPlace) {
                from = scratch.take(results * length * bytes);
                StridedCopy.copy(workers, bytes, dims, addresses[0], strides, from, dense);
            }
            long rest = length;
            while (rest > Reduce.BLOCK) {
                long blocks = (rest - 1) / Reduce.BLOCK + 1;
                long to = scratch.take(results * blocks * bytes);
                pass(workers, from, rest, blocks, to);
                from = to;
                rest = blocks;
            }
            pass(workers, from, rest, 1, addresses[1]);
        } finally {
            scratch.release(mark);
        }
    }

    private void pass(Workers workers, long from, long row, long blocks, long to) {
        long grain = Math.max(1, GRAIN_BLOCKS * Reduce.BLOCK / Math.min(row, Reduce.BLOCK));
        workers.forRange(
                results * blocks, grain, (begin, end) -> blocks(from, row, blocks, to, begin, end));
    }

    private void blocks(long from, long row, long blocks, long to, long begin, long end) {
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        int bytes = dtype.bytes();
        try {
            long[] at = new long[count];
            rooms.place(scratch.take(rooms.bytes()), at);
            for (long unit = begin; unit < end; unit++) {
                long skip = unit % blocks * Reduce.BLOCK;
                at[0] = from + (unit / blocks * row + skip) * bytes;
                at[1] = to + unit * bytes;
                loop.run(at, Math.min(Reduce.BLOCK, row - skip));
            }
        } finally {
            scratch.release(mark);
        }
    }
}
