package org.gemel.bench.workloads;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.gemel.bench.measure.Effort;
import org.gemel.bench.report.Progress;

/// What a run was asked for.
///
/// @param effort how long to measure
/// @param threads threads that kernels may use
/// @param data the folder of the data set, if one was named
/// @param progress where to show how far it is
/// @param clock tells nanoseconds
/// @param compiling tells how many milliseconds the JIT compiler has worked so far
public record Setting(
        Effort effort,
        int threads,
        Optional<Path> data,
        Progress progress,
        LongSupplier clock,
        LongSupplier compiling) {}
