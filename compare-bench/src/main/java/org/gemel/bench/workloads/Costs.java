package org.gemel.bench.workloads;

import org.gemel.backend.Counters;
import org.gemel.bench.report.Cost;

/// Reads the engine's counters: the only place that does.
final class Costs {
    private Costs() {}

    /// What one of the `steps` steps that `work` does costs on average.
    static Cost of(int steps, Runnable work) {
        long kernels = Counters.kernelsLaunched();
        long bytes = Counters.bytesAllocated();
        Counters.resetPeak();
        work.run();
        return new Cost(
                (double) (Counters.kernelsLaunched() - kernels) / steps,
                (Counters.bytesAllocated() - bytes) / steps,
                Counters.peakBytes());
    }

    /// The tensor memory that is alive now.
    static long bytesAlive() {
        return Counters.bytesAlive();
    }
}
