package org.gemel.optim;

import java.util.List;
import org.gemel.DType;
import org.gemel.Parameter;
import org.gemel.Tensor;

/// Averaged stochastic gradient descent (Polyak and Juditsky, 1992; schedules by Bottou, 2010), in
/// PyTorch's form.
///
/// With gradient `g` and step count `t` from 1: `e = rate / (1 + decay rate (t - 1))^power`, then
/// `p = (1 - decay e) p - e g`. The average `a = a + (p - a) / max(1, t - 1 - start)` is [#average]
/// and does not act on `p`. As in PyTorch, `e` and the share of the average are rounded to f32. A
/// parameter without a gradient is left alone, and the step does not count for it.
public final class Asgd extends Descent {
    /// What rarely changes.
    ///
    /// @param decay how strongly parameters are drawn to zero, and the rate falls
    /// @param power how fast the rate falls
    /// @param start the step at which averaging starts; before, the average is the parameter
    /// @param weightDecay what draws parameters to zero by way of the gradient
    /// @param maximize whether the objective is to grow
    public record Settings(
            double decay, double power, double start, double weightDecay, boolean maximize) {
        /// 1e-4, 0.75, averages from step 1e6, nothing else.
        public static final Settings USUAL = new Settings(1e-4, 0.75, 1e6, 0, false);

        /// Checks the ranges.
        public Settings {
            Rate.checked("decay", decay);
            Rate.checked("power", power);
            Rate.checked("start", start);
            Rate.checked("weight decay", weightDecay);
        }
    }

    /// Averaged descent with the usual settings.
    public Asgd(List<Parameter> parameters, double learningRate) {
        this(parameters, learningRate, Settings.USUAL);
    }

    /// Averaged descent.
    public Asgd(List<Parameter> parameters, double learningRate, Settings settings) {
        super(parameters, Rate.of(learningRate), formula(settings));
    }

    /// Averaged descent at the rates of a schedule.
    public Asgd(List<Parameter> parameters, Schedule learningRate, Settings settings) {
        super(parameters, Rate.of(learningRate), formula(settings));
    }

    /// The average of a parameter; zeros before the first step.
    public Tensor average(Parameter parameter) {
        return memory(parameter, 0);
    }

    private static Formula formula(Settings s) {
        return Formula.of(
                "asgd", s, List.of("average"), true, in -> scales(s, in), in -> updated(s, in));
    }

    // What is left of the parameter, the rate, and the share of the average.
    private static List<Tensor> scales(Settings s, List<Tensor> in) {
        Tensor rate = in.get(0);
        Tensor made = in.get(1).sub(1);
        Tensor fall = rate.mul(s.decay()).mul(made).add(1).pow(s.power());
        Tensor now = rounded(rate.div(fall));
        Tensor averaged = made.sub(s.start());
        Tensor share = rounded(averaged.maximum(averaged.onesLike()).reciprocal());
        return List.of(now.mul(s.decay()).rsub(1), now, share);
    }

    private static Tensor rounded(Tensor x) {
        return x.to(DType.F32).to(x.dtype());
    }

    private static List<Tensor> updated(Settings s, List<Tensor> in) {
        Tensor p = in.get(0);
        Tensor g = Formula.gradient(p, in.get(1), s.weightDecay(), s.maximize());
        Tensor average = in.get(2);
        Tensor share = in.get(5);
        Tensor next = p.mul(in.get(3)).sub(in.get(4).mul(g));
        Tensor moved = average.add(next.sub(average).mul(share));
        return List.of(next, Tensor.where(share.eq(1), next, moved));
    }
}
