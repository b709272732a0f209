package org.gemel.optim;

import java.util.ArrayList;
import java.util.List;
import org.gemel.Parameter;
import org.gemel.Tensor;

/// RAdam: Adam that trusts its second moment only once there is enough of it (Liu et al., 2020), in
/// PyTorch's form.
///
/// With gradient `g`, step count `t` from 1, `m` and `v` as in Adam: let `R = 2/(1-b2) - 1` and `r
/// = R - 2t b2^t/(1-b2^t)`. If `r > 5`, the factor `f` is `sqrt((r-4)(r-2)R/((R-4)(R-2)r))
/// sqrt(1-b2^t)/(sqrt(v)+epsilon)`, otherwise 1; then `p = p - rate m/(1-b1^t) f`. A parameter
/// without a gradient is left alone, and the step does not count for it.
public final class RAdam extends Descent {
    /// What rarely changes.
    ///
    /// @param beta1 how slowly the mean of the gradients forgets
    /// @param beta2 how slowly the mean of their squares forgets
    /// @param epsilon what keeps the divisor from zero
    /// @param weightDecay how strongly parameters are drawn to zero
    /// @param decoupled whether the decay acts on the parameter itself
    /// @param maximize whether the objective is to grow
    public record Settings(
            double beta1,
            double beta2,
            double epsilon,
            double weightDecay,
            boolean decoupled,
            boolean maximize)
            implements Moments.Settings {
        /// 0.9, 0.999, 1e-8, no decay.
        public static final Settings USUAL = new Settings(0.9, 0.999, 1e-8, 0, false, false);

        /// Checks the ranges.
        public Settings {
            Rate.fraction("beta1", beta1);
            Rate.fraction("beta2", beta2);
            Rate.checked("epsilon", epsilon);
            Rate.checked("weight decay", weightDecay);
        }
    }

    /// RAdam with the usual settings.
    public RAdam(List<Parameter> parameters, double learningRate) {
        this(parameters, learningRate, Settings.USUAL);
    }

    /// RAdam.
    public RAdam(List<Parameter> parameters, double learningRate, Settings settings) {
        super(parameters, Rate.of(learningRate), formula(settings));
    }

    /// RAdam at the rates of a schedule.
    public RAdam(List<Parameter> parameters, Schedule learningRate, Settings settings) {
        super(parameters, Rate.of(learningRate), formula(settings));
    }

    private static Formula formula(Settings s) {
        return Formula.of(
                "radam", s, List.of("m", "v"), true, in -> scales(s, in), in -> updated(s, in));
    }

    // The size of the step; how much the divided and the plain mean count, one of them nothing;
    // and, if there is one, the factor of decoupled decay.
    private static List<Tensor> scales(Settings s, List<Tensor> in) {
        Tensor rate = in.get(0);
        Tensor t = in.get(1);
        double longest = 2 / (1 - s.beta2()) - 1;
        Tensor power = Formula.power(s.beta2(), t);
        Tensor rest = power.rsub(1);
        Tensor length = t.mul(2).mul(power).div(rest).rsub(longest);
        Tensor enough = length.gt(5);
        Tensor safe = Tensor.where(enough, length, Rate.number(6));
        double whole = longest / ((longest - 4) * (longest - 2));
        Tensor trust = safe.sub(4).mul(safe.sub(2)).mul(whole).div(safe).mul(rest).sqrt();
        Tensor none = Rate.number(0);
        List<Tensor> scales = new ArrayList<>();
        scales.add(rate.div(Formula.power(s.beta1(), t).rsub(1)));
        scales.add(Tensor.where(enough, trust, none));
        scales.add(Tensor.where(enough, none, Rate.number(1)));
        scales.addAll(Moments.decay(s, rate));
        return scales;
    }

    private static List<Tensor> updated(Settings s, List<Tensor> in) {
        Moments now = Moments.of(s, in);
        Tensor factor = in.get(5).div(now.v().sqrt().add(s.epsilon())).add(in.get(6));
        return List.of(now.p().sub(in.get(4).mul(now.m()).mul(factor)), now.m(), now.v());
    }
}
