package org.gemel.backend.vector;

import java.util.List;
import org.gemel.backend.Kernel;
import org.gemel.backend.Workers;
import org.gemel.backend.vector.Planner.Plan;
import org.gemel.op.Reduce;

/// Calls a [Loop] for each row of a region whose rows are also taken together: the gradients of a
/// normalisation by rows and of its scale, in one pass over both.
///
/// Row `r` goes to the accumulators of lane `r mod 64`, so threads share lanes, not rows: each
/// accumulator takes in its rows in their order whoever works on it.
final class RowsKernel implements Kernel {
    /// Vector operations (times elements) that are worth a thread.
    private static final long GRAIN = 65_536;

    private final VectorBackend backend;
    private final Loop loop;
    private final Operands operands;
    private final Rooms rooms;
    private final int count;
    private final long rows;
    private final long used;
    private final long grain;
    private final List<ColumnTotal> totals;

    RowsKernel(VectorBackend backend, Plan plan, Operands operands) {
        this.backend = backend;
        this.loop = backend.loops().of(plan, operands.run() * operands.runs());
        this.operands = operands;
        this.rooms = Rooms.of(plan, operands.run(), false);
        this.count = plan.body().operands().size();
        this.rows = operands.runs();
        this.used = Math.min(Reduce.LANES, rows);
        long lane = operands.run() * (1 + plan.weight()) * Math.ceilDiv(rows, used);
        this.grain = Math.max(1, GRAIN / Math.max(1, lane));
        this.totals = ColumnTotal.of(backend, plan);
    }

    @Override
    public void run(long[] addresses) {
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        Workers workers = backend.workers();
        try {
            long[] from = operands.prepare(workers, addresses, scratch);
            long[] lanes = new long[totals.size()];
            for (int t = 0; t < lanes.length; t++) {
                int bytes = totals.get(t).dtype().bytes();
                lanes[t] = scratch.take(ColumnsKernel.lanesBytes(operands.run(), bytes));
            }
            workers.forRange(used, grain, (begin, end) -> lanes(from, lanes, begin, end));
            for (int t = 0; t < lanes.length; t++) {
                ColumnTotal total = totals.get(t);
                total.finish(lanes[t], used, operands.run(), addresses[total.result()]);
            }
        } finally {
            scratch.release(mark);
        }
    }

    private void lanes(long[] addresses, long[] lanes, long begin, long end) {
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        long n = operands.run();
        try {
            long[] at = new long[count];
            rooms.place(scratch.take(rooms.bytes()), at);
            for (int t = 0; t < lanes.length; t++) {
                ColumnTotal total = totals.get(t);
                total.begin(lanes[t] + begin * n * total.dtype().bytes(), (end - begin) * n);
            }
            for (long first = 0; first < rows; first += Reduce.LANES) {
                for (long lane = begin; lane < end && first + lane < rows; lane++) {
                    if (lane == begin) {
                        operands.locate(addresses, first + lane, 0, at);
                    } else {
                        operands.locateNext(addresses, first + lane, 0, at);
                    }
                    for (int t = 0; t < lanes.length; t++) {
                        ColumnTotal total = totals.get(t);
                        at[total.lanes()] = lanes[t] + lane * n * total.dtype().bytes();
                    }
                    loop.run(at, n);
                }
            }
        } finally {
            scratch.release(mark);
        }
    }
}
