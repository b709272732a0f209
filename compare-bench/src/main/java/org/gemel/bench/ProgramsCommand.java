package org.gemel.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.gemel.Gemel;
import org.gemel.bench.report.Console;
import org.gemel.bench.report.Problem;
import org.gemel.testkit.programs.Programs;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Runs random programs in every mode and on the reference.
@Command(
        name = "programs",
        description = {
            "Run random programs in every mode, compare the bits, and compare each of their steps with"
                    + " the reference of its operations. A program that fails is made small and"
                    + " printed with its seed.",
            "With --digests or --same-as, programs are not checked but their bits are written to a"
                    + " file, and compared with those that a run with other threads or vectors"
                    + " wrote.",
            ""
        },
        exitCodeListHeading = ExitCode.HEADING,
        exitCodeList = {
            ExitCode.OK_TEXT,
            ExitCode.FAILED_TEXT,
            ExitCode.USAGE_TEXT,
            ExitCode.MISSING_TEXT
        })
final class ProgramsCommand implements Callable<Integer> {
    private static final int BATCH = 100;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            description = "How many programs; 1000 unless told.")
    private long seeds = 1000;

    @Option(names = "--from", paramLabel = "S", description = "The first seed; 0 unless told.")
    private long from = 0;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads for kernels; all cores unless told.")
    private @Nullable Integer threads;

    @Option(
            names = "--digests",
            paramLabel = "FILE",
            description = "Write a hash of every value that a program computes.")
    private @Nullable Path digests;

    @Option(
            names = "--same-as",
            paramLabel = "FILE",
            description = "Compare with the hashes in a file that --digests wrote.")
    private @Nullable Path sameAs;

    @Mixin private final BackendOption backend = new BackendOption();

    private final Console console;

    ProgramsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (seeds < 1) {
            throw Problem.usage(
                    "--seeds: expects at least 1, but got %d; 1000 take some minutes"
                            .formatted(seeds));
        }
        backend.apply();
        if (threads != null) {
            CompareCommand.checkAtLeastOne("--threads", threads, "leave it out to use all cores");
            Gemel.threads(threads);
        }
        if (sameAs != null) {
            return new Digests(console).compare(sameAs);
        }
        if (digests != null) {
            return new Digests(console).write(digests, from, seeds);
        }
        return check();
    }

    private int check() {
        long began = System.nanoTime();
        long steps = 0;
        long failed = 0;
        for (long done = 0; done < seeds; done += BATCH) {
            Programs.Result result =
                    Programs.run(
                            from + done,
                            Math.min(BATCH, seeds - done),
                            mismatch -> {
                                console.out().println(mismatch);
                                console.out().flush();
                            });
            steps += result.steps();
            failed += result.mismatches().size();
            if (console.interactive()) {
                console.progress().print("\r%,d of %,d ".formatted(done + BATCH, seeds));
                console.progress().flush();
            }
        }
        Duration time = Duration.ofNanos(System.nanoTime() - began);
        console.out()
                .println(
                        String.format(
                                Locale.ROOT,
                                "%,d programs of %,d steps, seeds %d to %d, in %d s: %s",
                                seeds,
                                steps,
                                from,
                                from + seeds - 1,
                                time.toSeconds(),
                                failed == 0 ? "no mismatch" : failed + " differ"));
        console.out().flush();
        return failed == 0 ? ExitCode.OK : ExitCode.FAILED;
    }
}
