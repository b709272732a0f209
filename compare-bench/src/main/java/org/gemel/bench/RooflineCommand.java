package org.gemel.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.gemel.Gemel;
import org.gemel.bench.report.Console;
import org.gemel.bench.report.Machine;
import org.gemel.bench.report.Problem;
import org.gemel.bench.report.TextReport;
import org.gemel.bench.roofline.Ceilings;
import org.gemel.bench.roofline.Family;
import org.gemel.bench.roofline.Picture;
import org.gemel.bench.roofline.Roofline;
import org.gemel.bench.roofline.Standing;
import org.gemel.bench.roofline.Stopwatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Measures the machine, then how much of it the kernels use.
@Command(
        name = "roofline",
        description = {
            "Measure the machine's peak and bandwidth, then where each kernel stands.",
            "Kernels run eagerly, with one thread and with all.",
            ""
        },
        exitCodeListHeading = ExitCode.HEADING,
        exitCodeList = {ExitCode.OK_TEXT, ExitCode.FAILED_TEXT, ExitCode.USAGE_TEXT})
final class RooflineCommand implements Callable<Integer> {
    @Option(names = "--quick", description = "A first look: fewer samples, a shorter warm-up.")
    private boolean quick;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the figures as JSON.")
    private @Nullable Path json;

    @Option(names = "--svg", paramLabel = "FILE", description = "Also draw them.")
    private @Nullable Path svg;

    @Mixin private final BackendOption backend = new BackendOption();

    private final Console console;

    RooflineCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Optional<JsonTarget> figures = Optional.ofNullable(json).map(JsonTarget::new);
        Optional<JsonTarget> drawing =
                Optional.ofNullable(svg).map(file -> new JsonTarget("--svg", file));
        backend.apply();
        int all = Runtime.getRuntime().availableProcessors();
        List<Integer> threads = IntStream.of(1, all).distinct().boxed().toList();
        Machine machine = Machine.here(all);
        new TextReport(console).machine(machine);
        Roofline roofline = measured(machine, threads);
        console.out().println();
        console.out().print(roofline.text());
        console.out().flush();
        try {
            if (figures.isPresent()) {
                roofline.writeJson(figures.get().file());
            }
            if (drawing.isPresent()) {
                Files.writeString(drawing.get().file(), Picture.svg(roofline));
            }
        } catch (IOException e) {
            throw Problem.failed(
                    "roofline: expects to write its files, but failed: %s; the results are above"
                            .formatted(e.getMessage()));
        }
        return ExitCode.OK;
    }

    private Roofline measured(Machine machine, List<Integer> threads) {
        Stopwatch watch = quick ? Stopwatch.QUICK : Stopwatch.THOROUGH;
        List<Ceilings> ceilings = threads.stream().map(Ceilings::measured).toList();
        List<Standing> standings = new ArrayList<>();
        for (Family kernel : Family.all()) {
            for (int i = 0; i < threads.size(); i++) {
                Gemel.threads(threads.get(i));
                standings.add(
                        new Standing(
                                kernel,
                                threads.get(i),
                                watch.seconds(kernel.call()),
                                ceilings.get(i)
                                        .bound(
                                                kernel.operations(),
                                                kernel.bytes(),
                                                kernel.held())));
            }
        }
        return new Roofline(machine, ceilings, standings);
    }
}
