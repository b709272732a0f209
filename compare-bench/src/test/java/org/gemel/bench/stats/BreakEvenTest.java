package org.gemel.bench.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BreakEvenTest {
    @ParameterizedTest
    @CsvSource({
        // first eager, first traced, eager, traced -> calls
        "10, 110, 5, 3, 51",
        "10, 111, 5, 3, 52",
        "10, 10, 5, 3, 1",
        "90, 10, 5, 3, 1",
    })
    void countsTheCallsUntilTracingIsAhead(
            long firstEager, long firstTraced, double eager, double traced, long calls) {
        assertEquals(
                OptionalLong.of(calls), BreakEven.calls(firstEager, firstTraced, eager, traced));
        assertTrue(
                total((double) firstTraced, traced, calls)
                        <= total((double) firstEager, eager, calls));
        if (calls > 1) {
            assertTrue(
                    total((double) firstTraced, traced, calls - 1)
                            > total((double) firstEager, eager, calls - 1));
        }
    }

    @ParameterizedTest
    @CsvSource({"10, 110, 3, 3", "10, 110, 3, 4", "110, 10, 3, 4", "1, 1, NaN, 1"})
    void neverIfAStepIsNotFaster(long firstEager, long firstTraced, double e, double t) {
        assertEquals(OptionalLong.empty(), BreakEven.calls(firstEager, firstTraced, e, t));
    }

    private static double total(double first, double later, long calls) {
        return first + (calls - 1) * later;
    }
}
