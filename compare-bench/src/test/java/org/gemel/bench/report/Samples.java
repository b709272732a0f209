package org.gemel.bench.report;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.gemel.bench.stats.Agreement;
import org.gemel.bench.stats.Interval;

/// Results made up for tests of how they are shown.
final class Samples {
    static final Machine MACHINE =
            new Machine("Some CPU", 2, "A VM 25", List.of("-Xmx1g"), 2, "vector");

    private Samples() {}

    static ModeResult mode(double median, Optional<Training> training) {
        return new ModeResult(
                new Interval(median, median * 0.9, median * 1.1),
                38_000_000,
                new Cost(41, 6_400_000, 3_565_158),
                training);
    }

    static WorkloadResult.Measured measured(String name, double eager, double traced) {
        double ratio = eager / traced;
        return new WorkloadResult.Measured(
                name,
                "784-256-128-10, batch 64",
                mode(eager, Optional.empty()),
                mode(traced, Optional.empty()),
                new Interval(ratio, ratio * 0.98, ratio * 1.02),
                traced < eager ? OptionalLong.of(92) : OptionalLong.empty(),
                new Agreement(true, 0, 235_146),
                "all 235,146 parameters after 20,000 steps");
    }

    static WorkloadResult.Failed failed() {
        return new WorkloadResult.Failed(
                "add4",
                "a + b",
                "eager: expects -2.5 at step 1, but got 1.0",
                Optional.of(new Agreement(false, 3, 4)));
    }

    static final class Captured {
        final StringWriter out = new StringWriter();
        final StringWriter progress = new StringWriter();

        Console console(boolean interactive, boolean coloured) {
            return new Console(
                    new PrintWriter(out), new PrintWriter(progress), interactive, coloured, true);
        }
    }
}
