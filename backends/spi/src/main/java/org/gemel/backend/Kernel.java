package org.gemel.backend;

/// A compiled region, bound to its shapes and layouts. Thread-safe.
@FunctionalInterface
public interface Kernel {
    /// Runs it.
    ///
    /// @param addresses where the first element of each input (its layout's offset included) and
    ///   then of each output lies, in the order of the region's graph; not changed
    void run(long[] addresses);
}
