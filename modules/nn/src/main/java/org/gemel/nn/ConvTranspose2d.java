package org.gemel.nn;

import java.util.Optional;
import org.gemel.Convolution;
import org.gemel.Parameter;
import org.gemel.Scope;
import org.gemel.Tensor;

/// A transposed convolution of `[n, inputs, height, width]`, with a bias unless made without.
///
/// Dtype: f32. The initial weight and bias are uniform in `-1/sqrt(n) .. 1/sqrt(n)` for `n`
/// products of a result, as PyTorch has them.
public final class ConvTranspose2d implements Module {
    /// f32 `[inputs, outputs / groups, kernel..]`.
    public final Parameter weight;

    /// f32 `[outputs]`, if there is one.
    public final Optional<Parameter> bias;

    private final Convolution how;

    /// A layer of stride 1 without padding, without values; [Modules#init] gives them.
    public ConvTranspose2d(int inputs, int outputs, int... kernel) {
        this(inputs, outputs, Convolution.of(), kernel);
    }

    /// A layer without values; [Modules#init] gives them.
    ///
    /// @param kernel one size for all dimensions, or one for each
    public ConvTranspose2d(int inputs, int outputs, Convolution how, int... kernel) {
        this(true, inputs, outputs, how, kernel);
    }

    private ConvTranspose2d(
            boolean biased, int inputs, int outputs, Convolution how, int... kernel) {
        this.how = how;
        this.weight = Kernels.transposed(2, inputs, outputs, kernel, how);
        this.bias = Kernels.bias(biased, 2, outputs, outputs, kernel, how);
    }

    /// The same without a bias, as before a normalisation.
    public static ConvTranspose2d withoutBias(
            int inputs, int outputs, Convolution how, int... kernel) {
        return new ConvTranspose2d(false, inputs, outputs, how, kernel);
    }

    @Override
    public Tensor forward(Tensor x) {
        return Scope.keeping(() ->
                bias.isPresent()
                        ? x.convTranspose2d(weight.value(), bias.get().value(), how)
                        : x.convTranspose2d(weight.value(), how));
    }

    @Override
    public String toString() {
        return "convTranspose2d " + weight.type().shape();
    }
}
