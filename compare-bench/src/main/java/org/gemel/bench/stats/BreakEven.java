package org.gemel.bench.stats;

import java.util.OptionalLong;

/// After how many calls tracing has earned back what its first call costs more.
public final class BreakEven {
    private BreakEven() {}

    /// The smallest number of calls `n` for which `n` traced calls take no longer than `n` eager
    /// ones, the first of each included; nothing if a traced step is not faster than an eager one,
    /// for then tracing never pays for itself.
    ///
    /// With first calls `F` and later calls `t`: `F_traced + (n - 1) t_traced <= F_eager + (n - 1)
    /// t_eager`, so `n = 1 + ceil((F_traced - F_eager) / (t_eager - t_traced))`, at least 1.
    ///
    /// All four are times in one unit.
    public static OptionalLong calls(
            long firstEager, long firstTraced, double eager, double traced) {
        if (!(traced < eager)) {
            return OptionalLong.empty();
        }
        double calls = 1 + Math.ceil((firstTraced - firstEager) / (eager - traced));
        return OptionalLong.of(Math.max(1, (long) calls));
    }
}
