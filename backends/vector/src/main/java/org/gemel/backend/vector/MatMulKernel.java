package org.gemel.backend.vector;

import java.util.List;
import java.util.Optional;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.backend.Kernel;
import org.gemel.backend.Preparation;
import org.gemel.backend.Workers;
import org.gemel.ir.Graph;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.MatMul;

/// Batches of matrix products, with the point-wise operations that follow run on each finished
/// tile.
final class MatMulKernel implements Kernel {
    private final VectorBackend backend;
    private final DType dtype;
    private final int a;
    private final int b;
    private final long[] overA;
    private final long[] overB;
    private final Shape batch;
    private final int m;
    private final int n;
    private final int k;
    private final int inputs;
    private final int outputs;
    private final int product;
    private final boolean kept;
    private final Optional<Epilogue> epilogue;

    private MatMulKernel(VectorBackend backend, Region region, Node.Apply matmul) {
        Graph graph = region.graph();
        Shape shape = matmul.type().shape();
        this.backend = backend;
        this.dtype = matmul.type().dtype();
        this.a = graph.inputs().indexOf(matmul.inputs().getFirst());
        this.b = graph.inputs().indexOf(matmul.inputs().getLast());
        this.overA = strides(region, a, shape.rank());
        this.overB = strides(region, b, shape.rank());
        this.batch = MatMul.batch(shape);
        this.m = shape.dim(-2);
        this.n = shape.dim(-1);
        this.k = matmul.inputs().getFirst().type().shape().dim(-1);
        this.inputs = graph.inputs().size();
        this.outputs = graph.outputs().size();
        int last = shape.rank() - 1;
        this.epilogue = Epilogue.of(backend, region, matmul, d -> d == last);
        this.product = Epilogue.place(graph, matmul, epilogue);
        this.kept = graph.outputs().contains(matmul);
    }

    static Kernel of(VectorBackend backend, Region region, Node.Apply matmul) {
        return new MatMulKernel(backend, region, matmul);
    }

    // Strides of an input over the product's dimensions, the last two its own.
    private static long[] strides(Region region, int input, int rank) {
        Shape shape = region.graph().inputs().get(input).type().shape();
        List<Long> own = region.layouts().get(input).strides();
        long[] strides = new long[rank];
        int extra = rank - shape.rank();
        for (int d = extra; d < rank; d++) {
            boolean repeated = d < rank - 2 && shape.dim(d - extra) == 1;
            strides[d] = repeated ? 0 : own.get(d - extra);
        }
        return strides;
    }

    /// B packed by panels once for many runs.
    private final class Packed implements Preparation {
        private final GemmLane lane = GemmLane.of(dtype);
        private final GemmTask task;

        Packed(GemmTask task) {
            this.task = task;
        }

        @Override
        public long bytes() {
            return (long) k * Math.ceilDiv(n, lane.length) * lane.vectorBytes();
        }

        @Override
        public void prepare(long input, long target) {
            PanelPack.packAll(lane, task.withB(input), task.withPacked(target).panel(lane), target);
        }

        @Override
        public Kernel kernel() {
            int last = inputs + outputs;
            return addresses -> run(addresses, addresses[last]);
        }
    }

    @Override
    public Optional<Preparation> preparation(int input) {
        GemmLane lane = GemmLane.of(dtype);
        GemmTask task = task(lane, 0, 0, 0);
        boolean shared = true;
        for (int d = 0; d < batch.rank(); d++) {
            shared &= overB[d] == 0 || batch.dim(d) == 1;
        }
        return input == b && a != b && shared && Gemm.packsAhead(lane, task, batch.size())
                ? Optional.of(new Packed(task))
                : Optional.empty();
    }

    @Override
    public void run(long[] addresses) {
        run(addresses, 0);
    }

    private void run(long[] addresses, long packed) {
        long size = batch.size() * m * n;
        if (size == 0) {
            return;
        }
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        Workers workers = backend.workers();
        try {
            long c = memory(addresses, scratch, size);
            long[] base =
                    epilogue.isPresent()
                            ? epilogue.get().base(workers, addresses, c, scratch)
                            : addresses;
            multiply(workers, addresses, base, c, packed);
        } finally {
            scratch.release(mark);
        }
    }

    // Where the product goes: to its output; else, if it must be somewhere, to an output that is
    // written only after all was read, or to memory of its own.
    private long memory(long[] addresses, Scratch scratch, long size) {
        if (kept) {
            return addresses[inputs + product];
        }
        if (Gemm.needsNoMemory(m, n, k)) {
            return Gemm.NOWHERE;
        }
        boolean shared =
                product >= 0
                        && !epilogue.orElseThrow()
                                .overwrites(addresses, addresses[inputs + product]);
        return shared ? addresses[inputs + product] : scratch.take(size * dtype.bytes());
    }

    private void multiply(Workers workers, long[] addresses, long[] base, long c, long packed) {
        long cells = batch.size();
        long work = (long) m * n * Math.max(1, k);
        int threads = workers.free();
        boolean even = cells % threads == 0 || cells >= 8L * threads;
        if (cells == 1 || (work > 4_000_000 && !even)) {
            for (long cell = 0; cell < cells; cell++) {
                cell(workers, addresses, base, c, cell, packed);
            }
            return;
        }
        // Nested, a product runs on the thread that asks for it.
        workers.forRange(
                cells,
                Math.max(1, 500_000 / work),
                (begin, end) -> {
                    for (long cell = begin; cell < end; cell++) {
                        cell(workers, addresses, base, c, cell, packed);
                    }
                });
    }

    private void cell(
            Workers workers, long[] addresses, long[] base, long c, long cell, long packed) {
        int bytes = dtype.bytes();
        long atA = addresses[a];
        long atB = addresses[b];
        long rest = cell;
        for (int axis = batch.rank() - 1; axis >= 0; axis--) {
            long place = rest % batch.dim(axis);
            rest /= batch.dim(axis);
            atA += place * overA[axis] * bytes;
            atB += place * overB[axis] * bytes;
        }
        long to = c == Gemm.NOWHERE ? c : c + cell * m * n * bytes;
        Gemm.Epilogue then = Epilogue.onTiles(epilogue, base, cell * m);
        GemmLane lane = GemmLane.of(dtype);
        Gemm.run(workers, lane, task(lane, atA, atB, to).withPacked(packed), then);
    }

    private GemmTask task(GemmLane lane, long atA, long atB, long to) {
        int d = overA.length;
        int e = lane.bytes;
        long rowA = overA[d - 2] * e;
        long colA = overA[d - 1] * e;
        long rowB = overB[d - 2] * e;
        long colB = overB[d - 1] * e;
        return new GemmTask(m, n, k, atA, rowA, colA, atB, rowB, colB, to, (long) n * e);
    }
}
