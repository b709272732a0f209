package org.gemel.nn;

import java.util.Optional;
import org.gemel.DType;
import org.gemel.Parameter;
import org.gemel.Scope;
import org.gemel.Tensor;
import org.gemel.TensorType;

/// Normalises each group of channels of each sample of `[n, channels, ..]` (Wu and He, 2018).
public final class GroupNorm implements Module {
    /// f32, ones at first.
    public final Parameter weight;

    /// f32, zeros at first.
    public final Parameter bias;

    private final int groups;
    private final double eps;

    /// A layer that adds `eps` to variances.
    public GroupNorm(int groups, int channels, double eps) {
        TensorType type = TensorType.of(DType.F32, channels);
        this.groups = groups;
        this.eps = eps;
        this.weight = Parameter.uninitialized("weight", type, (t, _) -> Tensor.full(t, 1));
        this.bias = Parameter.uninitialized("bias", type, (t, _) -> Tensor.full(t, 0));
    }

    @Override
    public Tensor forward(Tensor x) {
        return Scope.keeping(() ->
                x.groupNorm(groups, Optional.of(weight.value()), Optional.of(bias.value()), eps));
    }
}
