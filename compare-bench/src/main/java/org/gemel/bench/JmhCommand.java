package org.gemel.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.gemel.bench.report.Problem;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// Benchmarks of single operations and kernels, by JMH, in JVMs with the options of this one.
@Command(
        name = "jmh",
        description = {
            "Run JMH benchmarks of single operations and kernels, for work on the engines.",
            "All arguments are JMH's: bench jmh SmallOps -f 1 -wi 3 -i 5; bench jmh -l lists them.",
            ""
        },
        exitCodeListHeading = ExitCode.HEADING,
        exitCodeList = {
            ExitCode.OK_TEXT,
            "1:a benchmark failed",
            ExitCode.USAGE_TEXT,
            ExitCode.MISSING_TEXT
        })
final class JmhCommand implements Callable<Integer> {
    @Parameters(paramLabel = "argument", description = "A pattern of names, or an option of JMH.")
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() {
        try {
            CommandLineOptions options = new CommandLineOptions(arguments.toArray(String[]::new));
            Runner runner = new Runner(options);
            if (options.shouldList()) {
                runner.list();
            } else {
                runner.run();
            }
            return ExitCode.OK;
        } catch (CommandLineOptionException e) {
            throw Problem.usage(
                    "jmh: expects options of JMH, but %s; see the project page of JMH"
                            .formatted(e.getMessage()));
        } catch (NoBenchmarksException e) {
            throw Problem.usage(
                    "jmh: expects a pattern that names a benchmark, but got %s; bench jmh -l lists"
                                    .formatted(String.join(" ", arguments))
                            + " them");
        } catch (RunnerException e) {
            throw Problem.failed(
                    "jmh: expects benchmarks to run, but got: %s; the output above says where"
                            .formatted(e.getMessage()));
        }
    }
}
