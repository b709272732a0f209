package org.gemel.compiler;

/// What a rewrite promises about the bits of the result.
public enum Exactness {
    /// The same bits for every input, infinities, NaN and signed zeros included.
    EXACT,
    /// The same mathematics; bits may differ within a bound that the rewrite states. Never on by
    /// default.
    RELAXED
}
