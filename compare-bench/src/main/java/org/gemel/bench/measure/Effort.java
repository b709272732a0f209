package org.gemel.bench.measure;

import java.time.Duration;

/// How much time a comparison may take.
///
/// @param rounds how many samples are taken of each side
/// @param sample the least time of a sample; steps are repeated until they fill it, often enough
///   that what the other side left in the caches does not count
/// @param leastWarmUp how long both sides run before any decision, so that the JIT compiler is done
/// @param calm how long the JIT compiler must have been idle before the warm-up may end
/// @param mostWarmUp when the warm-up ends even if the times still change
/// @param firstCalls how many fresh JVMs each mode's first call is timed in
public record Effort(
        int rounds,
        Duration sample,
        Duration leastWarmUp,
        Duration calm,
        Duration mostWarmUp,
        int firstCalls) {
    /// All samples of fewer rounds lie on one side of the median too often (twice 2^-n) for any
    /// interval of 90 %.
    public static final int FEWEST_FOR_INTERVALS = 5;

    /// For figures that are to be quoted.
    public static final Effort THOROUGH =
            new Effort(
                    100,
                    Duration.ofMillis(10),
                    Duration.ofSeconds(2),
                    Duration.ofMillis(800),
                    Duration.ofSeconds(15),
                    3);

    /// For a first look: the default workloads in less than a minute.
    public static final Effort QUICK =
            new Effort(
                    40,
                    Duration.ofMillis(4),
                    Duration.ofMillis(600),
                    Duration.ofMillis(200),
                    Duration.ofSeconds(4),
                    1);

    /// This effort with another number of rounds.
    public Effort withRounds(int other) {
        return new Effort(other, sample, leastWarmUp, calm, mostWarmUp, firstCalls);
    }
}
