package org.gemel.optim;

import java.util.List;
import org.gemel.Parameter;
import org.gemel.Tensor;

/// Adadelta (Zeiler, 2012), in PyTorch's form.
///
/// With gradient `g`: `v = rho v + (1 - rho) g g`, `d = sqrt(u + epsilon) / sqrt(v + epsilon) g`,
/// `u = rho u + (1 - rho) d d`, `p = p - rate d`. A parameter without a gradient is left alone.
public final class Adadelta extends Descent {
    /// What rarely changes.
    ///
    /// @param rho how slowly the means of squares forget
    /// @param epsilon what keeps the roots from zero
    /// @param weightDecay how strongly parameters are drawn to zero
    /// @param maximize whether the objective is to grow
    public record Settings(double rho, double epsilon, double weightDecay, boolean maximize) {
        /// 0.9, 1e-6, nothing else.
        public static final Settings USUAL = new Settings(0.9, 1e-6, 0, false);

        /// Checks the ranges.
        public Settings {
            Rate.fraction("rho", rho);
            Rate.checked("epsilon", epsilon);
            Rate.checked("weight decay", weightDecay);
        }
    }

    /// Adadelta with the usual settings; 1 is the usual rate.
    public Adadelta(List<Parameter> parameters, double learningRate) {
        this(parameters, learningRate, Settings.USUAL);
    }

    /// Adadelta.
    public Adadelta(List<Parameter> parameters, double learningRate, Settings settings) {
        super(parameters, Rate.of(learningRate), formula(settings));
    }

    /// Adadelta at the rates of a schedule.
    public Adadelta(List<Parameter> parameters, Schedule learningRate, Settings settings) {
        super(parameters, Rate.of(learningRate), formula(settings));
    }

    private static Formula formula(Settings s) {
        return Formula.of(
                "adadelta",
                s,
                List.of("v", "u"),
                false,
                in -> List.of(in.getFirst()),
                in -> updated(s, in));
    }

    private static List<Tensor> updated(Settings s, List<Tensor> in) {
        Tensor p = in.get(0);
        Tensor g = Formula.gradient(p, in.get(1), s.weightDecay(), s.maximize());
        Tensor u = in.get(3);
        Tensor v = Formula.mean(in.get(2), g.square(), s.rho());
        Tensor size = u.add(s.epsilon()).sqrt().div(v.add(s.epsilon()).sqrt());
        Tensor d = size.mul(g);
        return List.of(p.sub(in.get(4).mul(d)), v, Formula.mean(u, d.square(), s.rho()));
    }
}
