package org.gemel.backend.vector;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.gemel.backend.vector.Planner.Plan;

/// The generated classes of a backend, one for each [Body], or two: see [LargeWork].
final class Loops {
    private final ConcurrentHashMap<Body, Loop> small = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Body, Loop> large = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();

    /// The loop for `plan`, generated at its first use, and again at the first for many elements.
    ///
    /// @param elements how many elements there are in all
    Loop of(Plan plan, long elements) {
        return of(plan.body(), LargeWork.loop(elements, plan.weight()));
    }

    /// The loop for `body`, where few elements are computed.
    Loop of(Body body) {
        return of(body, false);
    }

    private Loop of(Body body, boolean many) {
        Loop best = large.get(body);
        if (best != null) {
            return best;
        }
        return (many ? large : small)
                .computeIfAbsent(body, made -> LoopCode.generate(made, name(many)));
    }

    private String name(boolean many) {
        return LargeWork.name(many, "GeneratedLoop" + count.incrementAndGet());
    }
}
