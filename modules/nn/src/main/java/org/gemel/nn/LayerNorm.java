package org.gemel.nn;

import java.util.Optional;
import org.gemel.DType;
import org.gemel.Parameter;
import org.gemel.Scope;
import org.gemel.Tensor;
import org.gemel.TensorType;

/// Normalises over the last dimensions (Ba, Kiros and Hinton, 2016).
public final class LayerNorm implements Module {
    /// f32, ones at first.
    public final Parameter weight;

    /// f32, zeros at first.
    public final Parameter bias;

    private final int count;
    private final double eps;

    /// A layer for the given last dimensions that adds `eps` to variances.
    public LayerNorm(double eps, int... shape) {
        TensorType type = TensorType.of(DType.F32, shape);
        this.count = shape.length;
        this.eps = eps;
        this.weight = Parameter.uninitialized("weight", type, (t, _) -> Tensor.full(t, 1));
        this.bias = Parameter.uninitialized("bias", type, (t, _) -> Tensor.full(t, 0));
    }

    @Override
    public Tensor forward(Tensor x) {
        return Scope.keeping(() ->
                x.layerNorm(count, Optional.of(weight.value()), Optional.of(bias.value()), eps));
    }
}
