package org.gemel.optim;

import java.util.List;
import org.gemel.Parameter;
import org.gemel.Tensor;
import org.gemel.optim.Formula.Memory;

/// Adagrad (Duchi, Hazan and Singer, 2011), in PyTorch's form.
///
/// With gradient `g`, step count `t` from 1: `s = s + g g`, `p = p - rate / (1 + (t - 1) rateDecay)
/// g / (sqrt(s) + epsilon)`. A parameter without a gradient is left alone, and the step does not
/// count for it.
public final class Adagrad extends Descent {
    /// What rarely changes.
    ///
    /// @param rateDecay how fast the rate falls with the step count
    /// @param weightDecay how strongly parameters are drawn to zero
    /// @param initialSum what the sum of squares starts from
    /// @param epsilon what keeps the divisor from zero
    /// @param maximize whether the objective is to grow
    public record Settings(
            double rateDecay,
            double weightDecay,
            double initialSum,
            double epsilon,
            boolean maximize) {
        /// 1e-10, nothing else.
        public static final Settings USUAL = new Settings(0, 0, 0, 1e-10, false);

        /// Checks the ranges.
        public Settings {
            Rate.checked("decay of the rate", rateDecay);
            Rate.checked("weight decay", weightDecay);
            Rate.checked("initial sum", initialSum);
            Rate.checked("epsilon", epsilon);
        }
    }

    /// Adagrad with the usual settings.
    public Adagrad(List<Parameter> parameters, double learningRate) {
        this(parameters, learningRate, Settings.USUAL);
    }

    /// Adagrad.
    public Adagrad(List<Parameter> parameters, double learningRate, Settings settings) {
        super(parameters, Rate.of(learningRate), formula(settings));
    }

    /// Adagrad at the rates of a schedule.
    public Adagrad(List<Parameter> parameters, Schedule learningRate, Settings settings) {
        super(parameters, Rate.of(learningRate), formula(settings));
    }

    private static Formula formula(Settings s) {
        return new Formula(
                "adagrad",
                s,
                List.of(new Memory("sum", s.initialSum())),
                s.rateDecay() != 0,
                List.of(),
                in -> in,
                in -> List.of(rate(s, in)),
                in -> updated(s, in));
    }

    private static Tensor rate(Settings s, List<Tensor> in) {
        Tensor rate = in.getFirst();
        return s.rateDecay() == 0 ? rate : rate.div(in.get(1).sub(1).mul(s.rateDecay()).add(1));
    }

    private static List<Tensor> updated(Settings s, List<Tensor> in) {
        Tensor p = in.get(0);
        Tensor g = Formula.gradient(p, in.get(1), s.weightDecay(), s.maximize());
        Tensor sum = in.get(2).add(g.square());
        return List.of(p.sub(in.get(3).mul(g).div(sum.sqrt().add(s.epsilon()))), sum);
    }
}
