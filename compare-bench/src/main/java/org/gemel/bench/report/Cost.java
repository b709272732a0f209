package org.gemel.bench.report;

/// What a step costs besides time, counted by the engine once both modes are warm; the peak where
/// the program runs alone.
///
/// @param kernelsPerStep kernels launched
/// @param bytesPerStep tensor memory asked for, in bytes
/// @param peakBytes the most tensor memory in use at once during a step, parameters and inputs
///   included
public record Cost(double kernelsPerStep, long bytesPerStep, long peakBytes) {}
