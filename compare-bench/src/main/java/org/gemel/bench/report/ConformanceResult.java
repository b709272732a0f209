package org.gemel.bench.report;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

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
    public record Case(String id, Status status, String reason) {
        /// What the case is about: the last part of its id, up to two underscores.
        public String operation() {
            String name = id.substring(id.lastIndexOf('/') + 1);
            int end = name.indexOf("__");
            return end < 0 ? name : name.substring(0, end);
        }
    }

    /// The cases of each operation, in alphabetical order.
    public SortedMap<String, List<Case>> byOperation() {
        return cases.stream()
                .collect(
                        Collectors.groupingBy(
                                Case::operation, TreeMap::new, Collectors.toUnmodifiableList()));
    }

    /// How many cases ended like this.
    public long count(Status status) {
        return count(cases, status);
    }

    /// How many of `cases` ended like this.
    static long count(List<Case> cases, Status status) {
        return cases.stream().filter(c -> c.status() == status).count();
    }
}
