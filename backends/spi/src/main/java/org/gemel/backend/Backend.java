package org.gemel.backend;

import java.util.Optional;
import java.util.ServiceLoader;
import org.gemel.GemelException;
import org.gemel.ir.Region;

/// Makes kernels. A backend adds only speed: what an operation means is the operation's own.
public interface Backend {
    /// The name in reports and options, as in `vector`.
    String name();

    /// Compiles `region`; kernels that differ only in sizes share their code.
    Kernel compile(Region region);

    /// The threads kernels run on.
    Workers workers();

    /// Sets the number of threads, at least 1.
    void threads(int count);

    /// The backend of this process: the first one on the class path or module path.
    static Backend current() {
        return Loaded.BACKEND.orElseThrow(() ->
                new GemelException(
                        "backend: expects one on the class path, but found none; add"
                                + " org.gemel:gemel-backend-vector"));
    }

    /// Loaded on first use.
    final class Loaded {
        private static final Optional<Backend> BACKEND =
                ServiceLoader.load(Backend.class, Backend.class.getClassLoader()).findFirst();

        private Loaded() {}
    }
}
