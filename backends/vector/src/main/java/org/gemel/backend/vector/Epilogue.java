package org.gemel.backend.vector;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.gemel.backend.Workers;
import org.gemel.backend.vector.Planner.Plan;
import org.gemel.ir.Graph;
import org.gemel.ir.Layout;
import org.gemel.ir.Node;
import org.gemel.ir.Region;

/// The point-wise operations after a product (of matrices, or a convolution), run on each part of
/// it as soon as that is final: an element-wise region whose last input is the product.
///
/// @param places for each operand of the loop which operand of the region it is, or -1 for the
///   product
record Epilogue(Plan plan, Loop loop, Operands operands, Rooms rooms, int[] places) {
    private static final int PRODUCT = -1;

    /// What follows `product` in `region`; nothing if it stands alone.
    ///
    /// @param inRun which dimensions of the product make up the runs that [#run] takes parts of
    static Optional<Epilogue> of(
            VectorBackend backend, Region region, Node.Apply product, IntPredicate inRun) {
        Graph graph = region.graph();
        if (graph.outputs().stream().allMatch(output -> output == product)) {
            return Optional.empty();
        }
        Node.Input given = new Node.Input("product", product.type());
        List<Node.Input> inputs = new ArrayList<>();
        List<Layout> layouts = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        Graph rest =
                graph.map((apply, operands) ->
                        apply == product
                                ? given
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
        inputs.add(given);
        layouts.add(Layout.contiguous(product.type().shape()));
        places.add(PRODUCT);
        List<Node> outputs = new ArrayList<>();
        for (int i = 0; i < rest.outputs().size(); i++) {
            if (rest.outputs().get(i) != given) {
                outputs.add(rest.outputs().get(i));
                places.add(graph.inputs().size() + i);
            }
        }
        Region elements =
                new Region(
                        Region.Loop.ELEMENTS,
                        product.type().shape(),
                        new Graph(inputs, outputs),
                        layouts);
        Operands operands = Operands.of(elements, inRun, false);
        Plan plan = Planner.plan(elements, operands.single());
        return Optional.of(
                new Epilogue(
                        plan,
                        backend.loops().of(plan.body()),
                        operands,
                        Rooms.of(plan, operands.run()),
                        places.stream().mapToInt(Integer::intValue).toArray()));
    }

    /// The output that `product` may be written to, or -1 for memory of its own: an output that is
    /// the product, or one that is written only after everything was read.
    static int place(Graph graph, Node.Apply product, Optional<Epilogue> epilogue) {
        int at = graph.outputs().indexOf(product);
        if (at >= 0) {
            return at;
        }
        boolean onePass =
                epilogue.isEmpty() || !epilogue.get().plan.rooms().contains(Planner.Room.RUN);
        for (int i = 0; onePass && i < graph.outputs().size(); i++) {
            if (graph.outputs().get(i).type().dtype() == product.type().dtype()) {
                return i;
            }
        }
        return -1;
    }

    /// Where the operands begin, those that have to be copied in `scratch`.
    ///
    /// @param addresses those of the region
    /// @param product that of the product
    long[] base(Workers workers, long[] addresses, long product, Scratch scratch) {
        long[] base = new long[places.length];
        for (int i = 0; i < base.length; i++) {
            base[i] = places[i] == PRODUCT ? product : addresses[places[i]];
        }
        return operands.direct() ? base : operands.prepare(workers, base, scratch);
    }

    /// Whether a result at `result` would be written where something is read from.
    boolean overwrites(long[] addresses, long result) {
        for (int i = 0; i < operands.inputs(); i++) {
            if (places[i] != PRODUCT && addresses[places[i]] == result) {
                return true;
            }
        }
        return false;
    }

    /// Computes `count` elements, from `skip` on, of each of some runs.
    ///
    /// @param base from [#base]
    /// @param firstRun which run is the first
    /// @param product the address of the product's first of these elements
    /// @param pitch bytes from there to the product's elements of the next run
    void run(
            long[] base, long firstRun, int runs, long skip, long count, long product, long pitch) {
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        try {
            long[] at = new long[plan.body().operands().size()];
            rooms.place(scratch.take(rooms.bytes()), at);
            int last = operands.inputs() - 1;
            for (int i = 0; i < runs; i++) {
                if (i == 0) {
                    operands.locate(base, firstRun, skip, at);
                } else {
                    operands.locateNext(base, firstRun + i, skip, at);
                }
                at[last] = product + i * pitch;
                loop.run(at, count);
            }
        } finally {
            scratch.release(mark);
        }
    }
}
