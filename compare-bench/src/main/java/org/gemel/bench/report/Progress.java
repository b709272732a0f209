package org.gemel.bench.report;

import java.util.Locale;
import java.util.function.LongSupplier;

/// Shows how far a training run is: on a terminal a bar that moves, elsewhere a line per epoch.
public final class Progress {
    private static final int CELLS = 24;
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉█";
    private static final long REDRAW_NANOS = 100_000_000;

    private final Console console;
    private final LongSupplier clock;
    private long drawn = Long.MIN_VALUE;
    private boolean lineOpen;

    /// Progress on `console`; `clock` tells nanoseconds.
    public Progress(Console console, LongSupplier clock) {
        this.console = console;
        this.clock = clock;
    }

    /// A moment of a training run.
    ///
    /// @param mode who trains
    /// @param epoch from 1
    /// @param step steps of this epoch that are done
    /// @param loss of the latest step
    public record Moment(
            String mode,
            int epoch,
            int epochs,
            int step,
            int steps,
            float loss,
            double imagesPerSecond) {}

    /// Shows `moment`, unless the last one is too young for anybody to have read it.
    public void show(Moment moment) {
        boolean done = moment.step() == moment.steps();
        if (console.interactive()) {
            long now = clock.getAsLong();
            if (done || drawn == Long.MIN_VALUE || now - drawn >= REDRAW_NANOS) {
                drawn = now;
                console.progress().print("\r" + text(moment, bar(moment)) + "\u001b[K");
                lineOpen = true;
            }
        } else if (done) {
            console.progress().println(text(moment, "done"));
        }
        if (done) {
            end();
        }
        console.progress().flush();
    }

    /// Says what is going on, on a line that the next one replaces; nothing without a terminal.
    public void doing(String what) {
        if (console.interactive()) {
            console.progress().print("\r" + console.dim(what + " ...") + "\u001b[K");
            console.progress().flush();
            lineOpen = true;
        }
    }

    /// Removes what [#doing] wrote.
    public void clear() {
        if (lineOpen) {
            console.progress().print("\r\u001b[K");
            console.progress().flush();
            lineOpen = false;
        }
    }

    private void end() {
        if (lineOpen) {
            console.progress().println();
            lineOpen = false;
        }
    }

    private static String text(Moment m, String state) {
        return String.format(
                Locale.ROOT,
                "%-7s epoch %d/%d  %s  %,d/%,d  loss %.4f  %,.0f images/s",
                m.mode(),
                m.epoch(),
                m.epochs(),
                state,
                m.step(),
                m.steps(),
                m.loss(),
                m.imagesPerSecond());
    }

    private String bar(Moment moment) {
        int eighths = (int) (8L * CELLS * moment.step() / Math.max(1, moment.steps()));
        StringBuilder bar = new StringBuilder(CELLS);
        for (int cell = 0; cell < CELLS; cell++) {
            int filled = Math.clamp(eighths - 8L * cell, 0, 8);
            bar.append(console.unicode() ? EIGHTHS.charAt(filled) : filled == 8 ? '#' : '.');
        }
        return bar.toString();
    }
}
