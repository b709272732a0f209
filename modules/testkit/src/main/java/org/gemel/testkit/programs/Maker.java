package org.gemel.testkit.programs;

import java.util.Optional;

/// Writes one kind of step.
@FunctionalInterface
interface Maker {
    /// A step on lines of `draft`, or nothing if none of them fits.
    Optional<Program.Step> make(Draft draft);
}
