package org.gemel.tracer;

import java.util.function.Supplier;

/// How traced functions run on this thread; [#TRACED] unless something else is asked for.
public enum Mode {
    /// As ordinary Java, operation by operation.
    EAGER,
    /// As compiled graphs.
    TRACED,
    /// As graphs that no pass has changed.
    TRACED_UNOPTIMIZED;

    private static final ScopedValue<Mode> CURRENT = ScopedValue.newInstance();

    /// The mode of this thread now.
    public static Mode current() {
        return CURRENT.orElse(TRACED);
    }

    /// Runs `body` in this mode.
    ///
    /// @throws org.gemel.GemelException if a class that `body` was written in or an object that it
    ///   uses has [Traced] methods that nobody wove, unless this is [#EAGER]
    public void run(Runnable body) {
        check(body);
        ScopedValue.where(CURRENT, this).run(body);
    }

    /// Runs `body` in this mode.
    ///
    /// @throws org.gemel.GemelException as [#run]
    public <T> T call(Supplier<T> body) {
        check(body);
        return ScopedValue.where(CURRENT, this).call(body::get);
    }

    private void check(Object body) {
        if (this != EAGER) {
            UnwovenCheck.requireWovenIn(body);
        }
    }
}
