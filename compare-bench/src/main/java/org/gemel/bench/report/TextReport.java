package org.gemel.bench.report;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.gemel.bench.stats.Interval;

/// What a person reads: a paragraph per workload, and a table of all of them at the end. At most
/// [#WIDTH] columns.
public final class TextReport {
    /// The most columns a line takes.
    public static final int WIDTH = 100;

    private static final String ROW = "  %-7s  %14s   %17s   %7s   %9s   %11s   %10s";

    private final Console console;

    /// A report to `console`.
    public TextReport(Console console) {
        this.console = console;
    }

    /// The machine, in one line.
    public void machine(Machine machine) {
        line(
                "%s; %s; %s, %s; %s backend"
                        .formatted(
                                machine.cpu(),
                                machine.jvm(),
                                plural(machine.cores(), "core"),
                                plural(machine.threads(), "thread"),
                                machine.backend()));
    }

    /// A remark on all that follows.
    public void note(String text) {
        line("note: " + text);
    }

    /// One workload's paragraph.
    public void workload(WorkloadResult result) {
        line("");
        switch (result) {
            case WorkloadResult.Measured measured -> measured(measured);
            case WorkloadResult.Failed failed -> {
                heading(failed);
                failed.agreement()
                        .ifPresent(a ->
                                line(
                                        "  same bits: %s, largest difference %s ulp"
                                                .formatted(
                                                        a.bitsEqual() ? "yes" : "no",
                                                        Units.grouped(a.maxUlp()))));
                line("  " + console.red("failed") + ": " + failed.reason());
            }
        }
    }

    private void heading(WorkloadResult result) {
        line(console.bold("%-12s".formatted(result.name())) + " " + result.title());
    }

    private void measured(WorkloadResult.Measured result) {
        heading(result);
        line("");
        line(
                console.dim(
                        ROW.formatted(
                                "",
                                "time of a step",
                                "90 % interval",
                                "kernels",
                                "allocated",
                                "peak memory",
                                "first call")));
        line(row("eager", result.eager()));
        line(row("traced", result.traced()));
        line("");
        line("  " + verdict(result.ratio()));
        line("  " + breakEven(result));
        line(
                "  same bits: %s, %s"
                        .formatted(
                                result.agreement().bitsEqual()
                                        ? console.green("yes")
                                        : console.red("no"),
                                result.compared()));
        training("eager", result.eager());
        training("traced", result.traced());
    }

    private static String row(String name, ModeResult mode) {
        Interval step = mode.stepNs();
        Units unit = Units.of(step.median());
        return ROW.formatted(
                name,
                Units.time(step.median()),
                unit.number(step.low()) + " - " + unit.number(step.high()),
                Units.count(mode.cost().kernelsPerStep()),
                Units.size(mode.cost().bytesPerStep()),
                Units.size(mode.cost().peakBytes()),
                Units.time((double) mode.firstCallNs()));
    }

    private String verdict(Interval ratio) {
        if (ratio.low() > 1) {
            return "traced is %s than eager (%s - %s)"
                    .formatted(
                            console.green(fixed(ratio.median()) + "x faster"),
                            fixed(ratio.low()),
                            fixed(ratio.high()));
        }
        if (ratio.high() < 1) {
            return "traced is %s than eager (%s - %s)"
                    .formatted(
                            console.red(fixed(1 / ratio.median()) + "x slower"),
                            fixed(1 / ratio.high()),
                            fixed(1 / ratio.low()));
        }
        return "no clear difference: eager takes %s times traced's time (%s - %s)"
                .formatted(fixed(ratio.median()), fixed(ratio.low()), fixed(ratio.high()));
    }

    private static String breakEven(WorkloadResult.Measured result) {
        if (result.breakEvenCalls().isEmpty()) {
            return "tracing never pays for itself here";
        }
        long calls = result.breakEvenCalls().getAsLong();
        return calls == 1
                ? "tracing pays for itself with the first step"
                : "tracing pays for itself after %s steps".formatted(Units.grouped(calls));
    }

    private void training(String name, ModeResult mode) {
        Optional<Training> training = mode.training();
        if (training.isPresent()) {
            Training t = training.get();
            String memory =
                    t.epochBytes().stream().map(Units::size).collect(Collectors.joining(", "));
            line(
                    "  %-7s test accuracy %s %%, %s images/s"
                            .formatted(
                                    name,
                                    fixed(100 * t.accuracy()),
                                    Units.grouped(Math.round(t.imagesPerSecond()))));
            line("          tensor memory after each epoch: " + memory);
        }
    }

    /// All workloads at a glance, for more than one.
    public void summary(List<WorkloadResult> results) {
        if (results.size() < 2) {
            return;
        }
        String format = "  %-14s %12s %12s %9s   %-15s %12s   %s";
        line("");
        line(
                console.dim(
                        format.formatted(
                                "",
                                "eager",
                                "traced",
                                "ratio",
                                "90 % interval",
                                "pays after",
                                "same bits")));
        for (WorkloadResult result : results) {
            line(
                    switch (result) {
                        case WorkloadResult.Measured m ->
                                format.formatted(
                                        m.name(),
                                        Units.time(m.eager().stepNs().median()),
                                        Units.time(m.traced().stepNs().median()),
                                        fixed(m.ratio().median()) + "x",
                                        fixed(m.ratio().low()) + " - " + fixed(m.ratio().high()),
                                        payback(m),
                                        m.agreement().bitsEqual() ? "yes" : "no");
                        case WorkloadResult.Failed f ->
                                "  %-14s %s".formatted(f.name(), console.red("failed"));
                    });
        }
        geometricMean(results)
                .ifPresent(mean ->
                        line(
                                "  %-14s %12s %12s %9s"
                                        .formatted("geometric mean", "", "", fixed(mean) + "x")));
    }

    private static String payback(WorkloadResult.Measured measured) {
        return measured.breakEvenCalls().isPresent()
                ? Units.grouped(measured.breakEvenCalls().getAsLong())
                : "never";
    }

    private static OptionalDouble geometricMean(List<WorkloadResult> results) {
        OptionalDouble logarithm =
                results.stream()
                        .filter(WorkloadResult.Measured.class::isInstance)
                        .map(WorkloadResult.Measured.class::cast)
                        .mapToDouble(m -> Math.log(m.ratio().median()))
                        .average();
        return logarithm.isPresent()
                ? OptionalDouble.of(Math.exp(logarithm.getAsDouble()))
                : OptionalDouble.empty();
    }

    /// How many cases of each operation ended how, and what went wrong.
    public void conformance(ConformanceResult result) {
        ConformanceText.lines(result, console).forEach(this::line);
    }

    private static String fixed(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    private static String plural(int count, String noun) {
        return count == 1 ? "1 " + noun : count + " " + noun + "s";
    }

    private void line(String text) {
        console.out().println(text.stripTrailing());
        console.out().flush();
    }
}
