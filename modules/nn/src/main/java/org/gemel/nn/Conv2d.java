package org.gemel.nn;

import java.util.Optional;
import org.gemel.Convolution;
import org.gemel.Parameter;
import org.gemel.Scope;
import org.gemel.Tensor;

/// A convolution of `[n, inputs, height, width]`, with a bias unless made without.
///
/// Dtype: f32. The initial weight and bias are uniform in `-1/sqrt(n) .. 1/sqrt(n)` for `n`
/// products of a result, as PyTorch has them.
public final class Conv2d implements Module {
    /// f32 `[outputs, inputs / groups, kernel..]`.
    public final Parameter weight;

    /// f32 `[outputs]`, if there is one.
    public final Optional<Parameter> bias;

    private final Convolution how;

    /// A layer of stride 1 without padding, without values; [Modules#init] gives them.
    public Conv2d(int inputs, int outputs, int... kernel) {
        this(inputs, outputs, Convolution.of(), kernel);
    }

    /// A layer without values; [Modules#init] gives them.
    ///
    /// @param kernel one size for all dimensions, or one for each
    public Conv2d(int inputs, int outputs, Convolution how, int... kernel) {
        this(true, inputs, outputs, how, kernel);
    }

    private Conv2d(boolean biased, int inputs, int outputs, Convolution how, int... kernel) {
        this.how = how;
        this.weight = Kernels.weight(2, inputs, outputs, kernel, how);
        this.bias = Kernels.bias(biased, 2, inputs, outputs, kernel, how);
    }

    /// The same without a bias, as before a normalisation.
    public static Conv2d withoutBias(int inputs, int outputs, Convolution how, int... kernel) {
        return new Conv2d(false, inputs, outputs, how, kernel);
    }

    @Override
    public Tensor forward(Tensor x) {
        return Scope.keeping(() ->
                bias.isPresent()
                        ? x.conv2d(weight.value(), bias.get().value(), how)
                        : x.conv2d(weight.value(), how));
    }

    @Override
    public String toString() {
        return "conv2d " + weight.type().shape();
    }
}
