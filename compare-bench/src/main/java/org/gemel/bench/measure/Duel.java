package org.gemel.bench.measure;

import java.util.Arrays;
import java.util.function.LongSupplier;
import org.gemel.bench.stats.Bootstrap;
import org.gemel.bench.stats.Interval;

/// Measures two contenders against each other, interleaved in one JVM.
///
/// First both are warmed up in turns until the JIT compiler has nothing more to do and their times
/// settle. Then rounds come: in each, either side does the same number of steps, and who starts
/// alternates. What disturbs the machine for a while hits both sides of a round; what a position in
/// the round brings is shared evenly.
///
/// Before the first round, and again whenever they have gone some way from there, both go back to
/// where they began and do a step that is not timed. Where many steps lead to may be an unusual
/// case: a model that was trained on one batch for hundreds of steps has gradients whose squares
/// are too small for fast arithmetic.
public final class Duel {
    // The warm-up is over when the medians of two successive windows differ by less than this.
    private static final int WINDOW = 8;
    private static final double SETTLED = 0.03;
    private static final int MOST_STEPS = 1 << 20;

    // How many steps from its beginning a side is measured, if a sample has no more.
    private static final int WAY = 100;

    private final Effort effort;
    // A sample in which the JIT compiler worked longer than this was not taken in calm.
    private static final long BUSY_MILLIS = 1;

    private final LongSupplier clock;
    private final LongSupplier compiling;

    /// A duel.
    ///
    /// @param clock tells nanoseconds
    /// @param compiling tells how many milliseconds the JIT compiler has worked so far
    public Duel(Effort effort, LongSupplier clock, LongSupplier compiling) {
        this.effort = effort;
        this.clock = clock;
        this.compiling = compiling;
    }

    /// What was measured.
    ///
    /// @param left nanoseconds of a step of the first contender
    /// @param right nanoseconds of a step of the second contender
    /// @param ratio time of the first over time of the second, from pairs
    /// @param steps how many steps each side has done since it went back to its beginning
    public record Outcome(Interval left, Interval right, Interval ratio, long steps) {}

    /// Warms up and measures.
    public Outcome fight(Contender left, Contender right) {
        int stepsPerSample = warmUp(left, right);
        double[] lefts = new double[effort.rounds()];
        double[] rights = new double[effort.rounds()];
        long steps = 0;
        for (int round = 0; round < effort.rounds(); round++) {
            if (round == 0 || steps + stepsPerSample > WAY) {
                goBack(left);
                goBack(right);
                steps = 1;
            }
            steps += stepsPerSample;
            if (round % 2 == 0) {
                lefts[round] = perStep(left, stepsPerSample);
                rights[round] = perStep(right, stepsPerSample);
            } else {
                rights[round] = perStep(right, stepsPerSample);
                lefts[round] = perStep(left, stepsPerSample);
            }
        }
        return new Outcome(
                Bootstrap.median(lefts),
                Bootstrap.median(rights),
                Bootstrap.pairedRatio(lefts, rights),
                steps);
    }

    private static void goBack(Contender contender) {
        contender.restart();
        contender.run(1);
    }

    // The number of steps that fill a sample.
    private int warmUp(Contender left, Contender right) {
        double[] lefts = new double[2 * WINDOW];
        double[] rights = new double[2 * WINDOW];
        Arrays.fill(lefts, Double.POSITIVE_INFINITY);
        Arrays.fill(rights, Double.POSITIVE_INFINITY);
        long start = clock.getAsLong();
        long compiled = compiling.getAsLong();
        long calmSince = 0;
        int steps = 1;
        for (int sample = 0; ; sample++) {
            lefts[sample % lefts.length] = perStep(left, steps);
            rights[sample % rights.length] = perStep(right, steps);
            // The faster side fills the sample: the same number of steps for both keeps their
            // states comparable to the end.
            steps = stepsFor(Math.min(least(lefts), least(rights)));
            long elapsed = clock.getAsLong() - start;
            long compiledNow = compiling.getAsLong();
            if (compiledNow - compiled > BUSY_MILLIS) {
                calmSince = elapsed;
            }
            compiled = compiledNow;
            boolean enough =
                    elapsed >= effort.leastWarmUp().toNanos()
                            && elapsed - calmSince >= effort.calm().toNanos()
                            && sample >= lefts.length;
            boolean settled = enough && settled(lefts, sample) && settled(rights, sample);
            if (settled || elapsed >= effort.mostWarmUp().toNanos()) {
                return steps;
            }
        }
    }

    private static double least(double[] samples) {
        return Arrays.stream(samples).min().orElseThrow();
    }

    private int stepsFor(double nanosOfAStep) {
        double steps = Math.ceil(effort.sample().toNanos() / Math.max(nanosOfAStep, 1));
        return (int) Math.max(1, Math.min(MOST_STEPS, steps));
    }

    private static boolean settled(double[] ring, int newest) {
        double[] recent = new double[WINDOW];
        double[] before = new double[WINDOW];
        for (int i = 0; i < WINDOW; i++) {
            recent[i] = ring[Math.floorMod(newest - i, ring.length)];
            before[i] = ring[Math.floorMod(newest - WINDOW - i, ring.length)];
        }
        double now = Bootstrap.medianOnly(recent);
        double then = Bootstrap.medianOnly(before);
        return Math.abs(now - then) <= SETTLED * then;
    }

    private double perStep(Contender contender, int steps) {
        long start = clock.getAsLong();
        contender.run(steps);
        return (double) (clock.getAsLong() - start) / steps;
    }
}
