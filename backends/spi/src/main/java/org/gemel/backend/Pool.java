package org.gemel.backend;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayDeque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicLong;
import org.gemel.GemelException;
import org.jspecify.annotations.Nullable;

/// Where tensor memory comes from and goes to.
///
/// Blocks of a few sizes per power of two are kept and handed out last in, first out, so that the
/// next tensor finds its memory hot in cache and its pages present. Small tensors are cut from
/// slabs. What nobody gives back, the collector reports through a reference queue; it is asked to
/// run when much memory is waiting for it.
final class Pool {
    static final Pool SHARED = new Pool();

    private static final int SMALL = 512;
    private static final int CLASSES = 256;
    private static final boolean POISON = Boolean.getBoolean("gemel.poison");

    // Memory that may wait for the collector before it is asked to run: enough that asking is
    // rare, little enough that no machine notices.
    private static final long PATIENCE = 256L << 20;

    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
    private final ConcurrentLinkedDeque<Long>[] free = new ConcurrentLinkedDeque[CLASSES];

    private final ReferenceQueue<Object> queue = new ReferenceQueue<>();
    private final Set<Found> watched = ConcurrentHashMap.newKeySet();
    private final AtomicLong outstanding = new AtomicLong();
    private final AtomicLong limit = new AtomicLong(PATIENCE);
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

    private Pool() {
        for (int i = 0; i < CLASSES; i++) {
            free[i] = new ConcurrentLinkedDeque<>();
        }
    }

    Storage allocate(long bytes) {
        if (bytes <= SMALL) {
            return small((int) Math.max(64, (bytes + 63) & -64));
        }
        int sizeClass = classOf(bytes);
        long size = sizeOf(sizeClass);
        long address = block(sizeClass);
        Storage storage = new Storage(address, size, null);
        Found reference = new Found(storage, queue, address, sizeClass);
        watched.add(reference);
        storage.found(reference);
        return storage;
    }

    private Storage small(int bytes) {
        Local mine = local.get();
        Piece piece = mine.pieces[bytes / 64].pollLast();
        if (piece != null) {
            return new Storage(piece.address(), bytes, piece.slab());
        }
        Slab slab = mine.slab;
        long address = slab == null ? 0 : slab.cut(bytes);
        if (slab == null || address == 0) {
            int sizeClass = classOf(Slab.BYTES);
            long base = block(sizeClass);
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
            local.get()
                    .pieces[(int) (storage.bytes() / 64)]
                    .addLast(new Piece(storage.address(), slab));
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
        outstanding.addAndGet(-size);
        Counters.inUse(-size);
        free[reference.sizeClass].addLast(reference.address);
    }

    private long block(int sizeClass) {
        long size = sizeOf(sizeClass);
        drain();
        if (outstanding.addAndGet(size) > limit.get()) {
            collect();
        }
        Counters.inUse(size);
        Long known = free[sizeClass].pollLast();
        return known != null ? known : fresh(size);
    }

    // Puts what the collector has found back into the free lists.
    private void drain() {
        for (Object next = queue.poll(); next != null; next = queue.poll()) {
            if (next instanceof Found reference && watched.remove(reference)) {
                giveBack(reference);
            }
        }
    }

    /// Has the collector find all that is dead, so that what is in use is what is alive.
    void settle() {
        // A slab is dead once the tensors in it are, so that a second look can find more.
        for (int i = 0; i < 2; i++) {
            limit.set(0);
            collect();
        }
    }

    // One thread at a time; the others go on with fresh memory meanwhile.
    private void collect() {
        long before = limit.get();
        if (before == Long.MAX_VALUE || !limit.compareAndSet(before, Long.MAX_VALUE)) {
            return;
        }
        System.gc();
        try {
            // The reference handler needs a moment to fill the queue.
            for (int i = 0; i < 20; i++) {
                if (!(queue.remove(5) instanceof Found reference)) {
                    break;
                }
                if (watched.remove(reference)) {
                    giveBack(reference);
                }
                drain();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            // What is still out is alive: ask again when as much has piled up on top of it.
            limit.set(outstanding.get() + Math.max(PATIENCE, outstanding.get() / 2));
        }
    }

    private long fresh(long size) {
        try {
            return Arena.global().allocate(size, 64).address();
        } catch (OutOfMemoryError first) {
            System.gc();
            drain();
            try {
                return Arena.global().allocate(size, 64).address();
            } catch (OutOfMemoryError second) {
                // What could not be had must not count as alive when the collector is paced.
                limit.set(outstanding.addAndGet(-size) + PATIENCE);
                Counters.inUse(-size);
                throw new GemelException(
                        "memory: expects %,d free bytes for a tensor, but there are none (%,d are in"
                                        .formatted(size, Counters.bytesInUse())
                                + " use); make batches smaller or raise -XX:MaxDirectMemorySize",
                        second);
            }
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
