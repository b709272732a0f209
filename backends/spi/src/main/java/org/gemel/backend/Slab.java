package org.gemel.backend;

/// A piece of memory that small tensors are cut from, one after another.
///
/// The collector is asked once for the slab instead of once for each tensor: it is free when no
/// tensor in it can be reached any more.
final class Slab {
    /// Bytes in a slab: few enough that one long-lived small tensor does not pin much.
    static final int BYTES = 4096;

    private final long address;
    private int used;

    Slab(long address) {
        this.address = address;
    }

    /// The address of `bytes` (a multiple of 64) more bytes, or 0 if the slab is full.
    long cut(int bytes) {
        if (used + bytes > BYTES) {
            return 0;
        }
        long place = address + used;
        used += bytes;
        return place;
    }
}
