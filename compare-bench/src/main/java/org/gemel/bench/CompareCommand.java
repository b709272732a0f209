package org.gemel.bench;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.gemel.Gemel;
import org.gemel.bench.measure.Effort;
import org.gemel.bench.report.Console;
import org.gemel.bench.report.Machine;
import org.gemel.bench.report.Problem;
import org.gemel.bench.report.Progress;
import org.gemel.bench.report.Report;
import org.gemel.bench.report.TextReport;
import org.gemel.bench.report.WorkloadResult;
import org.gemel.bench.workloads.Setting;
import org.gemel.bench.workloads.Workload;
import org.gemel.bench.workloads.Workloads;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/// Measures both execution modes on the same programs, side by side.
@Command(
        name = "compare",
        description = {
            "Run workloads in both execution modes and measure them side by side.",
            "Without names: the small ones, which need no data set; bench list marks the others.",
            ""
        },
        exitCodeListHeading = ExitCode.HEADING,
        exitCodeList = {
            ExitCode.OK_TEXT,
            ExitCode.FAILED_TEXT,
            ExitCode.USAGE_TEXT,
            ExitCode.MISSING_TEXT,
            ExitCode.BELOW_TEXT
        })
final class CompareCommand implements Callable<Integer> {
    private static final String ALL = "all";

    @Parameters(
            paramLabel = "workload",
            description = "What to run; see bench list. All that need no data set: all.")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads for kernels; all cores unless told.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--rounds", paramLabel = "N", description = "Samples of each mode.")
    private @Nullable Integer rounds;

    @Option(names = "--quick", description = "A first look: fewer rounds, a shorter warm-up.")
    private boolean quick;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the report as JSON.")
    private @Nullable Path json;

    @Option(names = "--data", paramLabel = "DIR", description = "The folder of the data set.")
    private @Nullable Path data;

    @Option(
            names = "--fail-below",
            paramLabel = "RATIO",
            description = "Exit with 4 if eager's time over traced's is below this anywhere.")
    private @Nullable Double failBelow;

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Main main;

    @Mixin private final BackendOption backend = new BackendOption();

    private final Console console;

    CompareCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        List<Workload> chosen = chosen();
        Effort effort = effort();
        checkRatio();
        checkAtLeastOne("--threads", threads, "leave it out to use all cores");
        checkAtMost("--threads", threads, Gemel.MOST_THREADS, "leave it out to use all cores");
        checkData(chosen);
        Optional<JsonTarget> target = Optional.ofNullable(json).map(JsonTarget::new);
        backend.apply();
        Progress progress = new Progress(console, System::nanoTime);
        Setting setting =
                new Setting(
                        effort,
                        threads,
                        Optional.ofNullable(data),
                        progress,
                        System::nanoTime,
                        ManagementFactory.getCompilationMXBean()::getTotalCompilationTime);
        // All of them before the first is run: what is missing shows at once.
        List<Workload.Prepared> prepared = chosen.stream().map(w -> w.prepare(setting)).toList();

        Gemel.threads(threads);
        Machine machine = Machine.here(threads);
        TextReport text = new TextReport(console);
        text.machine(machine);
        if (effort.rounds() < Effort.FEWEST_FOR_INTERVALS) {
            text.note(
                    "fewer than %d rounds give no 90 %% interval: take the figures as rough"
                            .formatted(Effort.FEWEST_FOR_INTERVALS));
        }
        List<WorkloadResult> results = new ArrayList<>();
        for (int i = 0; i < prepared.size(); i++) {
            WorkloadResult result = run(chosen.get(i), prepared.get(i));
            progress.clear();
            text.workload(result);
            results.add(result);
        }
        text.summary(results);
        target.ifPresent(t -> t.write(new Report(machine, results, Optional.empty())));
        return verdict(results);
    }

    private WorkloadResult run(Workload workload, Workload.Prepared prepared) {
        try {
            return prepared.run();
        } catch (RuntimeException | LinkageError failure) {
            // The others can still be measured; this one is told in its place.
            main.explain(failure);
            String reason = Main.sentence(failure);
            return new WorkloadResult.Failed(
                    workload.name(), workload.title(), reason, Optional.empty());
        }
    }

    private List<Workload> chosen() {
        if (names.isEmpty()) {
            return Workloads.all().stream().filter(Workload::byDefault).toList();
        }
        if (names.equals(List.of(ALL))) {
            return Workloads.all().stream().filter(w -> !w.readsData()).toList();
        }
        return new LinkedHashSet<>(names).stream().map(Workloads::named).toList();
    }

    private Effort effort() {
        Effort effort = quick ? Effort.QUICK : Effort.THOROUGH;
        if (rounds == null) {
            return effort;
        }
        checkAtLeastOne("--rounds", rounds, "leave it out for the usual number");
        return effort.withRounds(rounds);
    }

    static void checkAtLeastOne(String option, int value, String remedy) {
        if (value < 1) {
            throw Problem.usage(
                    "%s: expects at least 1, but got %d; %s".formatted(option, value, remedy));
        }
    }

    private static void checkAtMost(String option, int value, int most, String remedy) {
        if (value > most) {
            throw Problem.usage(
                    "%s: expects at most %d, but got %d; %s"
                            .formatted(option, most, value, remedy));
        }
    }

    private void checkData(List<Workload> chosen) {
        if (data != null && chosen.stream().noneMatch(Workload::readsData)) {
            throw Problem.usage(
                    "--data: expects a workload that reads a data set, but none is named; run bench"
                            + " compare mnist --data "
                            + data);
        }
    }

    private void checkRatio() {
        if (failBelow != null && !(failBelow > 0 && Double.isFinite(failBelow))) {
            throw Problem.usage(
                    "--fail-below: expects a ratio above 0, but got %s; 1.4 asks that tracing be"
                                    .formatted(failBelow)
                            + " 1.4 times as fast as eager");
        }
    }

    private int verdict(List<WorkloadResult> results) {
        boolean below = false;
        for (WorkloadResult result : results) {
            switch (result) {
                case WorkloadResult.Failed _ -> {
                    return ExitCode.FAILED;
                }
                case WorkloadResult.Measured m ->
                        below |= failBelow != null && m.ratio().median() < failBelow;
            }
        }
        return below ? ExitCode.BELOW : ExitCode.OK;
    }
}
