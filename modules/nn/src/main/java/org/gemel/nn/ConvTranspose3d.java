package org.gemel.nn;

import org.gemel.Convolution;
import org.gemel.Parameter;
import org.gemel.Scope;
import org.gemel.Tensor;

/// A transposed convolution of `[n, inputs, depth, height, width]` with a bias.
///
/// Dtype: f32. The initial weight and bias are uniform in `-1/sqrt(n) .. 1/sqrt(n)` for `n`
/// products of a result, as PyTorch has them. Without a bias: [Tensor#convTranspose3d(Tensor,
/// Convolution)].
public final class ConvTranspose3d implements Module {
    /// f32 `[inputs, outputs / groups, kernel..]`.
    public final Parameter weight;

    /// f32 `[outputs]`.
    public final Parameter bias;

    private final Convolution how;

    /// A layer of stride 1 without padding, without values; [Modules#init] gives them.
    public ConvTranspose3d(int inputs, int outputs, int... kernel) {
        this(inputs, outputs, Convolution.of(), kernel);
    }

    /// A layer without values; [Modules#init] gives them.
    ///
    /// @param kernel one size for all dimensions, or one for each
    public ConvTranspose3d(int inputs, int outputs, Convolution how, int... kernel) {
        this.how = how;
        this.weight = Kernels.transposed(3, inputs, outputs, kernel, how);
        this.bias = Kernels.bias(3, outputs, outputs, kernel, how);
    }

    @Override
    public Tensor forward(Tensor x) {
        return Scope.keeping(() -> x.convTranspose3d(weight.value(), bias.value(), how));
    }

    @Override
    public String toString() {
        return "convTranspose3d " + weight.type().shape();
    }
}
