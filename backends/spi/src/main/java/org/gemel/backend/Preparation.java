package org.gemel.backend;

/// Work on one input of a kernel that may be done once for many runs, as packing the weights of a
/// matrix product is. Thread-safe.
public interface Preparation {
    /// The bytes that the prepared input takes.
    long bytes();

    /// Prepares the input at `input` for [#kernel].
    ///
    /// @param target [#bytes] bytes, 64-byte aligned
    void prepare(long input, long target);

    /// A kernel that computes the same bits and takes one address more, behind those of the
    /// outputs: where the prepared input is, or 0 if it is to use the input itself.
    Kernel kernel();
}
