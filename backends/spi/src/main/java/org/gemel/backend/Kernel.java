package org.gemel.backend;

import java.util.Optional;

/// A compiled region, bound to its shapes and layouts. Thread-safe.
@FunctionalInterface
public interface Kernel {
    /// Runs it.
    ///
    /// @param addresses where the first element of each input (its layout's offset included) and
    ///   then of each output lies, in the order of the region's graph; not changed
    void run(long[] addresses);

    /// What this kernel does to an input each time before it can use it, if it is worth doing once
    /// for an input that stays the same over many runs.
    default Optional<Preparation> preparation(int input) {
        return Optional.empty();
    }
}
