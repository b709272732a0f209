package org.gemel.nn;

import java.util.Optional;
import org.gemel.GemelException;
import org.gemel.Parameter;
import org.gemel.Scope;
import org.gemel.Tensor;

/// A fully connected layer: `x W^T + b`, or `x W^T` if made without a bias.
///
/// Shapes: `x` is `[.., inputs]`, the result `[.., outputs]`. Dtype: f32. The initial weight and
/// bias are uniform in `-1/sqrt(inputs) .. 1/sqrt(inputs)`, as PyTorch has them.
public final class Linear implements Module {
    /// f32 `[outputs, inputs]`.
    public final Parameter weight;

    /// f32 `[outputs]`, if there is one.
    public final Optional<Parameter> bias;

    /// A layer without values; [Modules#init] gives them.
    public Linear(int inputs, int outputs) {
        this(true, inputs, outputs);
    }

    private Linear(boolean biased, int inputs, int outputs) {
        if (inputs < 1 || outputs < 1) {
            throw new GemelException(
                    "linear: expects at least one input and one output, but got %d and %d; check"
                                    .formatted(inputs, outputs)
                            + " the sizes of the layers");
        }
        double bound = 1 / Math.sqrt(inputs);
        weight = Uniform.parameter("weight", bound, outputs, inputs);
        bias = biased ? Optional.of(Uniform.parameter("bias", bound, outputs)) : Optional.empty();
    }

    /// The same without a bias.
    public static Linear withoutBias(int inputs, int outputs) {
        return new Linear(false, inputs, outputs);
    }

    @Override
    public Tensor forward(Tensor x) {
        return Scope.keeping(() -> apply(x, weight.value(), bias.map(Parameter::value)));
    }

    /// The layer as a function of its weight `[outputs, inputs]` and its bias, if it has one.
    static Tensor apply(Tensor x, Tensor weight, Optional<Tensor> bias) {
        return bias.map(b -> x.linear(weight, b)).orElseGet(() -> x.linear(weight));
    }

    @Override
    public String toString() {
        return "linear " + weight.type().shape().dim(1) + " -> " + weight.type().shape().dim(0);
    }
}
