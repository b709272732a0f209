package org.gemel.backend.vector;

/// Generated code: what a region does to one run of elements that lie next to each other.
///
/// Sizes and addresses are arguments, so regions that differ in nothing else share one class, and
/// the JIT compiles it once.
abstract class Loop {
    /// Computes one run.
    ///
    /// @param addresses where each operand of the [Body] begins
    /// @param n how many elements the run has
    abstract void run(long[] addresses, long n);
}
