package org.gemel.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Predicate;
import org.gemel.GemelException;

/// The backends on the class path or module path.
final class Providers {
    private Providers() {}

    static Optional<Backend> find(Predicate<Backend> wanted) {
        for (Backend backend : ServiceLoader.load(Backend.class, Backend.class.getClassLoader())) {
            if (wanted.test(backend)) {
                return Optional.of(backend);
            }
            // One that is only looked at keeps no threads.
            backend.threads(1);
        }
        return Optional.empty();
    }

    static Optional<Backend> named(String name) {
        return find(backend -> backend.name().equals(name));
    }

    static List<String> names() {
        List<String> names = new ArrayList<>();
        find(backend -> !names.add(backend.name()));
        return names;
    }

    static GemelException unknown(String name) {
        return new GemelException(
                "backend: expects one of %s, but got \"%s\"; check the name, or add its artifact to the"
                                .formatted(names(), name)
                        + " class path");
    }
}
