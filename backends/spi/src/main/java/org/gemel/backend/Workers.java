package org.gemel.backend;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.gemel.GemelException;
import org.jspecify.annotations.Nullable;

/// A small pool of threads that share one range of work and wait for the next one spinning.
///
/// The caller takes part, so a pool of `n` threads owns `n - 1` daemons. An idle worker spins for
/// about 2 ms before it parks, more than lies between two kernels of a model: handing work to a
/// spinning worker costs well under a microsecond, to a parked one some 40 us. There is no queue: a
/// call that finds the pool taken (by another thread, or by the call that it is nested in) runs on
/// its own thread, so the machine is never oversubscribed and nobody waits for anybody else's work.
public final class Workers implements AutoCloseable {
    /// A piece of work over the indices from `begin` (inclusive) to `end` (exclusive).
    @FunctionalInterface
    public interface RangeTask {
        void run(long begin, long end);
    }

    // Spinning for less than a model's longest gap would be worse than not at all: a system that
    // sees two threads run in turns puts both on one processor, where each spins in the other's
    // way.
    private static final long SPIN_NANOS = 2_000_000;

    // From here on a spinning thread lets others have its processor: the JIT's threads, or the very
    // thread that it waits for.
    private static final long POLITE_NANOS = 20_000;
    private static final int SPINS_PER_CLOCK = 64;

    private final Worker[] helpers;
    private final AtomicBoolean taken = new AtomicBoolean();
    private volatile boolean closed;

    private Workers(int threads) {
        helpers = new Worker[threads - 1];
        for (int i = 0; i < helpers.length; i++) {
            helpers[i] = new Worker("gemel-worker-" + (i + 1));
        }
        for (Worker helper : helpers) {
            helper.start();
        }
    }

    /// A pool of `threads` threads, the caller of [#forRange] included.
    ///
    /// @throws GemelException if `threads` is less than 1
    public static Workers of(int threads) {
        if (threads < 1) {
            throw new GemelException(
                    "threads: expects at least 1, but got "
                            + threads
                            + "; use Runtime's processor count ("
                            + Runtime.getRuntime().availableProcessors()
                            + ") or leave it out");
        }
        return new Workers(threads);
    }

    /// A pool with one thread for each processor that this process may use.
    public static Workers ofAllProcessors() {
        return of(Runtime.getRuntime().availableProcessors());
    }

    /// How many threads share a range, the caller included.
    public int threads() {
        return helpers.length + 1;
    }

    /// How many threads would share a range that the current thread asked for now: one if it works
    /// on a piece of another range, or another thread has the pool.
    public int free() {
        return helpers.length == 0 || Thread.currentThread() instanceof Worker || taken.get()
                ? 1
                : threads();
    }

    /// Runs `task` over `[0, total)` and returns when all of it is done.
    ///
    /// The range is cut into at most [#threads()] contiguous pieces; every piece but the last is a
    /// multiple of `grain` long, so work that is not worth sharing stays on the caller. What the
    /// pieces throw reaches the caller: the first in order, the others suppressed in it.
    public void forRange(long total, long grain, RangeTask task) {
        long step = Math.max(1, grain);
        if (total <= step
                || helpers.length == 0
                || Thread.currentThread() instanceof Worker
                || !taken.compareAndSet(false, true)) {
            if (total > 0) {
                task.run(0, total);
            }
            return;
        }
        try {
            if (closed) {
                task.run(0, total);
            } else {
                share(total, step, task);
            }
        } finally {
            release();
        }
    }

    private void share(long total, long grain, RangeTask task) {
        long units = (total - 1) / grain + 1;
        int pieces = (int) Math.min(helpers.length + 1L, units);
        for (int i = 1; i < pieces; i++) {
            long begin = cut(units, i, pieces) * grain;
            long end = Math.min(total, cut(units, i + 1, pieces) * grain);
            helpers[i - 1].post(task, begin, end);
        }
        Throwable failure = null;
        try {
            task.run(0, cut(units, 1, pieces) * grain);
        } catch (Throwable thrown) {
            failure = thrown;
        }
        for (int i = 1; i < pieces; i++) {
            Throwable thrown = helpers[i - 1].finish();
            if (failure == null) {
                failure = thrown;
            } else if (thrown != null && thrown != failure) {
                failure.addSuppressed(thrown);
            }
        }
        if (failure != null) {
            throw Workers.<RuntimeException>asIs(failure);
        }
    }

