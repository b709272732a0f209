package org.gemel.bench;

import java.util.List;
import org.gemel.backend.Backend;
import org.gemel.bench.report.Problem;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The choice of what makes the kernels, for the commands that run some.
final class BackendOption {
    @Option(
            names = "--backend",
            paramLabel = "NAME",
            description = "What makes the kernels: vector or native; GEMEL_BACKEND, or vector.")
    private @Nullable String name;

    /// Makes the choice; comes before the first operation.
    void apply() {
        if (name == null) {
            return;
        }
        List<String> names = Backend.names();
        if (!names.contains(name)) {
            throw Problem.usage(
                    "--backend: expects one of %s, but got %s; leave it out to take vector"
                            .formatted(String.join(", ", names), name));
        }
        // Settles what it needs, too: a library that is missing shows at once.
        Backend.use(name).workers();
    }
}
