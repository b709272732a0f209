package org.gemel.bench.report;

import java.util.Optional;
import java.util.OptionalLong;
import org.gemel.bench.stats.Agreement;
import org.gemel.bench.stats.Interval;

/// How a workload ended.
public sealed interface WorkloadResult {
    /// The workload's name on the command line.
    String name();

    /// What it computes, in a few words.
    String title();

    /// Both modes were right, agreed bit for bit, and were measured.
    ///
    /// @param ratio eager's time over traced's: above 1, tracing is faster
    /// @param breakEvenCalls calls after which tracing has paid for itself, nothing if it never
    ///   does
    /// @param agreement how the numbers of both modes compare
    /// @param compared what was compared, in words, as in "all 235,146 parameters"
    record Measured(
            String name,
            String title,
            ModeResult eager,
            ModeResult traced,
            Interval ratio,
            OptionalLong breakEvenCalls,
            Agreement agreement,
            String compared)
            implements WorkloadResult {}

    /// A mode failed, was wrong, or the two differed; nothing was measured that could be quoted.
    ///
    /// @param reason one line
    /// @param agreement how the numbers compare, where both modes came that far
    record Failed(String name, String title, String reason, Optional<Agreement> agreement)
            implements WorkloadResult {}
}
