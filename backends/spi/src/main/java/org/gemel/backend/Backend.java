package org.gemel.backend;

import java.util.List;
import java.util.Optional;
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

    /// Whether it is taken only when it is asked for by name, because it needs what a machine may
    /// not have.
    default boolean onRequest() {
        return false;
    }

    /// The backend of this process: the one that [#use], the property `gemel.backend` or the
    /// variable `GEMEL_BACKEND` names; otherwise the first one on the class path or module path
    /// that is not there [on request][#onRequest] only.
    ///
    /// @throws GemelException if there is no such backend
    static Backend current() {
        return Chosen.BACKEND.orElseThrow(Chosen::missing);
    }

    /// Makes `name` the backend of this process; comes before the first operation.
    ///
    /// @throws GemelException if there is none of this name, or another one is in use
    static Backend use(String name) {
        if (!Providers.names().contains(name)) {
            throw Providers.unknown(name);
        }
        // Read when the choice is settled; if it was settled before, it must be this one.
        System.setProperty(Chosen.PROPERTY, name);
        Backend backend = current();
        if (!backend.name().equals(name)) {
            throw Chosen.late(name, backend);
        }
        return backend;
    }

    /// A backend of this name beside the one in use, to compare both in one process.
    static Optional<Backend> named(String name) {
        return Providers.named(name);
    }

    /// The names of all that are there, in the order in which they are found.
    static List<String> names() {
        return Providers.names();
    }
}
