package org.gemel.bench.measure;

/// One of two ways to do the same work, as the stopwatch sees it.
@FunctionalInterface
public interface Contender {
    /// Does the work `steps` times; when this returns, the results are there.
    void run(int steps);

    /// Goes back to where the work began.
    default void restart() {}
}
