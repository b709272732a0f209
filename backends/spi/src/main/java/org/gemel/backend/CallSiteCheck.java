package org.gemel.backend;

/// Asked by the eager engine now and then whether the code that calls it may run eagerly.
@FunctionalInterface
public interface CallSiteCheck {
    /// Throws if a method on this thread's stack should not run eagerly.
    void check();
}
