package org.gemel.backend.vector;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.backend.Kernel;
import org.gemel.backend.Workers;
import org.gemel.backend.vector.Planner.Plan;
import org.gemel.ir.Graph;
import org.gemel.ir.Layout;
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
    private final int product;
    private final boolean kept;
    private final Optional<Epilogue> epilogue;

    /// What follows the product: an element-wise region whose last input is the product.
    private record Epilogue(Plan plan, Loop loop, Operands operands, Rooms rooms, int[] places) {
        long[] base(Workers workers, long[] addresses, long product, Scratch scratch) {
            long[] base = new long[places.length];
            for (int i = 0; i < base.length; i++) {
                base[i] = places[i] < 0 ? product : addresses[places[i]];
            }
            return operands.direct() ? base : operands.prepare(workers, base, scratch);
        }

        // Whether a result would be written where something is read from.
        boolean overwrites(long[] addresses, long result) {
            for (int i = 0; i < operands.inputs(); i++) {
                if (places[i] >= 0 && addresses[places[i]] == result) {
                    return true;
                }
            }
            return false;
        }

        void tile(long[] base, long firstRow, Tile tile) {
            Scratch scratch = Scratch.ofThread();
            long mark = scratch.mark();
            try {
                int count = plan.body().operands().size();
                long[] at = new long[count];
                rooms.place(scratch.take(rooms.bytes()), at);
                int product = operands.inputs() - 1;
                for (int row = tile.row0; row < tile.row1; row++) {
                    if (row == tile.row0) {
                        operands.locate(base, firstRow + row, tile.col0, at);
                    } else {
                        operands.locateNext(base, firstRow + row, tile.col0, at);
                    }
                    at[product] = tile.c + (row - tile.row0) * tile.rowC;
                    loop.run(at, tile.col1 - tile.col0);
                }
            } finally {
                scratch.release(mark);
            }
        }
    }

    private record Tile(int row0, int row1, int col0, int col1, long c, long rowC) {}

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
        boolean alone = graph.outputs().stream().allMatch(output -> output == matmul);
        this.epilogue = alone ? Optional.empty() : Optional.of(epilogue(backend, region, matmul));
        this.product = place(graph, matmul);
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

    // The output the product is written to, or -1 for memory of its own: an output that is the
    // product, or one that is written only after everything was read.
    private int place(Graph graph, Node.Apply matmul) {
        int at = graph.outputs().indexOf(matmul);
        if (at >= 0) {
            return at;
        }
        boolean onePass =
                epilogue.isEmpty() || !epilogue.get().plan.rooms().contains(Planner.Room.RUN);
        for (int i = 0; onePass && i < graph.outputs().size(); i++) {
            if (graph.outputs().get(i).type().dtype() == dtype) {
                return i;
            }
        }
        return -1;
    }

    private static Epilogue epilogue(VectorBackend backend, Region region, Node.Apply matmul) {
        Graph graph = region.graph();
        Node.Input product = new Node.Input("product", matmul.type());
        List<Node.Input> inputs = new ArrayList<>();
        List<Layout> layouts = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        Graph rest =
                graph.map((apply, operands) ->
                        apply.op() instanceof MatMul
                                ? product
                                : new Node.Apply(
                                        apply.op(), operands, apply.type(), apply.source()));
        List<Node> used = new Graph(List.of(), rest.outputs()).nodes();
        for (int i = 0; i < graph.inputs().size(); i++) {
            if (used.contains(graph.inputs().get(i))) {
                inputs.add(graph.inputs().get(i));
                layouts.add(region.layouts().get(i));
                places.add(i);
            }
        }
        inputs.add(product);
        layouts.add(Layout.contiguous(matmul.type().shape()));
        places.add(-1);
        List<Node> outputs = new ArrayList<>();
        for (int i = 0; i < rest.outputs().size(); i++) {
            if (rest.outputs().get(i) != product) {
                outputs.add(rest.outputs().get(i));
                places.add(graph.inputs().size() + i);
            }
        }
        Region elements =
                new Region(
                        Region.Loop.ELEMENTS,
                        matmul.type().shape(),
                        new Graph(inputs, outputs),
                        layouts);
        int last = matmul.type().shape().rank() - 1;
        Operands operands = Operands.of(elements, d -> d == last, false);
        Plan plan = Planner.plan(elements, operands.single());
        return new Epilogue(
                plan,
                backend.loops().of(plan.body()),
                operands,
                Rooms.of(plan, matmul.type().shape().dim(-1)),
                places.stream().mapToInt(Integer::intValue).toArray());
    }

    @Override
    public void run(long[] addresses) {
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
            multiply(workers, addresses, base, c);
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

    private void multiply(Workers workers, long[] addresses, long[] base, long c) {
        long cells = batch.size();
        long work = (long) m * n * Math.max(1, k);
        if (cells == 1 || work > 4_000_000) {
            for (long cell = 0; cell < cells; cell++) {
                cell(workers, addresses, base, c, cell);
            }
            return;
        }
        // Nested, a product runs on the thread that asks for it.
        workers.forRange(
                cells,
                Math.max(1, 500_000 / work),
                (begin, end) -> {
                    for (long cell = begin; cell < end; cell++) {
                        cell(workers, addresses, base, c, cell);
                    }
                });
    }

    private void cell(Workers workers, long[] addresses, long[] base, long c, long cell) {
        int d = overA.length;
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
        Gemm.Epilogue then =
                epilogue.isEmpty()
                        ? Gemm.Epilogue.NONE
                        : (row0, row1, col0, col1, at, rowC) ->
                                epilogue.get()
                                        .tile(
                                                base,
                                                cell * m,
                                                new Tile(row0, row1, col0, col1, at, rowC));
        long rowA = overA[d - 2];
        long colA = overA[d - 1];
        long rowB = overB[d - 2];
        long colB = overB[d - 1];
        if (dtype == DType.F32) {
            Gemm.f32(workers, m, n, k, atA, rowA, colA, atB, rowB, colB, to, n, then);
        } else {
            Gemm.f64(workers, m, n, k, atA, rowA, colA, atB, rowB, colB, to, n, then);
        }
    }
}
