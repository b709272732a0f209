package org.gemel.optim;

import java.util.ArrayList;
import java.util.List;
import org.gemel.GemelException;
import org.gemel.Parameter;
import org.gemel.Tensor;

/// Stochastic gradient descent, with momentum if asked for (Sutskever et al., 2013, in PyTorch's
/// form).
///
/// With gradient `g`: `g = g + decay p`, `b = momentum b + (1 - dampening) g` (in the first step `b
/// = g`), then `p = p - rate b`, or, after Nesterov, `p = p - rate (g + momentum b)`. A parameter
/// without a gradient is left alone, and the step does not count for it.
public final class Sgd extends Descent {
    /// What rarely changes.
    ///
    /// @param momentum how slowly the mean of the gradients forgets; 0 for none
    /// @param dampening which part of a new gradient the mean leaves out, after the first step
    /// @param weightDecay how strongly parameters are drawn to zero
    /// @param nesterov whether the step looks ahead along the momentum
    /// @param maximize whether the objective is to grow
    public record Settings(
            double momentum,
            double dampening,
            double weightDecay,
            boolean nesterov,
            boolean maximize) {
        /// No momentum, no decay.
        public static final Settings PLAIN = new Settings(0, 0, false);

        /// Checks the ranges.
        public Settings {
            Rate.fraction("momentum", momentum);
            Rate.checked("weight decay", weightDecay);
            if (nesterov && (momentum == 0 || dampening != 0)) {
                throw new GemelException(
                        "sgd: expects momentum and no dampening for Nesterov's step, but got"
                                + " momentum %s and dampening %s; give 0.9 and 0"
                                        .formatted(momentum, dampening));
            }
        }

        /// Settings without dampening, to minimize.
        public Settings(double momentum, double weightDecay, boolean nesterov) {
            this(momentum, 0, weightDecay, nesterov, false);
        }
    }

    /// Plain descent.
    public Sgd(List<Parameter> parameters, double learningRate) {
        this(parameters, learningRate, Settings.PLAIN);
    }

    /// Descent.
    public Sgd(List<Parameter> parameters, double learningRate, Settings settings) {
        super(parameters, Rate.of(learningRate), formula(settings));
    }

    /// Descent at the rates of a schedule.
    public Sgd(List<Parameter> parameters, Schedule learningRate, Settings settings) {
        super(parameters, Rate.of(learningRate), formula(settings));
    }

    private static Formula formula(Settings s) {
        boolean damped = s.momentum() != 0 && s.dampening() != 0;
        return Formula.of(
                "sgd",
                s,
                s.momentum() == 0 ? List.of() : List.of("momentum"),
                damped,
                in -> scales(s, damped, in),
                in -> updated(s, damped, in));
    }

    // The rate, and how much of a new gradient counts.
    private static List<Tensor> scales(Settings s, boolean damped, List<Tensor> in) {
        List<Tensor> scales = new ArrayList<>();
        scales.add(in.getFirst());
        if (damped) {
            Tensor first = in.get(1).eq(1);
            scales.add(Tensor.where(first, Rate.number(1), Rate.number(1 - s.dampening())));
        }
        return scales;
    }

    private static List<Tensor> updated(Settings s, boolean damped, List<Tensor> in) {
        Tensor p = in.get(0);
        Tensor g = Formula.gradient(p, in.get(1), s.weightDecay(), s.maximize());
        if (s.momentum() == 0) {
            return List.of(p.sub(in.get(2).mul(g)));
        }
        Tensor rate = in.get(3);
        Tensor counted = damped ? in.get(4).mul(g) : g;
        Tensor gathered = in.get(2).mul(s.momentum()).add(counted);
        Tensor direction = s.nesterov() ? g.add(gathered.mul(s.momentum())) : gathered;
        return List.of(p.sub(rate.mul(direction)), gathered);
    }
}
