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
import org.gemel.TensorType;
import org.gemel.op.Composite;

/// What all optimizers here are: a formula that is applied to each parameter, one operation each.
///
/// A parameter without a gradient is left alone, and the step does not count for it: from then on
/// it has a count of its own. All others share one.
abstract sealed class Descent implements Optimizer
        permits Sgd, Adam, RmsProp, Adagrad, Adadelta, Adamax, NAdam, RAdam, Rprop, Asgd {
    /// A parameter and what is remembered of it.
    ///
    /// @param own its step count and what follows from that, once it has missed a step
    private record Moving(Parameter parameter, List<State> memories, List<State> own) {
        static Moving of(Parameter parameter, Formula formula) {
            List<State> memories = new ArrayList<>();
            for (Formula.Memory memory : formula.memories()) {
                memories.add(
                        new State(
                                parameter.name() + "." + memory.name(),
                                Tensor.full(parameter.type(), memory.start())));
            }
            List<State> own = new ArrayList<>();
            TensorType number = TensorType.of(DType.F64);
            if (formula.counts()) {
                own.add(State.empty(parameter.name() + ".t", number));
                formula.common()
                        .forEach(_ -> own.add(State.empty(parameter.name() + ".common", number)));
            }
            return new Moving(parameter, memories, own);
        }

        /// Its own count and numbers; none as long as it has missed no step.
        List<Tensor> numbers() {
            return own.stream().map(State::content).flatMap(Optional::stream).toList();
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
        List<Moving> missing = new ArrayList<>();
        List<Tensor> gradients = new ArrayList<>();
        for (Moving moving : all) {
            Optional<Tensor> gradient = moving.parameter().gradient();
            if (gradient.isPresent()) {
                moved.add(moving);
                gradients.add(gradient.get());
            } else {
                missing.add(moving);
            }
        }
        if (moved.isEmpty()) {
            return;
        }
        List<Tensor> before = new ArrayList<>();
        count.ifPresent(state -> before.add(state.value()));
        common.forEach(state -> before.add(state.value()));
        for (Moving moving : missing) {
            if (moving.numbers().isEmpty()) {
                assign(moving.own(), before);
            }
        }
        Tensor now = count.isPresent() ? rate.value(before.getFirst()) : rate.value();
        List<Tensor> numbers = numbers(now, before);
        count.ifPresent(state -> state.assign(numbers.get(1)));
        assign(common, numbers.subList(Math.min(2, numbers.size()), numbers.size()));
        Map<DType, List<Tensor>> scales = new EnumMap<>(DType.class);
        for (int i = 0; i < moved.size(); i++) {
            Moving moving = moved.get(i);
            Parameter parameter = moving.parameter();
            List<Tensor> inputs = new ArrayList<>();
            inputs.add(parameter.value());
            inputs.add(gradients.get(i));
            moving.memories().forEach(memory -> inputs.add(memory.value()));
            DType type = parameter.type().dtype();
            List<Tensor> former = moving.numbers();
            if (former.isEmpty()) {
                inputs.addAll(scales.computeIfAbsent(type, dtype -> scales(dtype, numbers)));
            } else {
                List<Tensor> own = numbers(now, former);
                assign(moving.own(), own.subList(1, own.size()));
                inputs.addAll(scales(type, own));
            }
            List<Tensor> outputs = Tensor.apply(update, inputs);
            parameter.assign(outputs.getFirst());
            for (int k = 0; k < moving.memories().size(); k++) {
                moving.memories().get(k).assign(outputs.get(k + 1));
            }
            parameter.zeroGrad();
        }
    }

    private static void assign(List<State> states, List<Tensor> values) {
        for (int i = 0; i < states.size(); i++) {
            states.get(i).assign(values.get(i));
        }
    }

    // The learning rate, the step count from 1 if there is one, and the common numbers, of this
    // step, from the count and the numbers of the step before.
    private List<Tensor> numbers(Tensor now, List<Tensor> before) {
        List<Tensor> numbers = new ArrayList<>();
        numbers.add(now);
        if (before.isEmpty()) {
            return numbers;
        }
        Tensor counted = before.getFirst().add(1);
        numbers.add(counted);
        if (!common.isEmpty()) {
            Composite next =
                    Composite.opaque(
                            formula.label() + "_common",
                            List.of(formula.settings()),
                            formula.advance());
            List<Tensor> inputs = new ArrayList<>(before);
            inputs.set(0, counted);
            numbers.addAll(Tensor.apply(next, inputs));
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

    /// What is remembered of a parameter.
    Tensor memory(Parameter parameter, int index) {
        for (Moving moving : all) {
            if (moving.parameter() == parameter) {
                return moving.memories().get(index).value().detach();
            }
        }
        throw new GemelException(
                "optimizer: expects one of its own parameters, but got %s; ask the optimizer that"
                                .formatted(parameter.name())
                        + " moves it");
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
            moving.own().forEach(State::clear);
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
