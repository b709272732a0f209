package org.gemel.optim;

import java.util.List;
import org.gemel.Parameter;
import org.gemel.Tensor;

/// Adamax (Kingma and Ba, 2015, algorithm 2), in PyTorch's form.
///
/// With gradient `g`, step count `t` from 1: `m = b1 m + (1 - b1) g`, `u = max(b2 u, |g| +
/// epsilon)`, `p = p - rate / (1 - b1^t) m / u`. A parameter without a gradient is left alone, and
/// the step does not count for it.
public final class Adamax extends Descent {
    /// What rarely changes.
    ///
    /// @param beta1 how slowly the mean of the gradients forgets
    /// @param beta2 how slowly the largest gradient is forgotten
    /// @param epsilon what keeps the divisor from zero
    /// @param weightDecay how strongly parameters are drawn to zero
    /// @param maximize whether the objective is to grow
    public record Settings(
            double beta1, double beta2, double epsilon, double weightDecay, boolean maximize) {
        /// 0.9, 0.999, 1e-8, no decay.
        public static final Settings USUAL = new Settings(0.9, 0.999, 1e-8, 0, false);

        /// Checks the ranges.
        public Settings {
            Rate.fraction("beta1", beta1);
            Rate.fraction("beta2", beta2);
            Rate.checked("epsilon", epsilon);
            Rate.checked("weight decay", weightDecay);
        }
    }

    /// Adamax with the usual settings.
    public Adamax(List<Parameter> parameters, double learningRate) {
        this(parameters, learningRate, Settings.USUAL);
    }

    /// Adamax.
    public Adamax(List<Parameter> parameters, double learningRate, Settings settings) {
        super(parameters, Rate.of(learningRate), formula(settings));
    }

    /// Adamax at the rates of a schedule.
    public Adamax(List<Parameter> parameters, Schedule learningRate, Settings settings) {
        super(parameters, Rate.of(learningRate), formula(settings));
    }

    private static Formula formula(Settings s) {
        return Formula.of(
                "adamax",
                s,
                List.of("m", "u"),
                true,
                in -> List.of(in.get(0).div(Formula.power(s.beta1(), in.get(1)).rsub(1))),
                in -> updated(s, in));
    }

    private static List<Tensor> updated(Settings s, List<Tensor> in) {
        Tensor p = in.get(0);
        Tensor g = Formula.gradient(p, in.get(1), s.weightDecay(), s.maximize());
        Tensor m = Formula.mean(in.get(2), g, s.beta1());
        Tensor u = in.get(3).mul(s.beta2()).maximum(g.abs().add(s.epsilon()));
        return List.of(p.sub(in.get(4).mul(m).div(u)), m, u);
    }
}
