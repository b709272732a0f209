package org.gemel.bench.report;

import java.util.Optional;
import org.gemel.bench.stats.Interval;

/// What one execution mode reached on one workload.
///
/// @param stepNs nanoseconds of a step
/// @param firstCallNs nanoseconds of the very first step: tracing, compiling, loading of classes
/// @param cost what a step costs besides time
/// @param training only for workloads that train to the end
public record ModeResult(
        Interval stepNs, long firstCallNs, Cost cost, Optional<Training> training) {}
