package org.gemel.bench.report;

import java.util.List;
import java.util.Optional;

/// All that a run has to tell; what the JSON file holds.
///
/// @param conformance only of a conformance run
public record Report(
        Machine machine, List<WorkloadResult> workloads, Optional<ConformanceResult> conformance) {
    /// Changes with the meaning of any field of the JSON file.
    public static final int VERSION = 1;

    /// Copies the list.
    public Report {
        workloads = List.copyOf(workloads);
    }
}
