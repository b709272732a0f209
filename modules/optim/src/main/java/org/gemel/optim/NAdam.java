package org.gemel.optim;

import java.util.ArrayList;
import java.util.List;
import org.gemel.DType;
import org.gemel.Parameter;
import org.gemel.Tensor;
import org.gemel.optim.Formula.Memory;

/// NAdam: Adam with Nesterov's momentum (Dozat, 2016), in PyTorch's form.
///
/// With gradient `g`, step count `t` from 1: `mu(t) = b1 (1 - 0.96^(t momentumDecay) / 2)`, `M` the
/// product of all `mu` so far (in f32, as PyTorch keeps it), `m` and `v` as in Adam, `p = p - rate
/// ((1 - mu(t)) / (1 - M) g + mu(t + 1) / (1 - M mu(t + 1)) m) / (sqrt(v) / sqrt(1 - b2^t) +
/// epsilon)`. A parameter without a gradient is left alone, and the step does not count for it.
public final class NAdam extends Descent {
    /// What rarely changes.
    ///
    /// @param beta1 how slowly the mean of the gradients forgets, in the end
    /// @param beta2 how slowly the mean of their squares forgets
    /// @param epsilon what keeps the divisor from zero
    /// @param weightDecay how strongly parameters are drawn to zero
    /// @param momentumDecay how fast the momentum grows to `beta1`
    /// @param decoupled whether the decay acts on the parameter itself
    /// @param maximize whether the objective is to grow
    public record Settings(
            double beta1,
            double beta2,
            double epsilon,
            double weightDecay,
            double momentumDecay,
            boolean decoupled,
            boolean maximize)
            implements Moments.Settings {
        /// 0.9, 0.999, 1e-8, no decay, 0.004.
        public static final Settings USUAL = new Settings(0.9, 0.999, 1e-8, 0, 0.004, false, false);

        /// Checks the ranges.
        public Settings {
            Rate.fraction("beta1", beta1);
            Rate.fraction("beta2", beta2);
            Rate.checked("epsilon", epsilon);
            Rate.checked("weight decay", weightDecay);
            Rate.checked("momentum decay", momentumDecay);
        }
    }

    /// NAdam with the usual settings.
    public NAdam(List<Parameter> parameters, double learningRate) {
        this(parameters, learningRate, Settings.USUAL);
    }

    /// NAdam.
    public NAdam(List<Parameter> parameters, double learningRate, Settings settings) {
        super(parameters, Rate.of(learningRate), formula(settings));
    }

    /// NAdam at the rates of a schedule.
    public NAdam(List<Parameter> parameters, Schedule learningRate, Settings settings) {
        super(parameters, Rate.of(learningRate), formula(settings));
    }

    private static Formula formula(Settings s) {
        return new Formula(
                "nadam",
                s,
                List.of(new Memory("m", 0), new Memory("v", 0)),
                true,
                List.of(1.0),
                in -> List.of(product(s, in.get(0), in.get(1))),
                in -> scales(s, in),
                in -> updated(s, in));
    }

    // In f32 like PyTorch's, whose trajectories differ visibly from those of an f64 product.
    private static Tensor product(Settings s, Tensor t, Tensor before) {
        Tensor factor = momentum(s, t).to(DType.F32);
        return before.to(DType.F32).mul(factor).to(DType.F64);
    }

    private static Tensor momentum(Settings s, Tensor t) {
        Tensor fading = Formula.power(0.96, t.mul(s.momentumDecay()));
        return fading.mul(0.5).rsub(1).mul(s.beta1());
    }

    // How much the gradient and the mean count, one over the root of the second correction, and, if
    // there is one, the factor of decoupled decay.
    private static List<Tensor> scales(Settings s, List<Tensor> in) {
        Tensor rate = in.get(0);
        Tensor t = in.get(1);
        Tensor product = in.get(2);
        Tensor next = momentum(s, t.add(1));
        List<Tensor> scales = new ArrayList<>();
        scales.add(rate.mul(momentum(s, t).rsub(1)).div(product.rsub(1)));
        scales.add(rate.mul(next).div(product.mul(next).rsub(1)));
        scales.add(Formula.power(s.beta2(), t).rsub(1).rsqrt());
        scales.addAll(Moments.decay(s, rate));
        return scales;
    }

    private static List<Tensor> updated(Settings s, List<Tensor> in) {
        Moments now = Moments.of(s, in);
        Tensor divisor = now.v().sqrt().mul(in.get(6)).add(s.epsilon());
        Tensor ahead = in.get(4).mul(now.g()).add(in.get(5).mul(now.m()));
        return List.of(now.p().sub(ahead.div(divisor)), now.m(), now.v());
    }
}
