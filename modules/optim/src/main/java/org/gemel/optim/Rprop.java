package org.gemel.optim;

import java.util.List;
import org.gemel.Parameter;
import org.gemel.Tensor;
import org.gemel.optim.Formula.Memory;

/// Rprop (Riedmiller and Braun, 1993), without going back after an overshoot, as PyTorch has it.
///
/// Each element has a step size `d`, at first the learning rate, which does not count afterwards.
/// With gradient `g` and that of the step before, `h`: where `g h` is positive, `d` grows by
/// `increase` up to `largest`; where it is negative, `d` shrinks by `decrease` down to `smallest`,
/// and `g` counts as 0, in the next step too. `p = p - sign(g) d`. A parameter without a gradient
/// is left alone.
public final class Rprop extends Descent {
    /// What rarely changes.
    ///
    /// @param decrease the factor after a change of sign, below 1
    /// @param increase the factor after none, at least 1
    /// @param smallest the least step
    /// @param largest the largest step
    /// @param maximize whether the objective is to grow
    public record Settings(
            double decrease, double increase, double smallest, double largest, boolean maximize) {
        /// 0.5, 1.2, from 1e-6 to 50.
        public static final Settings USUAL = new Settings(0.5, 1.2, 1e-6, 50, false);

        /// Checks the ranges.
        public Settings {
            Rate.fraction("decrease", decrease);
            Rate.checked("increase", increase);
            Rate.checked("smallest", smallest);
            Rate.checked("largest", largest);
        }
    }

    /// Rprop with the usual settings.
    public Rprop(List<Parameter> parameters, double learningRate) {
        this(parameters, learningRate, Settings.USUAL);
    }

    /// Rprop.
    public Rprop(List<Parameter> parameters, double learningRate, Settings settings) {
        super(parameters, Rate.of(learningRate), formula(settings, learningRate));
    }

    private static Formula formula(Settings s, double learningRate) {
        return new Formula(
                "rprop",
                s,
                List.of(new Memory("d", learningRate), new Memory("g", 0)),
                false,
                List.of(),
                in -> in,
                in -> List.of(in.getFirst()),
                in -> updated(s, in));
    }

    private static List<Tensor> updated(Settings s, List<Tensor> in) {
        Tensor p = in.get(0);
        Tensor g = Formula.gradient(p, in.get(1), 0, s.maximize());
        Tensor d = in.get(2);
        Tensor agreement = g.mul(in.get(3));
        Tensor turned = agreement.lt(0);
        Tensor grown = Tensor.where(agreement.gt(0), d.mul(s.increase()), d);
        Tensor next =
                Tensor.where(turned, d.mul(s.decrease()), grown).clamp(s.smallest(), s.largest());
        Tensor counted = Tensor.where(turned, g.zerosLike(), g);
        return List.of(p.sub(counted.sign().mul(next)), next, counted);
    }
}
