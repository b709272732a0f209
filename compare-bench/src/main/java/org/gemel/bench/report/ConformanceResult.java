package org.gemel.bench.report;

import java.util.List;

/// What a run over golden cases found.
///
/// @param mode `eager`, `traced` or `traced-unoptimized`
/// @param cases every case, in the order they ran
public record ConformanceResult(String mode, List<Case> cases) {
    /// Copies the list.
    public ConformanceResult {
        cases = List.copyOf(cases);
    }

    /// How a case ended.
    public enum Status {
        /// All values within the case's tolerance.
        PASSED,
        /// A wrong value, or an error where none was due.
        FAILED,
        /// It needs an operation that does not exist yet.
        UNSUPPORTED
    }

    /// One golden case.
    ///
    /// @param id the case's path below the folder
    /// @param reason one line for a case that did not pass, empty for one that did
    public record Case(String id, Status status, String reason) {}

    /// How many cases ended like this.
    public long count(Status status) {
        return cases.stream().filter(c -> c.status() == status).count();
    }
}
