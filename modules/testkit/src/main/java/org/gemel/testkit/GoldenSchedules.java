package org.gemel.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.gemel.DType;
import org.gemel.Gemel;
import org.gemel.Shape;
import org.gemel.State;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.optim.Schedule;
import org.gemel.optim.Schedules;

/// Golden schedules of the learning rate, a step at a time in a mode.
final class GoldenSchedules {
    private GoldenSchedules() {}

    /// The rates, one for each step.
    static List<Tensor> run(String name, Call call, Modes mode) {
        int steps = call.integer("steps");
        Schedule schedule = schedule(name, call, steps);
        State count = new State("steps", Tensor.full(new TensorType(DType.F64, Shape.SCALAR), 0));
        UnaryOperator<List<Tensor>> step =
                mode.of(_ -> {
                    Tensor made = count.value();
                    count.assign(made.add(1));
                    return List.of(schedule.rate(made));
                });
        List<Tensor> rates = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            rates.addAll(step.apply(List.of()));
        }
        return List.of(Gemel.noGrad(() -> GoldenShapes.stack(rates, 0)));
    }

    private static Schedule schedule(String name, Call call, int steps) {
        double base = call.number("base_lr");
        return switch (name) {
            case "constant" ->
                    new Schedules.Constant(
                            base, call.number("factor", 1.0 / 3), call.integer("total_iters", 5));
            case "step" ->
                    new Schedules.Step(base, call.integer("step_size"), call.number("gamma", 0.1));
            case "multi_step", "multistep" ->
                    new Schedules.MultiStep(
                            base, list(call.integers("milestones")), call.number("gamma", 0.1));
            case "exponential" -> new Schedules.Exponential(base, call.number("gamma"));
            case "linear", "linear_warmup", "warmup", "linear_decay" ->
                    new Schedules.Linear(
                            base,
                            call.number("start_factor", 1.0 / 3),
                            call.number("end_factor", 1),
                            call.integer("total_iters", 5));
            case "polynomial" ->
                    new Schedules.Polynomial(
                            base, call.integer("total_iters", 5), call.number("power", 1));
            case "cosine", "cosine_annealing" ->
                    new Schedules.Cosine(base, call.integer("T_max"), call.number("eta_min", 0));
            case "cosine_restarts",
                    "cosine_warm_restarts",
                    "cosine_annealing_warm_restarts",
                    "warm_restarts" ->
                    new Schedules.CosineRestarts(
                            base,
                            call.integer("T_0"),
                            call.integer("T_mult", 1),
                            call.number("eta_min", 0));
            case "one_cycle", "onecycle" -> oneCycle(call, base, steps);
            case "cyclic",
                    "triangular",
                    "cyclic_triangular",
                    "cyclic_triangular2",
                    "cyclic_exp_range" ->
                    cyclic(call, base);
            case "warmup_cosine",
                    "cosine_warmup",
                    "linear_warmup_cosine",
                    "linear_warmup_cosine_annealing",
                    "sequential" ->
                    warmUp(call, base);
            default -> schedule(told(name, call), call, steps);
        };
    }

    // What a schedule of an unknown name is, by its attributes.
    private static String told(String name, Call call) {
        if (call.has("T_0")) {
            return "cosine_restarts";
        }
        if (call.has("T_max")) {
            return call.has("start_factor") ? "warmup_cosine" : "cosine";
        }
        if (call.has("max_lr")) {
            return call.has("step_size_up") ? "cyclic" : "one_cycle";
        }
        if (call.has("milestones")) {
            return "multi_step";
        }
        if (call.has("power")) {
            return "polynomial";
        }
        if (call.has("start_factor")) {
            return "linear";
        }
        if (call.has("step_size")) {
            return "step";
        }
        if (call.has("gamma")) {
            return "exponential";
        }
        if (call.has("factor")) {
            return "constant";
        }
        throw new Unsupported("no schedule " + name);
    }

    // A straight line, then half a wave.
    private static Schedule warmUp(Call call, double base) {
        String length = call.has("total_iters") ? "total_iters" : "warmup";
        int end = call.integer(length);
        int[] milestones = call.has("milestones") ? call.integers("milestones") : new int[] {end};
        return new Schedules.Sequence(
                List.of(
                        new Schedules.Linear(
                                base,
                                call.number("start_factor", 1.0 / 3),
                                call.number("end_factor", 1),
                                end),
                        new Schedules.Cosine(
                                base, call.integer("T_max"), call.number("eta_min", 0))),
                list(milestones));
    }

    private static List<Integer> list(int[] numbers) {
        return Arrays.stream(numbers).boxed().toList();
    }

    private static Schedule oneCycle(Call call, double base, int steps) {
        // which the rate does not depend on
        call.flag("cycle_momentum");
        return new Schedules.OneCycle(
                call.number("max_lr", base),
                call.integer("total_steps", steps),
                call.number("pct_start", 0.3),
                call.oneOf("anneal_strategy", "cos", "linear").equals("cos")
                        ? Schedules.Curve.COSINE
                        : Schedules.Curve.LINEAR,
                call.number("div_factor", 25),
                call.number("final_div_factor", 1e4),
                call.flag("three_phase"));
    }

    private static Schedule cyclic(Call call, double base) {
        call.flag("cycle_momentum");
        int up = call.integer("step_size_up", 2000);
        return new Schedules.Cyclic(
                base,
                call.number("max_lr"),
                up,
                call.integer("step_size_down", up),
                switch (call.oneOf("mode", "triangular", "triangular2", "exp_range")) {
                    case "triangular" -> Schedules.Height.SAME;
                    case "triangular2" -> Schedules.Height.HALVED;
                    default -> Schedules.Height.EXPONENTIAL;
                },
                call.number("gamma", 1));
    }
}