    /// Lets whatever a task threw pass unwrapped, as it does when the task runs inline.
    @SuppressWarnings("unchecked")
    private static <E extends Throwable> E asIs(Throwable thrown) throws E {
        throw (E) thrown;
    }

    /// Where piece `index` begins, in units: pieces differ by at most one unit.
    private static long cut(long units, int index, int pieces) {
        return units / pieces * index + Math.min(index, units % pieces);
    }

    private void release() {
        taken.set(false);
        if (closed) {
            stop();
        }
    }

    /// Ends the threads once the range that is being worked on, if any, is done. Later ranges run
    /// on their callers. Closing twice does nothing.
    @Override
    public void close() {
        closed = true;
        stop();
    }

    private void stop() {
        // Whoever gets the pool last keeps it: no range can be handed to a worker that is leaving.
        if (taken.compareAndSet(false, true)) {
            for (Worker helper : helpers) {
                helper.leave();
            }
        }
    }

    /// One daemon with a mailbox for one piece. The poster writes the piece, then `state`; whoever
    /// takes `state` from there, the worker or the poster itself, runs the piece; what came of it
    /// goes back the same way.
    private static final class Worker extends Thread {
        private static final int IDLE = 0;
        private static final int POSTED = 1;
        private static final int RUNNING = 2;
        private static final int LEAVING = 3;

        private final AtomicInteger state = new AtomicInteger(IDLE);
        private volatile boolean parked;
        private volatile @Nullable Thread waiter;
        private @Nullable RangeTask task;
        private long begin;
        private long end;
        private @Nullable Throwable failure;

        Worker(String name) {
            super(name);
            setDaemon(true);
        }

        void post(RangeTask piece, long from, long to) {
            task = piece;
            begin = from;
            end = to;
            state.set(POSTED);
            if (parked) {
                LockSupport.unpark(this);
            }
        }

        void leave() {
            state.set(LEAVING);
            LockSupport.unpark(this);
        }

        /// Runs the posted piece if nobody has begun it, or waits until it is done; returns what it
        /// threw, if anything.
        @Nullable Throwable finish() {
            if (state.compareAndSet(POSTED, RUNNING)) {
                runPiece();
            } else if (!spinWhile(RUNNING)) {
                waiter = Thread.currentThread();
                while (state.get() == RUNNING) {
                    LockSupport.park(this);
                    // Park returns at once in an interrupted thread: the flag stays set for the
                    // caller to see, and the piece must end before this method may.
                    Thread.onSpinWait();
                }
                waiter = null;
            }
            Throwable thrown = failure;
            failure = null;
            return thrown;
        }

        private void runPiece() {
            RangeTask piece = task;
            task = null;
            try {
                if (piece != null) {
                    piece.run(begin, end);
                }
            } catch (Throwable thrown) {
                failure = thrown;
            }
            state.set(IDLE);
        }

        @Override
        public void run() {
            while (state.get() != LEAVING) {
                if (state.compareAndSet(POSTED, RUNNING)) {
                    runPiece();
                    LockSupport.unpark(waiter);
                } else if (!spinWhile(IDLE)) {
                    // Whoever is woken spins again, even if the piece is gone by then: more follow.
                    parked = true;
                    if (state.get() == IDLE) {
                        LockSupport.park(this);
                    }
                    parked = false;
                }
            }
        }

        /// Spins while the state is `value`; returns false if it still is after the spinning time.
        private boolean spinWhile(int value) {
            long start = System.nanoTime();
            while (true) {
                for (int i = 0; i < SPINS_PER_CLOCK; i++) {
                    if (state.get() != value) {
                        return true;
                    }
                    Thread.onSpinWait();
                }
                long spun = System.nanoTime() - start;
                if (spun > SPIN_NANOS) {
                    return false;
                }
                if (spun > POLITE_NANOS) {
                    Thread.yield();
                }
            }
        }
    }
}
