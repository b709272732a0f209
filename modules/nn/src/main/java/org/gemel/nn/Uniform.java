package org.gemel.nn;

import org.gemel.DType;
import org.gemel.Parameter;
import org.gemel.TensorType;

/// Parameters that start as random numbers around zero.
final class Uniform {
    private Uniform() {}

    /// An f32 parameter that starts uniform in `-bound .. bound`.
    static Parameter parameter(String name, double bound, int... dims) {
        return Parameter.uninitialized(
                name,
                TensorType.of(DType.F32, dims),
                (type, key) -> key.uniform(type.shape().dims()).mul(2 * bound).sub(bound));
    }
}
