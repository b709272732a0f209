package org.gemel.backend;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAccumulator;

/// What the engines have done in this process: kernels, tensor memory. For reports, never for
/// decisions.
public final class Counters {
    private static final Tallies TALLIES = new Tallies();
    private static final AtomicLong IN_USE = new AtomicLong();
    private static final LongAccumulator PEAK = new LongAccumulator(Math::max, 0);

    private Counters() {}

    /// Notes that a kernel ran.
    public static void kernelLaunched() {
        TALLIES.kernels(1);
    }

    /// Notes that so many kernels ran.
    public static void kernelsLaunched(int count) {
        TALLIES.kernels(count);
    }

    /// Notes that a tensor of so many bytes got memory.
    public static void allocated(long bytes) {
        TALLIES.bytes(bytes);
    }

    /// Notes that the memory taken from the pool changed by so many bytes.
    static void inUse(long change) {
        long now = IN_USE.addAndGet(change);
        if (change > 0) {
            PEAK.accumulate(now);
        }
    }

    /// How many kernels ran so far.
    public static long kernelsLaunched() {
        return TALLIES.kernels();
    }

    /// How many bytes tensors got so far, reuse included.
    public static long bytesAllocated() {
        return TALLIES.bytes();
    }

    /// How many bytes are taken from the pool now: tensors that are alive, or dead and not yet
    /// found by the collector, and the arenas of traced functions.
    public static long bytesInUse() {
        return IN_USE.get();
    }

    /// How many bytes are alive: asks the collector first, so this is for measuring only.
    public static long bytesAlive() {
        Pool.SHARED.settle();
        return IN_USE.get();
    }

    /// The largest [#bytesInUse] since [#resetPeak].
    public static long peakBytes() {
        return PEAK.get();
    }

    /// Starts the peak anew from what is in use now.
    public static void resetPeak() {
        PEAK.reset();
        PEAK.accumulate(IN_USE.get());
    }
}
