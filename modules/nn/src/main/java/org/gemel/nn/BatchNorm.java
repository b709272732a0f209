package org.gemel.nn;

import java.util.Optional;
import org.gemel.DType;
import org.gemel.Gemel;
import org.gemel.Parameter;
import org.gemel.Scope;
import org.gemel.State;
import org.gemel.Tensor;
import org.gemel.TensorType;

/// Batch normalisation of `[n, channels, ..]` over any spatial dimensions (Ioffe and Szegedy,
/// 2015).
///
/// In training it normalises by the batch and moves the running statistics towards it; otherwise it
/// normalises by the running statistics. It starts in training.
public final class BatchNorm implements Module {
    /// f32 `[channels]`, ones at first.
    public final Parameter weight;

    /// f32 `[channels]`, zeros at first.
    public final Parameter bias;

    /// The running mean of each channel.
    public final State mean;

    /// The running variance of each channel.
    public final State variance;

    private final double momentum;
    private final double eps;
    private boolean training = true;

    /// A layer with momentum 0.1 and eps 1e-5.
    public BatchNorm(int channels) {
        this(channels, 0.1, 1e-5);
    }

    /// A layer of so many channels.
    ///
    /// @param momentum the weight of the last batch in the running statistics
    /// @param eps what is added to a variance
    public BatchNorm(int channels, double momentum, double eps) {
        TensorType type = TensorType.of(DType.F32, channels);
        this.momentum = momentum;
        this.eps = eps;
        this.weight = Parameter.uninitialized("weight", type, (t, _) -> Tensor.full(t, 1));
        this.bias = Parameter.uninitialized("bias", type, (t, _) -> Tensor.full(t, 0));
        this.mean = new State("mean", Gemel.zeros(channels));
        this.variance = new State("variance", Gemel.ones(channels));
    }

    @Override
    public void training(boolean choice) {
        training = choice;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Scope.keeping(() -> {
            Optional<Tensor> scale = Optional.of(weight.value());
            Optional<Tensor> shift = Optional.of(bias.value());
            if (!training) {
                return x.batchNorm(mean.value(), variance.value(), scale, shift, eps);
            }
            Tensor.BatchNorm batch = x.batchNorm(scale, shift, eps);
            Gemel.noGrad(() -> {
                mean.assign(batch.runningMean(mean.value(), momentum));
                variance.assign(batch.runningVariance(variance.value(), momentum));
            });
            return batch.output();
        });
    }
}
