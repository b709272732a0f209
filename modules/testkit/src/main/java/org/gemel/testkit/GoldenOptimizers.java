package org.gemel.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.gemel.Gemel;
import org.gemel.Parameter;
import org.gemel.Tensor;
import org.gemel.optim.Adadelta;
import org.gemel.optim.Adagrad;
import org.gemel.optim.Adam;
import org.gemel.optim.Adamax;
import org.gemel.optim.Asgd;
import org.gemel.optim.NAdam;
import org.gemel.optim.Optimizer;
import org.gemel.optim.RAdam;
import org.gemel.optim.RmsProp;
import org.gemel.optim.Rprop;
import org.gemel.optim.Sgd;

/// Golden trajectories of optimizers, with the real optimizers, a step at a time in a mode.
final class GoldenOptimizers {
    private GoldenOptimizers() {}

    /// The outputs of the case.
    static List<Tensor> run(GoldenCase golden, Call call, Modes mode) {
        int steps = golden.json().path("steps").asInt();
        return switch (golden.word("kind")) {
            case "gradients" -> gradients(golden, call, mode, steps);
            case "training" -> training(golden, call, mode, steps);
            default -> throw new Unsupported("kind " + golden.word("kind"));
        };
    }

    private static List<Tensor> gradients(GoldenCase golden, Call call, Modes mode, int steps) {
        Parameter w = new Parameter("w", call.in("w0"));
        Tensor all = call.in("g");
        Optimizer optimizer = optimizer(golden.word("optimizer"), call, List.of(w));
        // The gradient of the sum of products is the other factor.
        UnaryOperator<List<Tensor>> step =
                mode.of(in -> {
                    w.value().mul(in.getFirst()).sum().backward();
                    optimizer.step();
                    return List.of(w.value().detach());
                });
        List<Tensor> path = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            path.addAll(step.apply(List.of(GoldenShapes.select(all, 0, i))));
        }
        return List.of(GoldenShapes.stack(path, 0));
    }

    private static List<Tensor> training(GoldenCase golden, Call call, Modes mode, int steps) {
        List<Parameter> all =
                List.of("w1", "b1", "w2", "b2").stream()
                        .map(name -> new Parameter(name, call.in(name)))
                        .toList();
        Optimizer optimizer = optimizer(golden.word("optimizer"), call, all);
        UnaryOperator<List<Tensor>> step =
                mode.of(in -> {
                    Tensor loss =
                            GoldenPrograms.regression(
                                    in.get(0),
                                    in.get(1),
                                    all.get(0).value(),
                                    all.get(1).value(),
                                    all.get(2).value(),
                                    all.get(3).value());
                    loss.backward();
                    optimizer.step();
                    return List.of(loss.detach());
                });
        List<Tensor> losses = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            losses.addAll(step.apply(List.of(call.in("x"), call.in("y"))));
        }
        List<Tensor> results = new ArrayList<>();
        results.add(Gemel.noGrad(() -> GoldenShapes.stack(losses, 0)));
        all.forEach(parameter -> results.add(parameter.value().detach()));
        return results;
    }

    private static Optimizer optimizer(String name, Call call, List<Parameter> parameters) {
        double rate = call.number("lr");
        double decay = call.number("weight_decay", name.equals("adamw") ? 0.01 : 0);
        boolean maximize = call.flag("maximize");
        return switch (name) {
            case "sgd" ->
                    new Sgd(
                            parameters,
                            rate,
                            new Sgd.Settings(
                                    call.number("momentum", 0),
                                    call.number("dampening", 0),
                                    decay,
                                    call.flag("nesterov"),
                                    maximize));
            case "adam", "adamw" ->
                    new Adam(
                            parameters,
                            rate,
                            new Adam.Settings(
                                    beta(call, 0),
                                    beta(call, 1),
                                    call.number("eps", 1e-8),
                                    decay,
                                    name.equals("adamw") || call.flag("decoupled_weight_decay"),
                                    call.flag("amsgrad"),
                                    maximize));
            case "rmsprop" ->
                    new RmsProp(
                            parameters,
                            rate,
                            new RmsProp.Settings(
                                    call.number("alpha", 0.99),
                                    call.number("eps", 1e-8),
                                    decay,
                                    call.number("momentum", 0),
                                    call.flag("centered"),
                                    maximize));
            case "adagrad" ->
                    new Adagrad(
                            parameters,
                            rate,
                            new Adagrad.Settings(
                                    call.number("lr_decay", 0),
                                    decay,
                                    call.number("initial_accumulator_value", 0),
                                    call.number("eps", 1e-10),
                                    maximize));
            case "adadelta" ->
                    new Adadelta(
                            parameters,
                            rate,
                            new Adadelta.Settings(
                                    call.number("rho", 0.9),
                                    call.number("eps", 1e-6),
                                    decay,
                                    maximize));
            case "adamax" ->
                    new Adamax(
                            parameters,
                            rate,
                            new Adamax.Settings(
                                    beta(call, 0),
                                    beta(call, 1),
                                    call.number("eps", 1e-8),
                                    decay,
                                    maximize));
            case "nadam" ->
                    new NAdam(
                            parameters,
                            rate,
                            new NAdam.Settings(
                                    beta(call, 0),
                                    beta(call, 1),
                                    call.number("eps", 1e-8),
                                    decay,
                                    call.number("momentum_decay", 0.004),
                                    call.flag("decoupled_weight_decay"),
                                    maximize));
            case "radam" ->
                    new RAdam(
                            parameters,
                            rate,
                            new RAdam.Settings(
                                    beta(call, 0),
                                    beta(call, 1),
                                    call.number("eps", 1e-8),
                                    decay,
                                    call.flag("decoupled_weight_decay"),
                                    maximize));
            case "rprop" ->
                    new Rprop(
                            parameters,
                            rate,
                            new Rprop.Settings(
                                    pair(call, "etas", 0, 0.5),
                                    pair(call, "etas", 1, 1.2),
                                    pair(call, "step_sizes", 0, 1e-6),
                                    pair(call, "step_sizes", 1, 50),
                                    maximize));
            case "asgd" ->
                    new Asgd(
                            parameters,
                            rate,
                            new Asgd.Settings(
                                    call.number("lambd", 1e-4),
                                    call.number("alpha", 0.75),
                                    call.number("t0", 1e6),
                                    decay,
                                    maximize));
            default -> throw new Unsupported("no optimizer " + name);
        };
    }

    private static double beta(Call call, int index) {
        return pair(call, "betas", index, index == 0 ? 0.9 : 0.999);
    }

    private static double pair(Call call, String name, int index, double otherwise) {
        return call.has(name) ? call.numbers(name)[index] : otherwise;
    }
}
