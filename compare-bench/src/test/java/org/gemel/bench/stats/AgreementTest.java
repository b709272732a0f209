package org.gemel.bench.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AgreementTest {
    static List<Arguments> pairs() {
        float other = Float.intBitsToFloat(0x7fc00001);
        return List.of(
                Arguments.of(1f, 1f, true, 0L),
                Arguments.of(1f, Math.nextUp(1f), false, 1L),
                Arguments.of(Math.nextDown(-1f), -1f, false, 1L),
                Arguments.of(0f, -0f, false, 0L),
                Arguments.of(Float.MIN_VALUE, -Float.MIN_VALUE, false, 2L),
                Arguments.of(Float.MAX_VALUE, Float.POSITIVE_INFINITY, false, 1L),
                Arguments.of(Float.NaN, Float.NaN, true, 0L),
                Arguments.of(Float.NaN, other, false, 0L),
                Arguments.of(Float.NaN, 1f, false, Long.MAX_VALUE),
                Arguments.of(-Float.MAX_VALUE, Float.MAX_VALUE, false, 2L * 0x7f7fffff));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void tellsBitsAndDistance(float a, float b, boolean equal, long ulps) {
        var expected = new Agreement(equal, ulps, 1);
        assertEquals(expected, Agreement.of(List.of(new float[] {a}), List.of(new float[] {b})));
        assertEquals(expected, Agreement.of(List.of(new float[] {b}), List.of(new float[] {a})));
    }

    @Test
    void theWorstOfAllNumbersCounts() {
        float[] a = {1, 2, 3};
        float[] b = {1, Math.nextUp(2f), 3};
        assertEquals(
                new Agreement(false, 1, 6), Agreement.of(List.of(a, a), List.of(a.clone(), b)));
    }

    @Test
    void rejectsDifferentCounts() {
        List<float[]> two = List.of(new float[2]);
        List<float[]> three = List.of(new float[3]);
        assertThrows(IllegalArgumentException.class, () -> Agreement.of(two, three));
        assertThrows(IllegalArgumentException.class, () -> Agreement.of(two, List.of()));
    }
}
