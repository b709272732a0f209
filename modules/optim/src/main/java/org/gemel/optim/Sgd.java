package org.gemel.optim;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.gemel.DType;
import org.gemel.Gemel;
import org.gemel.GemelException;
import org.gemel.Parameter;
import org.gemel.Scope;
import org.gemel.State;
import org.gemel.Tensor;
import org.gemel.op.Composite;

/// Stochastic gradient descent, with momentum if asked for (Sutskever et al., 2013, in PyTorch's
/// form).
///
/// With gradient `g`: `g = g + decay p`, `b = momentum b + g`, then `p = p - rate b`, or, after
/// Nesterov, `p = p - rate (g + momentum b)`. A parameter without a gradient is left alone.
public final class Sgd implements Optimizer {
    /// What rarely changes.
    ///
    /// @param momentum how slowly the mean of the gradients forgets; 0 for none
    /// @param weightDecay how strongly parameters are drawn to zero
    /// @param nesterov whether the step looks ahead along the momentum
    public record Settings(double momentum, double weightDecay, boolean nesterov) {
        /// No momentum, no decay.
        public static final Settings PLAIN = new Settings(0, 0, false);

        /// Checks the ranges.
        public Settings {
            Rate.fraction("momentum", momentum);
            Rate.checked("weight decay", weightDecay);
            if (nesterov && momentum == 0) {
                throw new GemelException(
                        "sgd: expects momentum for Nesterov's step, but got 0; give 0.9");
            }
        }
    }

    /// A parameter and what its momentum has gathered, if it has any.
    private record Moving(Parameter parameter, Optional<State> momentum) {}

    private final List<Moving> all;
    private final Rate rate;
    private final Composite update;

    /// Plain descent.
    public Sgd(List<Parameter> parameters, double learningRate) {
        this(parameters, learningRate, Settings.PLAIN);
    }

    /// Descent.
    public Sgd(List<Parameter> parameters, double learningRate, Settings settings) {
        this.all = parameters.stream().map(p -> moving(p, settings)).toList();
        this.rate = new Rate(Rate.checked("learning rate", learningRate));
        this.update =
                Composite.opaque(
                        "sgd_update", List.of(settings), inputs -> updated(settings, inputs));
    }

    private static Moving moving(Parameter parameter, Settings settings) {
        return new Moving(
                parameter,
                settings.momentum() == 0
                        ? Optional.empty()
                        : Optional.of(
                                new State(
                                        parameter.name() + ".momentum",
                                        Tensor.full(parameter.type(), 0))));
    }

    @Override
    public void step() {
        Gemel.noGrad(() -> Scope.discarding(this::advance));
    }

    private void advance() {
        Map<DType, Tensor> rates = new EnumMap<>(DType.class);
        for (Moving moving : all) {
            Parameter parameter = moving.parameter();
            Optional<Tensor> gradient = parameter.gradient();
            if (gradient.isEmpty()) {
                continue;
            }
            List<Tensor> inputs = new ArrayList<>();
            inputs.add(parameter.value());
            inputs.add(gradient.get());
            inputs.add(
                    rates.computeIfAbsent(
                            parameter.type().dtype(), dtype -> rate.value().to(dtype)));
            moving.momentum().ifPresent(state -> inputs.add(state.value()));
            List<Tensor> outputs = Tensor.apply(update, inputs);
            parameter.assign(outputs.getFirst());
            moving.momentum().ifPresent(state -> state.assign(outputs.getLast()));
            parameter.zeroGrad();
        }
    }

    // p, and what the momentum has gathered if there is any, after a step.
    private static List<Tensor> updated(Settings settings, List<Tensor> inputs) {
        Tensor p = inputs.get(0);
        Tensor g = inputs.get(1);
        Tensor rate = inputs.get(2);
        if (settings.weightDecay() != 0) {
            g = g.add(p.mul(settings.weightDecay()));
        }
        if (settings.momentum() == 0) {
            return List.of(p.sub(rate.mul(g)));
        }
        Tensor gathered = inputs.get(3).mul(settings.momentum()).add(g);
        Tensor direction =
                settings.nesterov() ? g.add(gathered.mul(settings.momentum())) : gathered;
        return List.of(p.sub(rate.mul(direction)), gathered);
    }

    @Override
    public void zeroGrad() {
        all.forEach(moving -> moving.parameter().zeroGrad());
    }

    @Override
    public void learningRate(double next) {
        rate.assign(next);
    }
}
