package org.gemel.bench.stats;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// Confidence intervals by resampling (Efron and Tibshirani, An Introduction to the Bootstrap,
/// chapter 13, the percentile interval): no assumption on how measured times are distributed.
public final class Bootstrap {
    /// How often the samples are drawn anew.
    static final int RESAMPLES = 1000;

    private static final double TAIL = 0.05;
    private static final long SEED = 0x6765_6d65_6cL;

    private Bootstrap() {}

    /// The median of `samples` with its 90 % interval; the same samples give the same interval.
    ///
    /// @throws IllegalArgumentException without a sample
    public static Interval median(double[] samples) {
        if (samples.length == 0) {
            throw new IllegalArgumentException("a median needs at least one sample");
        }
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
        double[] medians = new double[RESAMPLES];
        double[] drawn = new double[samples.length];
        for (int i = 0; i < RESAMPLES; i++) {
            for (int j = 0; j < drawn.length; j++) {
                drawn[j] = samples[random.nextInt(samples.length)];
            }
            medians[i] = medianOf(drawn);
        }
        Arrays.sort(medians);
        return new Interval(
                medianOf(samples.clone()), quantile(medians, TAIL), quantile(medians, 1 - TAIL));
    }

    /// The median of `numerators[i] / denominators[i]` with its 90 % interval.
    ///
    /// The two of a pair were measured right after each other, so that what slows the machine down
    /// for a while cancels out.
    ///
    /// @throws IllegalArgumentException without a pair, or if the lengths differ
    public static Interval pairedRatio(double[] numerators, double[] denominators) {
        if (numerators.length != denominators.length) {
            throw new IllegalArgumentException(
                    "a ratio needs pairs, not %d against %d samples"
                            .formatted(numerators.length, denominators.length));
        }
        double[] ratios = new double[numerators.length];
        Arrays.setAll(ratios, i -> numerators[i] / denominators[i]);
        return median(ratios);
    }

    /// The median of `samples`.
    public static double medianOnly(double[] samples) {
        return medianOf(samples.clone());
    }

    private static double medianOf(double[] scratch) {
        Arrays.sort(scratch);
        return quantile(scratch, 0.5);
    }

    // Linear between the two nearest order statistics.
    private static double quantile(double[] sorted, double q) {
        double position = q * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
