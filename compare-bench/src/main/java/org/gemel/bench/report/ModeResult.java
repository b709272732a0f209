package org.gemel.bench.report;

import org.gemel.bench.stats.Interval;

import java.util.Optional;

/// What one execution mode reached on one workload.
///
/// @param stepNs nanoseconds of a step
/// @param firstCallNs nanoseconds of the very first step: tracing, compiling, loading of classes
/// @param cost what a step costs besides time
/// @param training only for workloads that train to the end
public record ModeResult(
        Interval stepNs, long firstCallNs, Cost cost, Optional<Training> training) {}
