package org.gemel.op;

import java.util.List;
import org.gemel.Tensor;

/// Operations that compute each element of the output from the elements at the same place of the
/// inputs, which broadcast against each other.
public sealed interface Pointwise extends Primitive
        permits Unary, Binary, Compare, Logical, Select, Cast {
    /// How many inputs there are.
    int arity();

    @Override
    default Tensor batched(List<Tensor> inputs, List<Boolean> batched, int size) {
        return Tensor.apply(this, Primitive.aligned(inputs, batched)).getFirst();
    }

    @Override
    default boolean differentiable() {
        return true;
    }
}
