package org.gemel.backend;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;

/// Sums that every thread adds to all the time: each has its own, so that adding takes no locked
/// instruction, which would be a good part of the cost of a small operation.
final class Tallies {
    private static final VarHandle KERNELS;
    private static final VarHandle BYTES;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            KERNELS = lookup.findVarHandle(Tally.class, "kernels", long.class);
            BYTES = lookup.findVarHandle(Tally.class, "bytes", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /// What one thread has counted; written by it alone.
    @SuppressWarnings({"FieldMayBeFinal", "UnusedVariable"}) // through the handles
    private static final class Tally {
        private final WeakReference<Thread> owner = new WeakReference<>(Thread.currentThread());
        private long kernels;
        private long bytes;

        private boolean isDead() {
            Thread thread = owner.get();
            return thread == null || !thread.isAlive();
        }
    }

    private final ThreadLocal<Tally> mine = ThreadLocal.withInitial(this::register);
    private final List<Tally> all = new ArrayList<>();
    private final Tally ended = new Tally();
    private int crowd = 64;

    private synchronized Tally register() {
        // The sums of threads that have ended are kept as one, when there may be many.
        if (all.size() >= crowd) {
            List<Tally> dead = all.stream().filter(Tally::isDead).toList();
            dead.forEach(tally -> {
                add(KERNELS, ended, (long) KERNELS.getOpaque(tally));
                add(BYTES, ended, (long) BYTES.getOpaque(tally));
            });
            all.removeAll(dead);
            crowd = Math.max(64, 2 * all.size());
        }
        Tally fresh = new Tally();
        all.add(fresh);
        return fresh;
    }

    private static void add(VarHandle sum, Tally tally, long more) {
        sum.setOpaque(tally, (long) sum.getOpaque(tally) + more);
    }

    void kernels(int count) {
        add(KERNELS, mine.get(), count);
    }

    void bytes(long count) {
        add(BYTES, mine.get(), count);
    }

    long kernels() {
        return sum(KERNELS);
    }

    long bytes() {
        return sum(BYTES);
    }

    private synchronized long sum(VarHandle which) {
        long sum = (long) which.getOpaque(ended);
        for (Tally tally : all) {
            sum += (long) which.getOpaque(tally);
        }
        return sum;
    }
}
