package org.gemel.backend;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import org.gemel.TensorType;
import org.jspecify.annotations.Nullable;

/// Counted native memory of one or more tensors: 64-byte aligned and padded to a multiple of 64
/// bytes.
///
/// Every hold is one tensor handle, one entry of the tape or one arena. The memory goes back to
/// [Pool] at once when the last hold is released; where nobody releases, when the collector finds
/// this object unreachable. It is never reused while anything can still reach it.
public final class Storage {
    private static final VarHandle HOLDS;
    private static final VarHandle STAMP;
    private static final AtomicLong STAMPS = new AtomicLong();

    static {
        try {
            HOLDS = MethodHandles.lookup().findVarHandle(Storage.class, "holds", int.class);
            STAMP = MethodHandles.lookup().findVarHandle(Storage.class, "stamp", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final long address;
    private final long bytes;

    /// Keeps the slab of a small tensor alive; null for a block of its own.
    private final @Nullable Slab slab;

    /// How the collector tells that a block is free; null for a small tensor.
    private Pool.@Nullable Found found;

    // Not volatile: every later access is through the handle, and the first value is seen by
    // whoever sees the final fields. A volatile store would cost a fence for each tensor.
    @SuppressWarnings({"FieldMayBeFinal", "UnusedVariable"}) // through the handle
    private int holds = 1;

    // What tells this content from others; 0 until somebody asks for it.
    private volatile long stamp;

    Storage(long address, long bytes, @Nullable Slab slab) {
        this.address = address;
        this.bytes = bytes;
        this.slab = slab;
    }

    /// Memory for `bytes` bytes with one hold; the content is arbitrary.
    ///
    /// @throws org.gemel.GemelException if there is no memory left
    public static Storage allocate(long bytes) {
        Counters.allocated(bytes);
        return Pool.SHARED.allocate(bytes, "a kernel's own use");
    }

    /// Memory for a tensor of this type with one hold; the content is arbitrary.
    ///
    /// @throws org.gemel.GemelException if there is no memory left; names the type and the user's
    ///   line
    public static Storage allocate(TensorType type) {
        return allocate(type.bytes(), type);
    }

    /// Memory for `bytes` bytes with one hold; the content is arbitrary.
    ///
    /// @param purpose what they are for, as an error says it
    /// @throws org.gemel.GemelException if there is no memory left
    public static Storage allocate(long bytes, Object purpose) {
        Counters.allocated(bytes);
        return Pool.SHARED.allocate(bytes, purpose);
    }

    /// Where the memory starts; a multiple of 64.
    public long address() {
        return address;
    }

    /// The usable size in bytes, padding included.
    public long bytes() {
        return bytes;
    }

    @Nullable Slab slab() {
        return slab;
    }

    void found(Pool.Found reference) {
        found = reference;
    }

    Pool.@Nullable Found found() {
        return found;
    }

    /// A number that tells the content from that of every other storage, and from what this one
    /// contained or will contain: whoever derived something from it need not do so again while the
    /// number is the same.
    public long stamp() {
        long known = stamp;
        if (known != 0) {
            return known;
        }
        STAMP.compareAndSet(this, 0L, STAMPS.incrementAndGet());
        return stamp;
    }

    /// Tells that content that others may have seen is being written over.
    public void overwritten() {
        if (stamp != 0) {
            stamp = 0;
        }
    }

    /// Adds a hold.
    public void retain() {
        HOLDS.getAndAdd(this, 1);
    }

    /// Gives a hold back, and the memory with the last one.
    public void release() {
        int before = (int) HOLDS.getAndAdd(this, -1);
        if (before == 1) {
            Pool.SHARED.free(this);
        } else if (before < 1) {
            throw new IllegalStateException("storage was released more often than it was held");
        }
    }

    /// Whether there is exactly one hold, so that its owner may overwrite the content.
    public boolean exclusive() {
        return (int) HOLDS.getAcquire(this) == 1;
    }
}
