package org.gemel.bench.stats;

/// A median and the interval that it lies in with a probability of 90 %.
///
/// @param median of the samples
/// @param low lower end of the interval
/// @param high upper end of the interval
public record Interval(double median, double low, double high) {}
