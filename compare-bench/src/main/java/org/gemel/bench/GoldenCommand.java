package org.gemel.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.gemel.bench.report.ConformanceResult;
import org.gemel.bench.report.Console;
import org.gemel.bench.report.Machine;
import org.gemel.bench.report.Problem;
import org.gemel.bench.report.Report;
import org.gemel.bench.report.TextReport;
import org.gemel.testkit.Conformance;
import org.gemel.testkit.Modes;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Runs golden cases: inputs and results of single operations and whole programs.
@Command(
        name = "golden",
        description = {"Run the golden cases in a folder and compare with their results.", ""},
        exitCodeListHeading = ExitCode.HEADING,
        exitCodeList = {
            ExitCode.OK_TEXT,
            ExitCode.FAILED_TEXT,
            ExitCode.USAGE_TEXT,
            ExitCode.MISSING_TEXT
        })
final class GoldenCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "The folder; holds a case.json per case.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path folder;

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            description = "eager, traced or traced-unoptimized; traced unless told.")
    private String mode = "traced";

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the report as JSON.")
    private @Nullable Path json;

    @Mixin private final BackendOption backend = new BackendOption();

    private final Console console;

    GoldenCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Modes chosen = modeNamed(mode);
        Optional<JsonTarget> target = Optional.ofNullable(json).map(JsonTarget::new);
        if (!Files.isDirectory(folder) || !Files.isReadable(folder)) {
            throw Problem.missing(
                    "conformance: expects a readable folder of golden cases, but %s is not; check"
                                    .formatted(folder)
                            + " the path");
        }
        backend.apply();
        ConformanceResult result = run(chosen);
        new TextReport(console).conformance(result);
        Machine machine = Machine.here(Runtime.getRuntime().availableProcessors());
        target.ifPresent(t -> t.write(new Report(machine, List.of(), Optional.of(result))));
        return result.count(ConformanceResult.Status.FAILED) == 0 ? ExitCode.OK : ExitCode.FAILED;
    }

    private static Modes modeNamed(String word) {
        return Arrays.stream(Modes.values())
                .filter(mode -> word(mode).equals(word))
                .findFirst()
                .orElseThrow(() ->
                        Problem.usage(
                                "--mode: expects eager, traced or traced-unoptimized, but got "
                                        + word
                                        + "; choose one of these"));
    }

    private static String word(Modes mode) {
        return mode.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private ConformanceResult run(Modes chosen) {
        List<ConformanceResult.Case> cases =
                Conformance.run(folder, chosen).cases().stream()
                        .map(outcome ->
                                new ConformanceResult.Case(
                                        outcome.id(), status(outcome.status()), outcome.reason()))
                        .toList();
        if (cases.isEmpty()) {
            throw Problem.missing(
                    "conformance: expects a folder of golden cases, but %s holds no case.json; check"
                                    .formatted(folder)
                            + " the path");
        }
        return new ConformanceResult(word(chosen), cases);
    }

    private static ConformanceResult.Status status(Conformance.Status status) {
        return switch (status) {
            case PASSED -> ConformanceResult.Status.PASSED;
            case FAILED -> ConformanceResult.Status.FAILED;
            case UNSUPPORTED -> ConformanceResult.Status.UNSUPPORTED;
        };
    }
}
