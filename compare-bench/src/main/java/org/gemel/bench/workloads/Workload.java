package org.gemel.bench.workloads;

import org.gemel.bench.report.WorkloadResult;

/// Something that can be run in both execution modes and compared.
public interface Workload {
    /// The name on the command line.
    String name();

    /// What it computes, in a few words.
    String title();

    /// Whether it runs when no workload is named.
    boolean byDefault();

    /// Whether it needs a data set.
    boolean readsData();

    /// A program in its initial state, whose first step stands for the workload's.
    Program start();

    /// Gets hold of all that the run needs.
    ///
    /// @throws org.gemel.bench.report.Problem if something is missing
    Prepared prepare(Setting setting);

    /// A workload that lacks nothing.
    @FunctionalInterface
    interface Prepared {
        /// Runs it in both modes.
        WorkloadResult run();
    }
}
