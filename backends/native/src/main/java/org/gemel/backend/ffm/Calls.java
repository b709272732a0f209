package org.gemel.backend.ffm;

/// Calls of native functions: they throw nothing, though their handles are declared to.
final class Calls {
    private Calls() {}

    /// A call of a handle.
    @FunctionalInterface
    interface Call {
        void run() throws Throwable;
    }

    static void run(Call call) {
        try {
            call.run();
        } catch (RuntimeException | Error passed) {
            throw passed;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
