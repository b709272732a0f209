package org.gemel.bench.roofline;

/// Where one kernel stands with some number of threads.
///
/// @param kernel what was measured
/// @param threads how many threads it may use
/// @param seconds its median time
/// @param bound the least time that the machine allows
public record Standing(Family kernel, int threads, double seconds, Ceilings.Bound bound) {
    /// How much of the bound it reaches; 1 is all.
    public double share() {
        return bound.seconds() / seconds;
    }
}
