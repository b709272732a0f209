package org.gemel.bench.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.gemel.bench.stats.Interval;
import org.junit.jupiter.api.Test;

/// On a clock that only the contenders move: the outcome is exact.
class DuelTest {
    private static final Effort EFFORT =
            new Effort(
                    6,
                    Duration.ofNanos(1000),
                    Duration.ofNanos(50_000),
                    Duration.ofNanos(20_000),
                    Duration.ofMillis(10),
                    1);

    private long now;
    private long compiled;
    private final List<String> log = new ArrayList<>();

    private Contender taking(String name, long nanos) {
        return steps -> {
            now += nanos * steps;
            log.add(name + steps);
        };
    }

    private Duel.Outcome fight(Contender left, Contender right) {
        return new Duel(EFFORT, () -> now, () -> compiled).fight(left, right);
    }

    @Test
    void measuresBothSidesAndTheirRatio() {
        Duel.Outcome outcome = fight(taking("left", 300), taking("right", 100));
        assertEquals(new Interval(300, 300, 300), outcome.left());
        assertEquals(new Interval(100, 100, 100), outcome.right());
        assertEquals(new Interval(3, 3, 3), outcome.ratio());
    }

    @Test
    void repeatsShortStepsUntilTheFasterSideFillsASample() {
        fight(taking("left", 300), taking("right", 100));
        assertEquals(
                "left10",
                log.getLast().startsWith("left") ? log.getLast() : log.get(log.size() - 2));
    }

    @Test
    void takesTurnsInWhoStarts() {
        fight(taking("left", 300), taking("right", 100));
        List<String> rounds = log.subList(log.size() - 12, log.size());
        assertEquals(
                List.of(
                        "left10", "right10", "right10", "left10", "left10", "right10", "right10",
                        "left10", "left10", "right10", "right10", "left10"),
                rounds);
    }

    /// Counts its steps since it went back to its beginning.
    private final class Counting implements Contender {
        private final long nanos;
        private long done;
        private long farthest;
        private int restarts;

        Counting(long nanos) {
            this.nanos = nanos;
        }

        @Override
        public void run(int steps) {
            done += steps;
            farthest = Math.max(farthest, done);
            now += nanos * steps;
        }

        @Override
        public void restart() {
            done = 0;
            farthest = restarts == 0 ? 0 : farthest;
            restarts++;
        }
    }

    @Test
    void bothSidesDoTheSameNumberOfStepsFromTheirBeginning() {
        Counting left = new Counting(700);
        Counting right = new Counting(130);
        Duel.Outcome outcome = fight(left, right);
        assertEquals(left.done, right.done);
        assertEquals(left.done, outcome.steps());
        assertEquals(left.restarts, right.restarts);
        assertEquals(1, left.restarts);
    }

    @Test
    void nobodyIsMeasuredFarFromItsBeginning() {
        Counting left = new Counting(700);
        Counting right = new Counting(130);
        new Duel(EFFORT.withRounds(40), () -> now, () -> compiled).fight(left, right);
        assertTrue(left.restarts > 1, "went back " + left.restarts + " times");
        assertTrue(left.farthest <= 101, "measured after " + left.farthest + " steps");
    }

    @Test
    void keepsWarmingUpWhileTheJitCompilerWorks() {
        int[] samples = new int[1];
        Contender compiling =
                steps -> {
                    now += 100L * steps;
                    compiled += ++samples[0] < 200 ? 5 : 0;
                };
        fight(compiling, taking("right", 100));
        // Calm from there on for 20 samples of 1000 ns a side, 10 of each, then 6 rounds.
        assertTrue(samples[0] >= 199 + 10 + 6, "ended after " + samples[0]);
    }

    @Test
    void keepsWarmingUpWhileTimesFall() {
        // As under a JIT compiler: slow at first, and fast only after 100 samples.
        int[] samples = new int[1];
        Contender improving =
                steps -> {
                    samples[0]++;
                    now += (samples[0] < 100 ? 10_000 - 90L * samples[0] : 1000L) * steps;
                };
        Duel.Outcome outcome = fight(improving, taking("right", 1000));
        assertEquals(1000, outcome.left().median());
        assertTrue(samples[0] > 100);
    }

    @Test
    void stopsWarmingUpWhenTimesNeverSettle() {
        int[] samples = new int[1];
        Contender worsening = steps -> now += 100L * ++samples[0] * ++samples[0] * steps;
        fight(worsening, taking("right", 1000));
        assertTrue(now >= EFFORT.mostWarmUp().toNanos());
    }
}
