package org.gemel.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.gemel.Gemel;
import org.gemel.Parameter;
import org.gemel.Tensor;
import org.gemel.optim.Adam;
import org.gemel.optim.Optimizer;
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
        double decay = call.number("weight_decay", 0);
        return switch (name) {
            case "adam", "adamw" -> {
                if (call.flag("amsgrad")) {
                    throw new Unsupported("attribute amsgrad = true");
                }
                double[] betas = call.numbers("betas");
                double epsilon = call.number("eps", 1e-8);
                Adam.Settings settings =
                        new Adam.Settings(betas[0], betas[1], epsilon, decay, name.equals("adamw"));
                yield new Adam(parameters, rate, settings);
            }
            case "sgd" -> {
                if (call.number("dampening", 0) != 0) {
                    throw new Unsupported("attribute dampening other than 0");
                }
                double momentum = call.number("momentum", 0);
                Sgd.Settings settings = new Sgd.Settings(momentum, decay, call.flag("nesterov"));
                yield new Sgd(parameters, rate, settings);
            }
            default -> throw new Unsupported("no optimizer " + name);
        };
    }
}
