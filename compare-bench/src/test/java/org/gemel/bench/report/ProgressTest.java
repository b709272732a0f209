package org.gemel.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ProgressTest {
    private final Samples.Captured captured = new Samples.Captured();
    private long now;

    private static Progress.Moment moment(int step) {
        return new Progress.Moment("eager", 2, 3, step, 938, 0.0824f, 51_234.4);
    }

    @Test
    void aLinePerEpochWhereNobodyWatches() {
        Progress progress = new Progress(captured.console(false, false), () -> now);
        progress.doing("something");
        for (int step = 1; step <= 938; step++) {
            progress.show(moment(step));
        }
        progress.clear();
        assertEquals(
                "eager   epoch 2/3  done  938/938  loss 0.0824  51,234 images/s\n",
                captured.progress.toString().replace(System.lineSeparator(), "\n"));
    }

    @Test
    void aBarThatMovesOnATerminal() {
        Progress progress = new Progress(captured.console(true, false), () -> now);
        progress.show(moment(469));
        progress.show(moment(470)); // too soon to be worth drawing
        now += 100_000_000;
        progress.show(moment(475));
        progress.show(moment(938));
        assertEquals(
                """
                \r\
                eager   epoch 2/3  ████████████              469/938  loss 0.0824  51,234 images/s\
                \u001b[K\r\
                eager   epoch 2/3  ████████████▏             475/938  loss 0.0824  51,234 images/s\
                \u001b[K\r\
                eager   epoch 2/3  ████████████████████████  938/938  loss 0.0824  51,234 images/s\
                \u001b[K
                """,
                captured.progress.toString().replace(System.lineSeparator(), "\n"));
    }
}
