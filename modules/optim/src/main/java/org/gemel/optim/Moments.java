package org.gemel.optim;

import java.util.List;
import org.gemel.Tensor;

/// What [Adam] and its kin have in common: means of the gradient and of its square, and a decay
/// that may act on the parameter itself.
///
/// @param p the parameter after the decay, if it is decoupled
/// @param g its gradient, with the decay if it is not
/// @param m the mean of the gradients
/// @param v the mean of their squares
record Moments(Tensor p, Tensor g, Tensor m, Tensor v) {
    /// The settings that all of them have.
    sealed interface Settings permits Adam.Settings, NAdam.Settings, RAdam.Settings {
        double beta1();

        double beta2();

        double weightDecay();

        boolean decoupled();

        boolean maximize();
    }

    /// The moments from `[p, g, m, v, ..]`, of which the last is [#decay] if it is decoupled.
    static Moments of(Settings s, List<Tensor> in) {
        Tensor p = s.decoupled() ? in.get(0).mul(in.getLast()) : in.get(0);
        double decay = s.decoupled() ? 0 : s.weightDecay();
        Tensor g = Formula.gradient(p, in.get(1), decay, s.maximize());
        Tensor m = Formula.mean(in.get(2), g, s.beta1());
        Tensor v = Formula.mean(in.get(3), g.square(), s.beta2());
        return new Moments(p, g, m, v);
    }

    /// What is left of a parameter after decoupled decay, as the last of the scales; nothing if it
    /// is not decoupled.
    static List<Tensor> decay(Settings s, Tensor rate) {
        return s.decoupled() ? List.of(rate.mul(s.weightDecay()).rsub(1)) : List.of();
    }
}
