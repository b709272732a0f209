package org.gemel.optim;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.gemel.DType;
import org.gemel.Gemel;
import org.gemel.Parameter;
import org.gemel.Scope;
import org.gemel.State;
import org.gemel.Tensor;
import org.gemel.op.Composite;

/// Adam (Kingma and Ba, 2015, algorithm 1), with the `epsilon` outside of the corrected root as
/// PyTorch has it.
///
/// With gradient `g`, step count `t` from 1: `m = b1 m + (1 - b1) g`, `v = b2 v + (1 - b2) g g`, `p
/// = p - rate / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + epsilon)`. A parameter without a
/// gradient is left alone; the step count is common to all.
public final class Adam implements Optimizer {
    /// What rarely changes.
    ///
    /// @param beta1 how slowly the mean of the gradients forgets
    /// @param beta2 how slowly the mean of their squares forgets
    /// @param epsilon what keeps the divisor from zero
    /// @param weightDecay how strongly parameters are drawn to zero
    /// @param decoupled whether the decay acts on the parameter itself (AdamW; Loshchilov and
    ///   Hutter, 2019) instead of being added to its gradient
    public record Settings(
            double beta1, double beta2, double epsilon, double weightDecay, boolean decoupled) {
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

    /// A parameter with the running means of its gradient and of the gradient's square.
    private record Moments(Parameter parameter, State mean, State square) {
        static Moments of(Parameter parameter) {
            Tensor zeros = Tensor.full(parameter.type(), 0);
            return new Moments(
                    parameter,
                    new State(parameter.name() + ".m", zeros),
                    new State(parameter.name() + ".v", zeros));
        }
    }

    private final List<Moments> all;
    private final Rate rate;
    private final State count;
    private final Settings settings;
    private final Composite update;

    /// Adam with the usual settings.
    public Adam(List<Parameter> parameters, double learningRate) {
        this(parameters, learningRate, Settings.USUAL);
    }

    /// Adam.
    public Adam(List<Parameter> parameters, double learningRate, Settings settings) {
        this.all = parameters.stream().map(Moments::of).toList();
        this.rate = new Rate(Rate.checked("learning rate", learningRate));
        this.count = new State("adam.t", Rate.number(0));
        this.settings = settings;
        this.update =
                Composite.opaque(
                        "adam_update", List.of(settings), inputs -> updated(settings, inputs));
    }

    @Override
    public void step() {
        Gemel.noGrad(() -> Scope.discarding(this::advance));
    }

    private void advance() {
        List<Moments> moved = new ArrayList<>();
        List<Tensor> gradients = new ArrayList<>();
        for (Moments moments : all) {
            Optional<Tensor> gradient = moments.parameter().gradient();
            if (gradient.isPresent()) {
                moved.add(moments);
                gradients.add(gradient.get());
            }
        }
        if (moved.isEmpty()) {
            return;
        }
        count.assign(count.value().add(1));
        Map<DType, List<Tensor>> scales = new EnumMap<>(DType.class);
        for (int i = 0; i < moved.size(); i++) {
            Moments moments = moved.get(i);
            Parameter parameter = moments.parameter();
            List<Tensor> inputs = new ArrayList<>();
            inputs.add(parameter.value());
            inputs.add(gradients.get(i));
            inputs.add(moments.mean().value());
            inputs.add(moments.square().value());
            inputs.addAll(scales.computeIfAbsent(parameter.type().dtype(), this::scales));
            List<Tensor> outputs = Tensor.apply(update, inputs);
            parameter.assign(outputs.get(0));
            moments.mean().assign(outputs.get(1));
            moments.square().assign(outputs.get(2));
            parameter.zeroGrad();
        }
    }

    // What all elements have in common, worked out in f64, since 1 - b2^t cancels, and rounded to
    // the dtype of the parameters: the size of the step, the root of the second correction, and,
    // if there is one, the factor of decoupled decay.
    private List<Tensor> scales(DType dtype) {
        Composite scales =
                Composite.opaque(
                        "adam_scales",
                        List.of(settings, dtype),
                        inputs -> {
                            Tensor t = inputs.get(0);
                            Tensor rate = inputs.get(1);
                            Tensor first = Rate.number(settings.beta1()).pow(t).rsub(1);
                            Tensor second = Rate.number(settings.beta2()).pow(t).rsub(1);
                            List<Tensor> found = new ArrayList<>();
                            found.add(rate.div(first).to(dtype));
                            found.add(second.sqrt().to(dtype));
                            if (settings.decoupled()) {
                                found.add(rate.mul(settings.weightDecay()).rsub(1).to(dtype));
                            }
                            return found;
                        });
        return Tensor.apply(scales, List.of(count.value(), rate.value()));
    }

    // p, m and v after a step.
    private static List<Tensor> updated(Settings settings, List<Tensor> inputs) {
        Tensor p = inputs.get(0);
        Tensor g = inputs.get(1);
        Tensor size = inputs.get(4);
        Tensor root = inputs.get(5);
        if (settings.decoupled()) {
            p = p.mul(inputs.get(6));
        } else if (settings.weightDecay() != 0) {
            g = g.add(p.mul(settings.weightDecay()));
        }
        Tensor m = inputs.get(2).mul(settings.beta1()).add(g.mul(1 - settings.beta1()));
        Tensor v = inputs.get(3).mul(settings.beta2()).add(g.square().mul(1 - settings.beta2()));
        Tensor divisor = v.sqrt().div(root).add(settings.epsilon());
        return List.of(p.sub(size.mul(m).div(divisor)), m, v);
    }

    @Override
    public void zeroGrad() {
        all.forEach(moments -> moments.parameter().zeroGrad());
    }

    @Override
    public void learningRate(double next) {
        rate.assign(next);
    }
}
