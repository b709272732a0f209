package org.gemel.bench;

import java.util.Objects;
import org.gemel.GemelException;
import org.gemel.bench.report.Console;
import org.gemel.bench.report.Problem;
import org.gemel.bench.workloads.Spelling;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/// The command line: `bench compare`, `list`, `verify`, `conformance`, `roofline`, `gemm`, `jmh`.
@Command(
        name = "bench",
        description = {
            "Compares Gemel's two execution modes, eager and traced, on the same programs.",
            ""
        },
        subcommands = {
            CompareCommand.class,
            ListCommand.class,
            VerifyCommand.class,
            ConformanceCommand.class,
            RooflineCommand.class,
            GemmCommand.class,
            JmhCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = ExitCode.HEADING,
        exitCodeList = {
            ExitCode.OK_TEXT,
            ExitCode.FAILED_TEXT,
            ExitCode.USAGE_TEXT,
            ExitCode.MISSING_TEXT,
            ExitCode.BELOW_TEXT
        })
public final class Main implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help and exit.")
    @SuppressWarnings("UnusedVariable") // read by picocli
    private boolean help;

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "With an error, show where in the code it arose.")
    private boolean verbose;

    private final Console console;

    Main(Console console) {
        this.console = console;
    }

    /// Runs the command and ends the process with its exit code.
    public static void main(String[] args) {
        System.exit(commandLine(Console.system()).execute(args));
    }

    /// The whole command line, writing to `console`.
    static CommandLine commandLine(Console console) {
        Main main = new Main(console);
        CommandLine line = new CommandLine(main, new Commands(console));
        line.setOut(console.out());
        line.setErr(console.progress());
        line.setUsageHelpWidth(100);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        // What JMH's options are, JMH knows.
        Objects.requireNonNull(line.getSubcommands().get("jmh"))
                .setUnmatchedOptionsArePositionalParams(true);
        line.setParameterExceptionHandler((error, args) -> main.report(error));
        line.setExecutionExceptionHandler((error, command, parsed) -> main.report(error));
        return line;
    }

    /// Without a sub-command: what there is.
    @Override
    public void run() {
        spec.commandLine().usage(console.out());
    }

    private int report(Exception error) {
        explain(error);
        return switch (error) {
            case UnmatchedArgumentException unknown -> end(ExitCode.USAGE, unknown(unknown));
            case ParameterException wrong -> {
                String command = wrong.getCommandLine().getCommandSpec().qualifiedName();
                yield end(
                        ExitCode.USAGE,
                        "%s: %s; see %s --help".formatted(command, sentence(wrong), command));
            }
            case Problem problem -> end(ExitCode.of(problem), sentence(problem));
            case GemelException known -> end(ExitCode.FAILED, sentence(known));
            default ->
                    end(
                            ExitCode.FAILED,
                            "bench: expects no such error, but got %s; this is a bug: please report"
                                            .formatted(error)
                                    + " it with what -v shows");
        };
    }

    private static String unknown(UnmatchedArgumentException error) {
        String command = error.getCommandLine().getCommandSpec().qualifiedName();
        // Picocli suggests whatever is least unlike, however far it is from what was typed.
        String nearest =
                Spelling.nearest(error.getUnmatched().getFirst(), error.getSuggestions())
                        .orElse("");
        return "%s: expects commands and options that there are, but got %s; %s"
                .formatted(
                        command,
                        String.join(" ", error.getUnmatched()),
                        nearest.isEmpty()
                                ? "see " + command + " --help"
                                : "did you mean " + nearest + "?");
    }

    /// Shows where in the code `error` arose, to those who asked for it.
    void explain(Throwable error) {
        if (verbose) {
            error.printStackTrace(console.progress());
            console.progress().flush();
        }
    }

    /// What `error` has to say, on one line.
    static String sentence(Throwable error) {
        String text = error.getMessage() == null ? error.toString() : error.getMessage();
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    private int end(int code, String message) {
        console.progress().println(message);
        console.progress().flush();
        return code;
    }
}
