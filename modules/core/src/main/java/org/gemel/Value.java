package org.gemel;

import java.lang.foreign.MemorySegment;

/// What stands behind a tensor handle: memory in eager mode, a node of the graph while tracing.
///
/// A value is counted. Every handle is one hold; memory is given back when the last hold is
/// released, or, where nobody can know that a handle is dead, when the collector finds out.
public interface Value {
    /// Copies the elements, row-major, to `target`; throws if there are none yet (while tracing).
    void copyTo(MemorySegment target);

    /// A short text for [Tensor#toString] when the elements cannot be read, or an empty one.
    String placeholder();

    /// Adds a hold.
    void retain();

    /// Gives one hold back. Nothing may read through it any more.
    void release();
}
