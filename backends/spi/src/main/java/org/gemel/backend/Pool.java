package org.gemel.backend;

import java.lang.foreign.MemorySegment;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayDeque;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.gemel.GemelException;
import org.gemel.SourceLine;
import org.jspecify.annotations.Nullable;

/// Where tensor memory comes from and goes to.
///
/// Blocks of a few sizes per power of two are kept and handed out last in, first out, so that the
/// next tensor finds its memory hot in cache and its pages present. Small tensors are cut from
/// slabs. What nobody gives back, the collector reports through a reference queue; it is asked to
/// run when much memory is waiting for it.
///
/// Where there is no more memory for a block, free blocks of other sizes go back to the system,
/// then what the collector finds, and only then is it an error.
final class Pool {
    static final Pool SHARED = new Pool();

    private static final int SMALL = 512;
    private static final int CLASSES = 256;
    private static final boolean POISON = Boolean.getBoolean("gemel.poison");

    // Memory that may wait for the collector before it is asked to run: enough that asking is
    // rare, little enough that no machine notices, nor a small heap, whose size is the JVM's usual
    // limit for memory outside of it.
    private static final long PATIENCE = Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 4);

    // Free pieces of a size that a thread keeps. One that releases what others allocate would
    // collect them for ever.
    private static final int PIECES = 512;

    // How long a collection may take to tell what it found; one that was told not to run (as by
    // -XX:+DisableExplicitGC) never does.
    private static final long HEARD_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int NEXT_MILLIS = 5;

    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
    private final ConcurrentLinkedDeque<Long>[] free = new ConcurrentLinkedDeque[CLASSES];

    private final ReferenceQueue<Object> queue = new ReferenceQueue<>();
    private final Set<Found> watched = ConcurrentHashMap.newKeySet();
    private final AtomicLong outstanding = new AtomicLong();
    private final AtomicLong limit = new AtomicLong(PATIENCE);
    private final ReentrantLock collecting = new ReentrantLock();
    private final Chunks chunks = new Chunks();
    private final ThreadLocal<Local> local = ThreadLocal.withInitial(Local::new);

    /// What one thread keeps for itself, so that small tensors need no lock.
    private static final class Local {
        @Nullable Slab slab;
        final ArrayDeque<Piece>[] pieces = pieces();

        @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
        private static ArrayDeque<Piece>[] pieces() {
            ArrayDeque<Piece>[] all = new ArrayDeque[SMALL / 64 + 1];
            for (int i = 0; i < all.length; i++) {
                all[i] = new ArrayDeque<>();
            }
            return all;
        }
    }

    /// A free piece of a slab, which it keeps alive.
    private record Piece(long address, Slab slab) {}

    /// Tells that a block's or slab's last holder was collected.
    static final class Found extends PhantomReference<Object> {
        private final long address;
        private final int sizeClass;

        Found(Object holder, ReferenceQueue<Object> queue, long address, int sizeClass) {
            super(holder, queue);
            this.address = address;
            this.sizeClass = sizeClass;
        }
    }

    /// Tells that a collection has run, by being found in it.
    private static final class Mark extends PhantomReference<Object> {
        private volatile boolean seen;

        Mark(ReferenceQueue<Object> queue) {
            super(new Object(), queue);
        }
    }

    private Pool() {
        for (int i = 0; i < CLASSES; i++) {
            free[i] = new ConcurrentLinkedDeque<>();
        }
    }

    /// Memory for `bytes` bytes; `purpose` says in an error what they are for.
    Storage allocate(long bytes, Object purpose) {
        if (bytes <= SMALL) {
            return small((int) Math.max(64, (bytes + 63) & -64), purpose);
        }
        int sizeClass = classOf(bytes);
        long size = sizeOf(sizeClass);
        long address = block(sizeClass, purpose);
        Storage storage = new Storage(address, size, null);
        Found reference = new Found(storage, queue, address, sizeClass);
        watched.add(reference);
        storage.found(reference);
        return storage;
    }

    private Storage small(int bytes, Object purpose) {
        Local mine = local.get();
        Piece piece = mine.pieces[bytes / 64].pollLast();
        if (piece != null) {
            return new Storage(piece.address(), bytes, piece.slab());
        }
        Slab slab = mine.slab;
        long address = slab == null ? 0 : slab.cut(bytes);
        if (slab == null || address == 0) {
            int sizeClass = classOf(Slab.BYTES);
            long base = block(sizeClass, purpose);
            slab = new Slab(base);
            watched.add(new Found(slab, queue, base, sizeClass));
            mine.slab = slab;
            address = slab.cut(bytes);
        }
        return new Storage(address, bytes, slab);
    }

    /// Takes the memory of a storage without holds back.
    void free(Storage storage) {
        if (POISON) {
            MemorySegment.ofAddress(storage.address())
                    .reinterpret(storage.bytes())
                    .fill((byte) 0xFF);
        }
        Slab slab = storage.slab();
        if (slab != null) {
            ArrayDeque<Piece> pieces = local.get().pieces[(int) (storage.bytes() / 64)];
            if (pieces.size() < PIECES) {
                pieces.addLast(new Piece(storage.address(), slab));
            }
            return;
        }
        Found reference = storage.found();
        if (reference != null && watched.remove(reference)) {
            reference.clear();
            giveBack(reference);
        }
    }

    private void giveBack(Found reference) {
        long size = sizeOf(reference.sizeClass);
        long left = outstanding.addAndGet(-size);
        Counters.inUse(-size);
        free[reference.sizeClass].addLast(reference.address);
        // No more than this was alive just now: the collector need not be waited for any longer
        // because there once was more.
        long lower = patience(left);
        if (lower < limit.get()) {
            limit.accumulateAndGet(lower, Math::min);
        }
    }

    // How much may be out before the collector is asked, when at most so much is alive.
    private long patience(long alive) {
        long usual = alive + Math.max(PATIENCE, alive / 2);
        if (alive < Chunks.UNDOUBTED) {
            return usual;
        }
        long most = MemoryLimit.BYTES - MemoryLimit.BYTES / 16;
        return Math.min(usual, Math.max(most, alive + PATIENCE / 8));
    }

    private long block(int sizeClass, Object purpose) {
        long size = sizeOf(sizeClass);
        drain();
        if (outstanding.addAndGet(size) > limit.get()) {
            collect();
        }
        Counters.inUse(size);
        Long known = free[sizeClass].pollLast();
        if (known != null) {
            return known;
        }
        OptionalLong fresh = fresh(sizeClass);
        if (fresh.isEmpty()) {
            fresh = underPressure(sizeClass);
        }
        if (fresh.isPresent()) {
            return fresh.getAsLong();
        }
        // What could not be had must not count as alive when the collector is paced.
        outstanding.addAndGet(-size);
        Counters.inUse(-size);
        throw new GemelException(
                "memory: expects %,d free bytes for %s, but there are none (%,d are in use); make"
                                .formatted(size, purpose, Counters.bytesInUse())
                        + " batches smaller or raise -XX:MaxDirectMemorySize"
                        + SourceLine.current().map(line -> "\n  at " + line).orElse(""));
    }

    // Puts what the collector has found back into the free lists.
    private void drain() {
        for (Reference<?> next = queue.poll(); next != null; next = queue.poll()) {
            found(next);
        }
    }

    private void found(Reference<?> next) {
        if (next instanceof Mark mark) {
            mark.seen = true;
        } else if (next instanceof Found reference && watched.remove(reference)) {
            giveBack(reference);
        }
    }

    /// Has the collector find all that is dead, so that what is in use is what is alive.
    void settle() {
        // A slab is dead once the tensors in it are, so that a second look can find more.
        for (int i = 0; i < 2; i++) {
            collect();
        }
    }

    // One thread at a time; the others go on with fresh memory meanwhile.
    private void collect() {
        if (collecting.tryLock()) {
            try {
                collectLocked();
            } finally {
                collecting.unlock();
            }
        }
    }

    private void collectLocked() {
        try {
            Mark mark = new Mark(queue);
            System.gc();
            // The reference handler needs a moment to fill the queue.
            long start = System.nanoTime();
            while (System.nanoTime() - start < HEARD_NANOS) {
                Reference<?> next = queue.remove(NEXT_MILLIS);
                if (next != null) {
                    found(next);
                } else if (mark.seen) {
                    break;
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            // What is still out is alive: ask again when as much has piled up on top of it.
            limit.set(patience(outstanding.get()));
        }
    }

    private OptionalLong fresh(int sizeClass) {
        return chunks.lend(sizeOf(sizeClass), free[sizeClass]);
    }

    // One thread at a time: what another has got hold of may be enough for the next.
    private synchronized OptionalLong underPressure(int sizeClass) {
        OptionalLong found = OptionalLong.empty();
        for (int i = 0; i < 2 && found.isEmpty(); i++) {
            if (i > 0) {
                collecting.lock();
                try {
                    collectLocked();
                } finally {
                    collecting.unlock();
                }
            }
            Long known = free[sizeClass].pollLast();
            if (known != null) {
                return OptionalLong.of(known);
            }
            trim();
            found = fresh(sizeClass);
        }
        return found;
    }

    private synchronized void trim() {
        for (ConcurrentLinkedDeque<Long> blocks : free) {
            chunks.giveBack(blocks);
        }
    }

    // Four classes per power of two: at most a quarter of a block is waste.
    static int classOf(long bytes) {
        long units = Math.max(4, (bytes + 63) >>> 6);
        int log = 63 - Long.numberOfLeadingZeros(units);
        int sizeClass = log * 4 + (int) ((units >>> (log - 2)) & 3);
        return sizeOf(sizeClass) < bytes ? sizeClass + 1 : sizeClass;
    }

    static long sizeOf(int sizeClass) {
        int log = sizeClass >>> 2;
        return ((4L + (sizeClass & 3)) << (log - 2)) << 6;
    }
}
