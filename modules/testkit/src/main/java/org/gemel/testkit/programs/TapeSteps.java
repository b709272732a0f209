package org.gemel.testkit.programs;

import static org.gemel.testkit.programs.Draft.step;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.gemel.Grad;
import org.gemel.Tensor;

/// Steps that differentiate: with the tape, as functions, twice, through branches.
final class TapeSteps {
    static final List<Maker> ALL =
            List.of(
                    TapeSteps::tape,
                    TapeSteps::tape,
                    TapeSteps::twice,
                    TapeSteps::functional,
                    TapeSteps::functional,
                    TapeSteps::branching,
                    TapeSteps::whole);

    /// A function to a scalar, and how it is written.
    private record Scalar(String text, UnaryOperator<Tensor> f) {}

    private static final List<Scalar> SCALARS =
            List.of(
                    new Scalar("x.tanh().mul(x).sum()", x -> x.tanh().mul(x).sum()),
                    new Scalar("x.softmax(-1).square().sum()", x -> x.softmax(-1).square().sum()),
                    new Scalar("x.gelu().mean()", x -> x.gelu().mean()),
                    new Scalar("x.sub(x.mean()).square().sum()", TapeSteps::spread),
                    new Scalar("x.cumsum(0).sin().sum()", x -> x.cumsum(0).sin().sum()),
                    new Scalar("x.logSumExp(0).square().sum()", x -> x.logSumExp(0).square().sum()),
                    new Scalar("x.flip(0).mul(x).sigmoid().sum()", TapeSteps::mirrored),
                    new Scalar("x.amax(-1).square().sum()", x -> x.amax(-1).square().sum()),
                    new Scalar("x.square().add(1).log().sum()", TapeSteps::logarithms),
                    new Scalar(
                            "x.sort(0, false).values().cumsum(0).tanh().sum()", TapeSteps::sorted));

    private TapeSteps() {}

    private static Tensor spread(Tensor x) {
        return x.sub(x.mean()).square().sum();
    }

    private static Tensor mirrored(Tensor x) {
        return x.flip(0).mul(x).sigmoid().sum();
    }

    private static Tensor logarithms(Tensor x) {
        return x.square().add(1).log().sum();
    }

    private static Tensor sorted(Tensor x) {
        return x.sort(0, false).values().cumsum(0).tanh().sum();
    }

    private static OptionalInt notEmpty(Draft draft) {
        return draft.line(type ->
                type.dtype().isFloating() && type.shape().rank() > 0 && type.shape().size() > 0);
    }

    private static Optional<Program.Step> tape(Draft draft) {
        OptionalInt x = notEmpty(draft);
        Scalar chosen = draft.one(SCALARS);
        UnaryOperator<Tensor> f = chosen.f();
        return switch (draft.below(3)) {
            case 0 ->
                    step(
                            "x = {0}.withGrad(); " + chosen.text() + ".backward(); x.grad()",
                            in -> {
                                Tensor leaf = in.getFirst().withGrad();
                                f.apply(leaf).backward();
                                return leaf.grad();
                            },
                            x);
            case 1 ->
                    step(
                            "x = {0}.withGrad(); twice %s.backward(); x.grad()"
                                    .formatted(chosen.text()),
                            in -> {
                                Tensor leaf = in.getFirst().withGrad();
                                f.apply(leaf).backward();
                                f.apply(leaf.mul(0.5)).backward();
                                return leaf.grad();
                            },
                            x);
            default ->
                    step(
                            "x = {0}.withGrad().hook(g -> g.mul(2)) for " + chosen.text(),
                            in -> {
                                Tensor leaf = in.getFirst().withGrad();
                                f.apply(leaf.mul(1.5).hook(g -> g.mul(2))).backward();
                                return leaf.grad();
                            },
                            x);
        };
    }

    private static Optional<Program.Step> twice(Draft draft) {
        OptionalInt x = notEmpty(draft);
        Scalar chosen = draft.one(SCALARS);
        UnaryOperator<Tensor> f = chosen.f();
        return draft.once(2)
                ? step(
                        "Grad.grad(x -> Grad.grad(x -> %s).apply(x).square().sum()).apply({0})"
                                .formatted(chosen.text()),
                        in ->
                                Grad.grad(v -> Grad.grad(f).apply(v).square().sum())
                                        .apply(in.getFirst()),
                        x)
                : step(
                        "Grad.hvp(x -> %s, {0}, {0}.cos())".formatted(chosen.text()),
                        in -> Grad.hvp(f, in.getFirst(), in.getFirst().cos()),
                        x);
    }

    private static Optional<Program.Step> functional(Draft draft) {
        OptionalInt x = notEmpty(draft);
        Scalar chosen = draft.one(SCALARS);
        UnaryOperator<Tensor> f = chosen.f();
        return switch (draft.below(4)) {
            case 0 ->
                    step(
                            "v = Grad.valueAndGrad(x -> %s).apply({0}); v.grad().mul(v.value())"
                                    .formatted(chosen.text()),
                            in -> {
                                Grad.ValueAndGrad found = Grad.valueAndGrad(f).apply(in.getFirst());
                                return found.grad().mul(found.value());
                            },
                            x);
            case 1 ->
                    step(
                            "Grad.jvp(x -> %s, {0}, {0}.sign())".formatted(chosen.text()),
                            in -> Grad.jvp(f, in.getFirst(), in.getFirst().sign()),
                            x);
            case 2 ->
                    step(
                            "Grad.vjp(x -> x.softmax(0), {0}, {0}.flip(0))",
                            in -> Grad.vjp(v -> v.softmax(0), in.getFirst(), in.getFirst().flip(0)),
                            x);
            default ->
                    step(
                            "Grad.checkpoint(x -> List.of(%s), List.of({0}))"
                                    .formatted(chosen.text()),
                            in ->
                                    Grad.checkpoint(v -> List.of(f.apply(v.getFirst())), in)
                                            .getFirst(),
                            x);
        };
    }

    private static Optional<Program.Step> branching(Draft draft) {
        OptionalInt x = notEmpty(draft);
        Scalar yes = draft.one(SCALARS);
        Scalar no = draft.one(SCALARS);
        return step(
                "Grad.grad(x -> x.amax().gt(0.5).toBoolean() ? %s : %s).apply({0})"
                        .formatted(yes.text(), no.text()),
                in ->
                        Grad.grad(v ->
                                        v.amax().gt(0.5).toBoolean()
                                                ? yes.f().apply(v)
                                                : no.f().apply(v))
                                .apply(in.getFirst()),
                x);
    }

    private static Optional<Program.Step> whole(Draft draft) {
        OptionalInt x =
                draft.line(type ->
                        type.dtype().isFloating()
                                && type.shape().rank() > 0
                                && type.shape().size() > 0
                                && type.shape().size() <= 24);
        Scalar chosen = draft.one(SCALARS);
        return draft.once(2)
                ? step(
                        "Grad.hessian(x -> %s, {0})".formatted(chosen.text()),
                        in -> Grad.hessian(chosen.f(), in.getFirst()),
                        x)
                : step(
                        "Grad.jacobian(x -> x.softmax(0).cumsum(0), {0})",
                        in -> Grad.jacobian(v -> v.softmax(0).cumsum(0), in.getFirst()), x);
    }
}
