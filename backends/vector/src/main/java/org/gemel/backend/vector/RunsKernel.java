package org.gemel.backend.vector;

import org.gemel.backend.Kernel;
import org.gemel.backend.Workers;
import org.gemel.backend.vector.Planner.Plan;

/// Calls a [Loop] for each run of a region: the rows of a row kernel, or pieces of an element-wise
/// one.
final class RunsKernel implements Kernel {
    /// Elements in a piece: long runs are cut, so that threads can share them and the JIT sees
    /// their loop called often.
    private static final long PIECE = 1024;

    /// Vector operations (times elements) that are worth a thread.
    private static final long GRAIN = 65_536;

    private final VectorBackend backend;
    private final Loop loop;
    private final Operands operands;
    private final Rooms rooms;
    private final int count;
    private final long piece;
    private final long pieces;
    private final long units;
    private final long grain;
    private final boolean simple;

    RunsKernel(VectorBackend backend, Plan plan, Operands operands, boolean cut) {
        this.backend = backend;
        this.loop = backend.loops().of(plan, operands.run() * operands.runs());
        this.operands = operands;
        long run = operands.run();
        this.piece = cut && run > 2 * PIECE ? PIECE : Math.max(1, run);
        this.pieces = (run + piece - 1) / piece;
        this.units = operands.runs() * pieces;
        this.rooms = Rooms.of(plan, piece);
        this.count = plan.body().operands().size();
        this.grain = Math.max(1, GRAIN / (piece * (1 + plan.weight())));
        // Only the room to compute lane by lane, which nobody needs unless an operation does.
        this.simple = units == 1 && operands.direct() && plan.rooms().isEmpty();
    }

    @Override
    public void run(long[] addresses) {
        if (simple) {
            loop.run(addresses, operands.run());
            return;
        }
        if (units == 0) {
            return;
        }
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        Workers workers = backend.workers();
        try {
            long[] from =
                    operands.direct() ? addresses : operands.prepare(workers, addresses, scratch);
            if (units <= grain) {
                range(from, 0, units);
            } else {
                workers.forRange(units, grain, (begin, end) -> range(from, begin, end));
            }
        } finally {
            scratch.release(mark);
        }
    }

    private void range(long[] addresses, long begin, long end) {
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        try {
            long[] at = new long[count];
            rooms.place(scratch.take(rooms.bytes()), at);
            long row = begin / pieces;
            long part = begin % pieces;
            for (long unit = begin; unit < end; unit++) {
                long skip = part * piece;
                if (pieces == 1 && unit > begin) {
                    operands.locateNext(addresses, row, 0, at);
                } else {
                    operands.locate(addresses, row, skip, at);
                }
                loop.run(at, Math.min(piece, operands.run() - skip));
                if (++part == pieces) {
                    part = 0;
                    row++;
                }
            }
        } finally {
            scratch.release(mark);
        }
    }
}
