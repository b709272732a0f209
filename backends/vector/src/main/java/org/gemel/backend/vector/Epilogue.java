package org.gemel.backend.vector;

import java.util.Optional;
import java.util.function.IntPredicate;
import org.gemel.backend.Workers;
import org.gemel.backend.vector.Planner.Plan;
import org.gemel.ir.Followers;
import org.gemel.ir.Graph;
import org.gemel.ir.Node;
import org.gemel.ir.Region;

/// The point-wise operations after a product (of matrices, or a convolution), run on each part of
/// it as soon as that is final: an element-wise region whose last input is the product.
///
/// @param places for each operand of the loop which operand of the region it is; see [Followers]
record Epilogue(Plan plan, Loop loop, Operands operands, Rooms rooms, int[] places) {
    /// What follows `product` in `region`; nothing if it stands alone.
    ///
    /// @param inRun which dimensions of the product make up the runs that [#run] takes parts of
    static Optional<Epilogue> of(
            VectorBackend backend, Region region, Node.Apply product, IntPredicate inRun) {
        return Followers.of(region, product).map(rest -> of(backend, rest, inRun));
    }

    private static Epilogue of(VectorBackend backend, Followers rest, IntPredicate inRun) {
        Operands operands = Operands.of(rest.region(), inRun, false);
        Plan plan = Planner.plan(rest.region(), operands.single());
        return new Epilogue(
                plan,
                backend.loops().of(plan, operands.run() * operands.runs()),
                operands,
                Rooms.of(plan, operands.run()),
                rest.places().stream().mapToInt(Integer::intValue).toArray());
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
            base[i] = places[i] == Followers.PRODUCT ? product : addresses[places[i]];
        }
        return operands.direct() ? base : operands.prepare(workers, base, scratch);
    }

    /// What is done to each tile of a product whose rows are the runs from `firstRun` on.
    ///
    /// @param base from [#base]
    static Gemm.Epilogue onTiles(Optional<Epilogue> epilogue, long[] base, long firstRun) {
        if (epilogue.isEmpty()) {
            return Gemm.Epilogue.NONE;
        }
        Epilogue then = epilogue.get();
        return (row0, row1, col0, col1, at, rowC) ->
                then.run(base, firstRun + row0, row1 - row0, col0, col1 - col0, at, rowC);
    }

    /// Whether a result at `result` would be written where something is read from.
    boolean overwrites(long[] addresses, long result) {
        for (int i = 0; i < operands.inputs(); i++) {
            if (places[i] != Followers.PRODUCT && addresses[places[i]] == result) {
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
