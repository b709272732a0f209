package org.gemel.optim;

import java.util.ArrayList;
import java.util.List;
import org.gemel.Parameter;
import org.gemel.Tensor;

/// Adam (Kingma and Ba, 2015, algorithm 1), with the `epsilon` outside of the corrected root as
/// PyTorch has it.
///
/// With gradient `g`, step count `t` from 1: `m = b1 m + (1 - b1) g`, `v = b2 v + (1 - b2) g g`, `p
/// = p - rate / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + epsilon)`. AMSGrad (Reddi et al., 2018)
/// takes the largest `v` so far in the divisor. A parameter without a gradient is left alone, and
/// the step does not count for it.
public final class Adam extends Descent {
    /// What rarely changes.
    ///
    /// @param beta1 how slowly the mean of the gradients forgets
    /// @param beta2 how slowly the mean of their squares forgets
    /// @param epsilon what keeps the divisor from zero
    /// @param weightDecay how strongly parameters are drawn to zero
    /// @param decoupled whether the decay acts on the parameter itself (AdamW; Loshchilov and
    ///   Hutter, 2019) instead of being added to its gradient
    /// @param amsgrad whether the divisor never shrinks
    /// @param maximize whether the objective is to grow
    public record Settings(
            double beta1,
            double beta2,
            double epsilon,
            double weightDecay,
            boolean decoupled,
            boolean amsgrad,
            boolean maximize)
            implements Moments.Settings {
        /// 0.9, 0.999, 1e-8, no decay.
        public static final Settings USUAL = new Settings(0.9, 0.999, 1e-8, 0, false);

        /// 0.9, 0.999, 1e-8, decoupled decay of 0.01: AdamW.
        public static final Settings DECOUPLED = new Settings(0.9, 0.999, 1e-8, 0.01, true);

        /// Checks the ranges.
        public Settings {
            Rate.fraction("beta1", beta1);
            Rate.fraction("beta2", beta2);
            Rate.checked("epsilon", epsilon);
            Rate.checked("weight decay", weightDecay);
        }

        /// Settings without AMSGrad, to minimize.
        public Settings(
                double beta1, double beta2, double epsilon, double weightDecay, boolean decoupled) {
            this(beta1, beta2, epsilon, weightDecay, decoupled, false, false);
        }
    }

    /// Adam with the usual settings.
    public Adam(List<Parameter> parameters, double learningRate) {
        this(parameters, learningRate, Settings.USUAL);
    }

    /// Adam.
    public Adam(List<Parameter> parameters, double learningRate, Settings settings) {
        super(parameters, Rate.of(learningRate), formula(settings));
    }

    /// Adam at the rates of a schedule.
    public Adam(List<Parameter> parameters, Schedule learningRate, Settings settings) {
        super(parameters, Rate.of(learningRate), formula(settings));
    }

    private static Formula formula(Settings s) {
        List<String> memories = s.amsgrad() ? List.of("m", "v", "largest_v") : List.of("m", "v");
        return Formula.of(
                "adam", s, memories, true, in -> scales(s, in), in -> updated(s, memories, in));
    }

    // In f64, since 1 - b2^t cancels: the size of the step, one over the root of the second
    // correction (elements are divided once, not twice), and, if there is one, the factor of
    // decoupled decay.
    private static List<Tensor> scales(Settings s, List<Tensor> in) {
        Tensor rate = in.get(0);
        Tensor t = in.get(1);
        List<Tensor> scales = new ArrayList<>();
        scales.add(rate.div(Formula.power(s.beta1(), t).rsub(1)));
        scales.add(Formula.power(s.beta2(), t).rsub(1).rsqrt());
        scales.addAll(Moments.decay(s, rate));
        return scales;
    }

    // p, m, v and the largest v if it is kept.
    private static List<Tensor> updated(Settings s, List<String> memories, List<Tensor> in) {
        int scales = 2 + memories.size();
        Moments now = Moments.of(s, in);
        Tensor largest = s.amsgrad() ? in.get(4).maximum(now.v()) : now.v();
        Tensor divisor = largest.sqrt().mul(in.get(scales + 1)).add(s.epsilon());
        Tensor next = now.p().sub(in.get(scales).mul(now.m()).div(divisor));
        return s.amsgrad()
                ? List.of(next, now.m(), now.v(), largest)
                : List.of(next, now.m(), now.v());
    }
}
