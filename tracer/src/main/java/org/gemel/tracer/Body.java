package org.gemel.tracer;

import org.jspecify.annotations.Nullable;

/// The user's code: what a traced function runs eagerly, or to be captured.
@FunctionalInterface
interface Body {
    /// Runs it with one object for each parameter, the receiver first.
    @Nullable Object call(@Nullable Object[] arguments);
}
