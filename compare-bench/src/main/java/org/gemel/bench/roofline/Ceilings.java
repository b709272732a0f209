package org.gemel.bench.roofline;

import java.util.List;

/// What a machine can do at most with some number of threads.
///
/// @param threads how many threads worked
/// @param flops multiplications and additions in single precision, per second
/// @param levels the memories, the smallest first
public record Ceilings(int threads, double flops, List<Level> levels) {
    /// One memory of the hierarchy.
    ///
    /// @param name as in `L2`
    /// @param capacity how many bytes all threads have there together
    /// @param bandwidth bytes per second that all threads read and write together
    public record Level(String name, long capacity, double bandwidth) {}

    /// What holds a kernel back, and how far: the least time that the machine allows.
    ///
    /// @param seconds the least time
    /// @param by the arithmetic, or the name of a memory
    public record Bound(double seconds, String by) {}

    /// Copies the list.
    public Ceilings {
        levels = List.copyOf(levels);
    }

    /// Measures this machine with `threads` threads; takes some seconds.
    public static Ceilings measured(int threads) {
        return new Machinery().ceilings(threads);
    }

    /// The bound of a kernel: its arithmetic at the peak, or its bytes at the bandwidth of the
    /// smallest memory that has room for `held` bytes, whichever takes longer.
    public Bound bound(double operations, double bytes, double held) {
        Level level =
                levels.stream()
                        .filter(l -> l.capacity() >= held)
                        .findFirst()
                        .orElse(levels.getLast());
        double arithmetic = operations / flops;
        double memory = bytes / level.bandwidth();
        return arithmetic >= memory
                ? new Bound(arithmetic, "arithmetic")
                : new Bound(memory, level.name());
    }
}
