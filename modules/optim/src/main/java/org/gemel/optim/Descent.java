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

/// What all optimizers here are: a formula that is applied to each parameter, one operation each.
///
/// A parameter without a gradient is left alone; the step count is common to all.
abstract sealed class Descent implements Optimizer
        permits Sgd, Adam, RmsProp, Adagrad, Adadelta, Adamax, NAdam, RAdam {
    /// A parameter and what is remembered of it.
    private record Moving(Parameter parameter, List<State> memories) {
        static Moving of(Parameter parameter, Formula formula) {
            List<State> memories = new ArrayList<>();
            for (Formula.Memory memory : formula.memories()) {
                memories.add(
                        new State(
                                parameter.name() + "." + memory.name(),
                                Tensor.full(parameter.type(), memory.start())));
            }
            return new Moving(parameter, memories);
        }
    }

    private final Formula formula;
    private final List<Moving> all;
    private final Rate rate;
    private final Optional<State> count;
    private final List<State> common;
    private final Composite update;

    Descent(List<Parameter> parameters, Rate rate, Formula formula) {
        if (parameters.isEmpty()) {
            throw new GemelException(
                    "optimizer: expects at least one parameter, but got none; does the model keep its"
                            + " layers in fields?");
        }
        this.formula = formula;
        this.rate = rate;
        this.all = parameters.stream().map(p -> Moving.of(p, formula)).toList();
        this.count =
                formula.counts() || rate.scheduled()
                        ? Optional.of(new State(formula.label() + ".t", Rate.number(0)))
                        : Optional.empty();
        this.common =
                formula.common().stream()
                        .map(start -> new State(formula.label() + ".common", Rate.number(start)))
                        .toList();
        this.update =
                Composite.opaque(
                        formula.label() + "_update", List.of(formula.settings()), formula.update());
    }

    @Override
    public void step() {
        Gemel.noGrad(() -> Scope.discarding(this::advance));
    }

    private void advance() {
        List<Moving> moved = new ArrayList<>();
        List<Tensor> gradients = new ArrayList<>();
        for (Moving moving : all) {
            Optional<Tensor> gradient = moving.parameter().gradient();
            if (gradient.isPresent()) {
                moved.add(moving);
                gradients.add(gradient.get());
            }
        }
        if (moved.isEmpty()) {
            return;
        }
        List<Tensor> numbers = numbers();
        Map<DType, List<Tensor>> scales = new EnumMap<>(DType.class);
        for (int i = 0; i < moved.size(); i++) {
            Moving moving = moved.get(i);
            Parameter parameter = moving.parameter();
            List<Tensor> inputs = new ArrayList<>();
            inputs.add(parameter.value());
            inputs.add(gradients.get(i));
            moving.memories().forEach(memory -> inputs.add(memory.value()));
            inputs.addAll(
                    scales.computeIfAbsent(
                            parameter.type().dtype(), dtype -> scales(dtype, numbers)));
            List<Tensor> outputs = Tensor.apply(update, inputs);
            parameter.assign(outputs.getFirst());
            for (int k = 0; k < moving.memories().size(); k++) {
                moving.memories().get(k).assign(outputs.get(k + 1));
            }
            parameter.zeroGrad();
        }
    }

    // The learning rate, the step count from 1 if there is one, and the common numbers, of this
    // step.
    private List<Tensor> numbers() {
        List<Tensor> numbers = new ArrayList<>();
        if (count.isEmpty()) {
            numbers.add(rate.value());
            return numbers;
        }
        Tensor before = count.get().value();
        numbers.add(rate.value(before));
        Tensor now = before.add(1);
        count.get().assign(now);
        numbers.add(now);
        if (!common.isEmpty()) {
            Composite next =
                    Composite.opaque(
                            formula.label() + "_common",
                            List.of(formula.settings()),
                            formula.advance());
            List<Tensor> inputs = new ArrayList<>();
            inputs.add(now);
            common.forEach(state -> inputs.add(state.value()));
            List<Tensor> outputs = Tensor.apply(next, inputs);
            for (int i = 0; i < common.size(); i++) {
                common.get(i).assign(outputs.get(i));
            }
            numbers.addAll(outputs);
        }
        return numbers;
    }

    private List<Tensor> scales(DType dtype, List<Tensor> numbers) {
        Composite scales =
                Composite.opaque(
                        formula.label() + "_scales",
                        List.of(formula.settings(), dtype),
                        in ->
                                formula.scales().apply(in).stream()
                                        .map(scale -> scale.to(dtype))
                                        .toList());
        return Tensor.apply(scales, numbers);
    }

    @Override
    public void zeroGrad() {
        all.forEach(moving -> moving.parameter().zeroGrad());
    }

    @Override
    public void reset() {
        for (Moving moving : all) {
            for (int i = 0; i < formula.memories().size(); i++) {
                double start = formula.memories().get(i).start();
                moving.memories().get(i).assign(Tensor.full(moving.parameter().type(), start));
            }
        }
        count.ifPresent(state -> state.assign(Rate.number(0)));
        for (int i = 0; i < common.size(); i++) {
            common.get(i).assign(Rate.number(formula.common().get(i)));
        }
    }

    @Override
    public void learningRate(double next) {
        rate.assign(next);
    }
}
