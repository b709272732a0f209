package org.gemel.backend;

import java.util.Optional;
import org.gemel.GemelException;

/// The backend a process uses; settled on first use, because kernels of two must not mix.
final class Chosen {
    static final String PROPERTY = "gemel.backend";
    private static final String VARIABLE = "GEMEL_BACKEND";
    private static final Optional<String> ASKED =
            Optional.ofNullable(System.getProperty(PROPERTY))
                    .or(() -> Optional.ofNullable(System.getenv(VARIABLE)))
                    .filter(name -> !name.isBlank());

    static final Optional<Backend> BACKEND =
            ASKED.map(Providers::named).orElseGet(() -> Providers.find(b -> !b.onRequest()));

    private Chosen() {}

    static GemelException missing() {
        return ASKED.map(Providers::unknown)
                .orElseGet(() ->
                        new GemelException(
                                "backend: expects one on the class path, but found none; add"
                                        + " org.gemel:gemel-backend-vector"));
    }

    static GemelException late(String name, Backend inUse) {
        return new GemelException(
                "backend: expects to be chosen before the first operation, but %s is in use when %s is"
                                .formatted(inUse.name(), name)
                        + " asked for; ask earlier, or set %s=%s".formatted(VARIABLE, name));
    }
}
