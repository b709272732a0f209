package org.gemel.backend.vector;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// The generated classes of a backend, one for each [Body].
final class Loops {
    private final ConcurrentHashMap<Body, Loop> known = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();

    /// The loop for `body`, generated at its first use.
    Loop of(Body body) {
        return known.computeIfAbsent(
                body, made -> LoopCode.generate(made, "GeneratedLoop" + count.incrementAndGet()));
    }
}
