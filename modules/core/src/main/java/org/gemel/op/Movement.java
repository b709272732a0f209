package org.gemel.op;

/// Operations that only rearrange elements: engines answer them with a view where they can.
public sealed interface Movement extends Primitive permits Reshape, Permute, Expand, Slice {
    @Override
    default boolean differentiable() {
        return true;
    }
}
