package org.gemel.backend.ffm;

/// A matrix product of a native library: `c = a b`, all row-major.
@FunctionalInterface
interface Gemm {
    /// Multiplies on the calling thread; `a` is `[m, k]`, `b` is `[k, n]`, `c` is `[m, n]`.
    ///
    /// @param leads from one row of `a`, `b` and `c` to the next, in elements
    void multiply(int m, int n, int k, long a, long b, long c, Leads leads);

    /// How far rows are apart, in elements.
    ///
    /// @param a of the left matrix, at least `k`
    /// @param b of the right matrix, at least `n`
    /// @param c of the result, at least `n`
    record Leads(int a, int b, int c) {}
}
