package org.gemel.bench.measure;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gemel.backend.Backend;
import org.gemel.bench.report.Problem;

/// Runs a class in a JVM of its own, started like this one: what a first call costs shows only
/// where no other call has loaded classes and warmed up the JIT compiler.
public final class FreshJvm {
    private FreshJvm() {}

    /// The last line that `main` prints.
    ///
    /// @throws Problem if it ends with an error; holds the last line that it printed there
    public static String lastLine(Class<?> main, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(FreshJvm::mayRunTwice)
                .forEach(command::add);
        command.add("-Dgemel.backend=" + Backend.current().name());
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(main.getName());
        command.addAll(arguments);
        try {
            Path errors = Files.createTempFile("gemel-first-call", ".txt");
            try {
                return run(command, errors);
            } finally {
                Files.delete(errors);
            }
        } catch (IOException e) {
            throw Problem.failed(
                    "first call: expects to start another JVM, but failed: %s; is there memory left?"
                            .formatted(e.getMessage()));
        }
    }

    private static String run(List<String> command, Path errors) throws IOException {
        Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        try {
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int exitCode = process.waitFor();
            if (exitCode != 0) {
                String told = last(Files.readString(errors));
                throw Problem.failed(
                        "first call: expects exit code 0 of another JVM, but got %d: %s; run it with -v"
                                .formatted(exitCode, told));
            }
            return last(output);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problem.failed("first call: expects to run to its end, but was interrupted");
        }
    }

    // A debugger's or another listener's port is taken by this JVM already.
    private static boolean mayRunTwice(String option) {
        return !option.startsWith("-agentlib:jdwp") && !option.contains("jmxremote.port");
    }

    private static String last(String text) {
        List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
        return lines.isEmpty() ? "" : lines.getLast().strip();
    }
}
