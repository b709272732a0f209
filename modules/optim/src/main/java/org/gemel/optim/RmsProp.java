package org.gemel.optim;

import java.util.ArrayList;
import java.util.List;
import org.gemel.Parameter;
import org.gemel.Tensor;

/// RMSprop (Hinton, lecture 6e, 2012; centred after Graves, 2013), in PyTorch's form.
///
/// With gradient `g`: `v = a v + (1 - a) g g`; centred, `m = a m + (1 - a) g` and `v - m m` stands
/// for `v`; `d = g / (sqrt(v) + epsilon)`; `b = momentum b + d`; `p = p - rate b`. A parameter
/// without a gradient is left alone.
public final class RmsProp extends Descent {
    /// What rarely changes.
    ///
    /// @param alpha how slowly the mean of the squares forgets
    /// @param epsilon what keeps the divisor from zero
    /// @param weightDecay how strongly parameters are drawn to zero
    /// @param momentum how slowly the mean of the steps forgets; 0 for none
    /// @param centered whether the divisor is the spread about the mean
    /// @param maximize whether the objective is to grow
    public record Settings(
            double alpha,
            double epsilon,
            double weightDecay,
            double momentum,
            boolean centered,
            boolean maximize) {
        /// 0.99, 1e-8, nothing else.
        public static final Settings USUAL = new Settings(0.99, 1e-8, 0, 0, false, false);

        /// Checks the ranges.
        public Settings {
            Rate.fraction("alpha", alpha);
            Rate.checked("epsilon", epsilon);
            Rate.checked("weight decay", weightDecay);
            Rate.fraction("momentum", momentum);
        }
    }

    /// RMSprop with the usual settings.
    public RmsProp(List<Parameter> parameters, double learningRate) {
        this(parameters, learningRate, Settings.USUAL);
    }

    /// RMSprop.
    public RmsProp(List<Parameter> parameters, double learningRate, Settings settings) {
        super(parameters, Rate.of(learningRate), formula(settings));
    }

    /// RMSprop at the rates of a schedule.
    public RmsProp(List<Parameter> parameters, Schedule learningRate, Settings settings) {
        super(parameters, Rate.of(learningRate), formula(settings));
    }

    private static Formula formula(Settings s) {
        List<String> memories = new ArrayList<>(List.of("v"));
        if (s.centered()) {
            memories.add("m");
        }
        if (s.momentum() != 0) {
            memories.add("momentum");
        }
        return Formula.of(
                "rmsprop", s, memories, false, in -> List.of(in.getFirst()), in -> updated(s, in));
    }

    private static List<Tensor> updated(Settings s, List<Tensor> in) {
        Tensor p = in.get(0);
        Tensor g = Formula.gradient(p, in.get(1), s.weightDecay(), s.maximize());
        List<Tensor> out = new ArrayList<>();
        int next = 2;
        Tensor v = Formula.mean(in.get(next++), g.square(), s.alpha());
        out.add(v);
        Tensor spread = v;
        if (s.centered()) {
            Tensor m = Formula.mean(in.get(next++), g, s.alpha());
            out.add(m);
            spread = v.sub(m.square());
        }
        Tensor direction = g.div(spread.sqrt().add(s.epsilon()));
        if (s.momentum() != 0) {
            direction = in.get(next++).mul(s.momentum()).add(direction);
            out.add(direction);
        }
        out.addFirst(p.sub(in.get(next).mul(direction)));
        return out;
    }
}
