package org.gemel.bench.workloads;

import org.gemel.backend.Counters;
import org.gemel.bench.report.Cost;

/// Reads the engine's counters: the only place that does.
final class Costs {
    private Costs() {}

    /// What one of the `steps` steps that `work` does costs on average.
    ///
    /// @param peakBytes as measured where nothing else ran
    static Cost of(int steps, Runnable work, long peakBytes) {
        long kernels = Counters.kernelsLaunched();
        long bytes = Counters.bytesAllocated();
        work.run();
        return new Cost(
                (double) (Counters.kernelsLaunched() - kernels) / steps,
                (Counters.bytesAllocated() - bytes) / steps,
                peakBytes);
    }

    /// The most tensor memory in use at once while `work` runs. What was dead before does not
    /// count.
    static long peakBytes(Runnable work) {
        Counters.bytesAlive();
        Counters.resetPeak();
        work.run();
        return Counters.peakBytes();
    }

    /// The tensor memory that is alive now.
    static long bytesAlive() {
        return Counters.bytesAlive();
    }
}
