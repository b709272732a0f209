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
            default -> throw new Unsupported("no schedule " + name);
        };
    }

    private static List<Integer> list(int[] numbers) {
        return Arrays.stream(numbers).boxed().toList();
    }

    private static Schedule oneCycle(Call call, double base, int steps) {
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
