package org.gemel.nn;

import java.util.Optional;
import org.gemel.DType;
import org.gemel.Parameter;
import org.gemel.Scope;
import org.gemel.Tensor;
import org.gemel.TensorType;

/// Divides by the root mean square over the last dimensions (Zhang and Sennrich, 2019).
public final class RmsNorm implements Module {
    /// f32, ones at first.
    public final Parameter weight;

    private final int count;
    private final double eps;

    /// A layer for the given last dimensions that adds `eps` to mean squares.
    public RmsNorm(double eps, int... shape) {
        TensorType type = TensorType.of(DType.F32, shape);
        this.count = shape.length;
        this.eps = eps;
        this.weight = Parameter.uninitialized("weight", type, (t, _) -> Tensor.full(t, 1));
    }

    @Override
    public Tensor forward(Tensor x) {
        return Scope.keeping(() -> x.rmsNorm(count, Optional.of(weight.value()), eps));
    }
}
