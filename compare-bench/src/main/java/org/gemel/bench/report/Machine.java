package org.gemel.bench.report;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.gemel.backend.Backend;

/// Where a report was made.
///
/// @param cpu the processor's name as the system tells it
/// @param cores processors this JVM may use
/// @param jvm name and version
/// @param flags the JVM's options
/// @param threads threads that kernels may use
/// @param backend the name of what makes the kernels
public record Machine(
        String cpu, int cores, String jvm, List<String> flags, int threads, String backend) {
    /// Copies the list.
    public Machine {
        flags = List.copyOf(flags);
    }

    /// This machine.
    public static Machine here(int threads) {
        return new Machine(
                cpuName(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.vm.name") + " " + Runtime.version(),
                ManagementFactory.getRuntimeMXBean().getInputArguments(),
                threads,
                Backend.current().name());
    }

    private static String cpuName() {
        Path cpuinfo = Path.of("/proc/cpuinfo");
        if (Files.isReadable(cpuinfo)) {
            try (Stream<String> lines = Files.lines(cpuinfo)) {
                return lines.filter(line -> line.startsWith("model name"))
                        .findFirst()
                        .map(line -> line.substring(line.indexOf(':') + 1).strip())
                        .orElse(architecture());
            } catch (IOException e) {
                return architecture(); // a name is a courtesy, not worth failing for
            }
        }
        return architecture();
    }

    private static String architecture() {
        return System.getProperty("os.arch");
    }
}
