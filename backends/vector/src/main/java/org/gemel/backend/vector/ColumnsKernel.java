package org.gemel.backend.vector;

import java.util.List;
import org.gemel.backend.Kernel;
import org.gemel.backend.Workers;
import org.gemel.backend.vector.Planner.Plan;
import org.gemel.op.Reduce;

/// Reductions over leading dimensions: 64 accumulators for each of a block of columns, which take
/// in row after row and are then combined as the lanes of one reduction are.
final class ColumnsKernel implements Kernel {
    /// Columns in a block at most: a row of them is read in one go, and their accumulators stay in
    /// the second cache.
    private static final long COLUMNS = 2048;

    /// Columns in a block at least, so that threads do not share lines of the cache.
    private static final long LEAST = 64;

    private final VectorBackend backend;
    private final Loop loop;
    private final Operands operands;
    private final Rooms rooms;
    private final int count;
    private final long rows;
    private final long widest;
    private final long worth;
    private final List<ColumnTotal> totals;

    ColumnsKernel(VectorBackend backend, Plan plan, Operands operands) {
        this.backend = backend;
        this.loop = backend.loops().of(plan, operands.run() * operands.runs());
        this.operands = operands;
        this.count = plan.body().operands().size();
        this.rows = operands.runs();
        this.widest = Math.max(1, Math.min(COLUMNS, operands.run()));
        this.rooms = Rooms.of(plan, widest);
        this.worth = Math.max(1, 65_536 / (rows * (1 + plan.weight())));
        this.totals = ColumnTotal.of(backend, plan);
    }

    /// The accumulators for `run` columns.
    static long lanesBytes(long run, int elementBytes) {
        return Reduce.LANES * run * elementBytes + 64 & -64L;
    }

    @Override
    public void run(long[] addresses) {
        if (operands.run() == 0) {
            return;
        }
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        Workers workers = backend.workers();
        // Blocks are columns of their own, so that their width changes no bit.
        long share = Math.ceilDiv(operands.run(), workers.threads());
        long width = Math.min(widest, Math.ceilDiv(Math.max(share, worth), LEAST) * LEAST);
        try {
            long[] from = operands.prepare(workers, addresses, scratch);
            workers.forRange(
                    Math.ceilDiv(operands.run(), width),
                    1,
                    (begin, end) -> {
                        for (long block = begin; block < end; block++) {
                            block(from, block * width, width);
                        }
                    });
        } finally {
            scratch.release(mark);
        }
    }

    private void block(long[] addresses, long first, long width) {
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        long n = Math.min(width, operands.run() - first);
        try {
            long[] at = new long[count];
            rooms.place(scratch.take(rooms.bytes()), at);
            long used = Math.min(Reduce.LANES, rows);
            long[] lanes = new long[totals.size()];
            for (int t = 0; t < lanes.length; t++) {
                lanes[t] = at[totals.get(t).lanes()];
                totals.get(t).begin(lanes[t], used * n);
            }
            for (long row = 0; row < rows; row++) {
                operands.locate(addresses, row, first, at);
                for (int t = 0; t < lanes.length; t++) {
                    ColumnTotal total = totals.get(t);
                    at[total.lanes()] = lanes[t] + row % Reduce.LANES * n * total.dtype().bytes();
                }
                loop.run(at, n);
            }
            operands.locate(addresses, 0, first, at);
            for (int t = 0; t < lanes.length; t++) {
                ColumnTotal total = totals.get(t);
                total.finish(lanes[t], used, n, at[total.result()]);
            }
        } finally {
            scratch.release(mark);
        }
    }
}
