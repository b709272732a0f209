package org.gemel.op;

/// Operations that compute each element of the output from the elements at the same place of the
/// inputs, which broadcast against each other.
public sealed interface Pointwise extends Primitive
        permits Unary, Binary, Compare, Logical, Select, Cast {
    /// How many inputs there are.
    int arity();

    @Override
    default boolean differentiable() {
        return true;
    }
}
