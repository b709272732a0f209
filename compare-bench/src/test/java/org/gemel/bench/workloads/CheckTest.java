package org.gemel.bench.workloads;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckTest {
    private static final Check LOSSES = Check.ofLosses(2, 1);

    @ParameterizedTest
    @CsvSource({"1, 2", "1, 2.0003", "1, 1.9997", "2, 99", "10, 1"})
    void acceptsWhatIsNearEnough(int step, float loss) {
        assertEquals(Optional.empty(), LOSSES.wrong(step, new float[] {loss}));
    }

    @ParameterizedTest
    @CsvSource({"1, 2.001", "1, NaN", "10, 2", "10, Infinity"})
    void rejectsWhatIsOff(int step, float loss) {
        String want = step == 1 ? "2.0" : "1.0";
        String got = Double.toString(loss);
        assertEquals(
                Optional.of(
                        "expects %s at step %d, but got %s (tolerance 2.0E-4 relative)"
                                .formatted(want, step, got)),
                LOSSES.wrong(step, new float[] {loss}));
    }
}
