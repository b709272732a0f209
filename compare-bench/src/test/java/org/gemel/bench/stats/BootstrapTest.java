package org.gemel.bench.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BootstrapTest {
    @Test
    void mediansOfOddAndEvenNumbersOfSamples() {
        assertEquals(3, Bootstrap.median(new double[] {9, 1, 3}).median());
        assertEquals(2.5, Bootstrap.median(new double[] {4, 1, 3, 2}).median());
        assertEquals(7, Bootstrap.medianOnly(new double[] {7}));
    }

    @Test
    void samplesWithoutSpreadHaveAnIntervalWithoutWidth() {
        assertEquals(new Interval(5, 5, 5), Bootstrap.median(new double[] {5, 5, 5, 5}));
    }

    @Test
    void theSameSamplesGiveTheSameInterval() {
        double[] samples = normal(50, 1);
        assertEquals(Bootstrap.median(samples), Bootstrap.median(samples.clone()));
    }

    @Test
    void leavesTheSamplesAsTheyWere() {
        double[] samples = {3, 1, 2};
        Bootstrap.median(samples);
        assertEquals(3, samples[0]);
    }

    @Test
    void coversTheTrueMedianAboutNineTimesInTen() {
        int covered = 0;
        for (int seed = 0; seed < 400; seed++) {
            Interval interval = Bootstrap.median(normal(60, seed));
            covered += interval.low() <= 100 && 100 <= interval.high() ? 1 : 0;
        }
        // Binomial around 360 with deviation 6; the percentile interval itself is off by a little.
        assertTrue(covered >= 330 && covered <= 390, covered + " of 400");
    }

    @Test
    void isNotMovedByOutliers() {
        double[] samples = normal(101, 3);
        samples[7] = 1e9;
        Interval interval = Bootstrap.median(samples);
        assertTrue(interval.high() < 110, interval.toString());
    }

    @Test
    void pairsCancelWhatHitsBothSides() {
        double[] left = new double[40];
        double[] right = new double[40];
        for (int i = 0; i < 40; i++) {
            double disturbance = 1 + i; // the machine gets 40 times slower meanwhile
            left[i] = 2 * disturbance;
            right[i] = disturbance;
        }
        assertEquals(new Interval(2, 2, 2), Bootstrap.pairedRatio(left, right));
    }

    @Test
    void rejectsWhatIsNotPaired() {
        assertThrows(
                IllegalArgumentException.class,
                () -> Bootstrap.pairedRatio(new double[2], new double[3]));
        assertThrows(IllegalArgumentException.class, () -> Bootstrap.median(new double[0]));
    }

    private static double[] normal(int count, long seed) {
        return new Random(seed).doubles(count, 0, 1).map(u -> 100 + 10 * (u - 0.5)).toArray();
    }
}
