package org.gemel.testkit.programs;

import static org.gemel.testkit.programs.Draft.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.gemel.DType;
import org.gemel.Tensor;

/// Steps with Java's control flow, decided by the value of a tensor.
///
/// What decides is no sum: the reference, which rounds sums otherwise, must go the same way.
final class FlowSteps {
    static final List<Maker> ALL =
            List.of(
                    FlowSteps::branch,
                    FlowSteps::branch,
                    FlowSteps::choice,
                    FlowSteps::loop,
                    FlowSteps::halving,
                    FlowSteps::item,
                    FlowSteps::nested,
                    FlowSteps::until,
                    FlowSteps::collected);

    private record Named(String text, UnaryOperator<Tensor> method) {}

    // All keep the type.
    private static final List<Named> KEEPING =
            List.of(
                    new Named("tanh()", Tensor::tanh),
                    new Named("neg()", Tensor::neg),
                    new Named("mul(0.5)", x -> x.mul(0.5)),
                    new Named("sigmoid().add({0})", x -> x.sigmoid().add(x)),
                    new Named("relu()", Tensor::relu),
                    new Named("sub(1)", x -> x.sub(1)),
                    new Named("gelu()", Tensor::gelu),
                    new Named("stopGradient()", Tensor::stopGradient),
                    new Named("sin().square()", x -> x.sin().square()));

    private FlowSteps() {}

    private static OptionalInt notEmpty(Draft draft) {
        return draft.line(type -> type.dtype().isFloating() && type.shape().size() > 0);
    }

    private static Optional<Program.Step> branch(Draft draft) {
        OptionalInt x = notEmpty(draft);
        Named yes = draft.one(KEEPING);
        Named no = draft.one(KEEPING);
        double bound = draft.number();
        return step(
                "{0}.amax().gt(%s).toBoolean() ? {0}.%s : {0}.%s"
                        .formatted(bound, yes.text(), no.text()),
                in -> {
                    Tensor v = in.getFirst();
                    return v.amax().gt(bound).toBoolean()
                            ? yes.method().apply(v)
                            : no.method().apply(v);
                },
                x);
    }

    // Decided by another line.
    private static Optional<Program.Step> choice(Draft draft) {
        OptionalInt decides =
                draft.line(type -> type.dtype() != DType.BOOL && type.shape().size() > 0);
        OptionalInt x = notEmpty(draft);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        OptionalInt y = draft.line(draft.type(x.getAsInt())::equals);
        return step(
                "{0}.reshape(-1).at(0).gt(0).toBoolean() ? {1}.add({2}) : {1}.mul({2})",
                in ->
                        in.get(0).reshape(-1).at(0).gt(0).toBoolean()
                                ? in.get(1).add(in.get(2))
                                : in.get(1).mul(in.get(2)),
                decides,
                x,
                y);
    }

    private static Optional<Program.Step> loop(Draft draft) {
        Named body = draft.one(KEEPING);
        int times = draft.between(2, 4);
        return step(
                "%d times {0}.%s".formatted(times, body.text()),
                in -> {
                    Tensor v = in.getFirst();
                    for (int i = 0; i < times; i++) {
                        v = body.method().apply(v);
                    }
                    return v;
                },
                notEmpty(draft));
    }

    private static Optional<Program.Step> halving(Draft draft) {
        return step(
                "while {0}.abs().amax().gt(1).toBoolean(), at most 5 times: {0}.mul(0.6)",
                in -> {
                    Tensor v = in.getFirst();
                    for (int i = 0; i < 5 && v.abs().amax().gt(1).toBoolean(); i++) {
                        v = v.mul(0.6);
                    }
                    return v;
                },
                notEmpty(draft));
    }

    private static Optional<Program.Step> item(Draft draft) {
        return step(
                "{0}.mul(Math.min({0}.amin().item(), 2))",
                in -> in.getFirst().mul(Math.min(in.getFirst().amin().item(), 2)), notEmpty(draft));
    }

    // Ends in the middle, with a number that the tensor gave.
    private static Optional<Program.Step> until(Draft draft) {
        Named body = draft.one(KEEPING);
        return step(
                "up to 3 times {0}.%s, until the largest stays within 0.5".formatted(body.text()),
                in -> {
                    Tensor v = in.getFirst();
                    double before = v.amax().item();
                    for (int i = 0; i < 3; i++) {
                        v = body.method().apply(v);
                        double now = v.amax().item();
                        if (Math.abs(now - before) < 0.5) {
                            break;
                        }
                        before = now;
                    }
                    return v;
                },
                notEmpty(draft));
    }

    // Rows that are chosen one by one.
    private static Optional<Program.Step> collected(Draft draft) {
        OptionalInt x =
                draft.line(type ->
                        type.dtype().isFloating()
                                && type.shape().rank() > 0
                                && type.shape().size() > 0
                                && type.shape().dim(0) <= 3);
        return step(
                "the stack of {0}'s rows, those without an element above 0.5 negated",
                in -> {
                    Tensor v = in.getFirst();
                    List<Tensor> rows = new ArrayList<>();
                    for (int i = 0; i < v.shape().dim(0); i++) {
                        Tensor row = v.at(i);
                        rows.add(row.amax().le(0.5).toBoolean() ? row.neg() : row);
                    }
                    return Tensor.stack(rows, 0);
                },
                x);
    }

    private static Optional<Program.Step> nested(Draft draft) {
        Named inner = draft.one(KEEPING);
        return step(
                "{0}.amin().lt(0).toBoolean() ? ({0}.amax().lt(2).toBoolean() ? {0}.%s : {0}) : {0}.add(1)"
                        .formatted(inner.text()),
                in -> {
                    Tensor v = in.getFirst();
                    if (v.amin().lt(0).toBoolean()) {
                        return v.amax().lt(2).toBoolean() ? inner.method().apply(v) : v;
                    }
                    return v.add(1);
                },
                notEmpty(draft));
    }
}
