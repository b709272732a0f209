package org.gemel.op;

import java.util.List;
import org.gemel.Tensor;

/// Operations that compute each element of the output from the elements at the same place of the
/// inputs, which broadcast against each other.
public sealed interface Pointwise extends Primitive
        permits Unary, Binary, Compare, Logical, Select, Cast {
    /// [#ulps()] of what IEEE 754 rounds correctly, or Java defines exactly.
    int EXACT = 0;

    /// [#ulps()] of elementary functions, unless their row says otherwise.
    int NEAR = 4;

    /// How many inputs there are.
    int arity();

    /// How far a kernel's result may be from the reference, in representable numbers of the
    /// output's type.
    default int ulps() {
        return EXACT;
    }

    @Override
    default Tensor batched(List<Tensor> inputs, List<Boolean> batched, int size) {
        return Tensor.apply(this, Primitive.aligned(inputs, batched)).getFirst();
    }

    @Override
    default boolean differentiable() {
        return true;
    }
}
