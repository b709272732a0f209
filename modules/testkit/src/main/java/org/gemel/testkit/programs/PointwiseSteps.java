package org.gemel.testkit.programs;

import static org.gemel.testkit.programs.Draft.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.gemel.DType;
import org.gemel.Tensor;
import org.gemel.op.Binary;
import org.gemel.op.Compare;
import org.gemel.op.Logical;
import org.gemel.op.Samples;
import org.gemel.op.Unary;

/// Steps that work element by element: the rows of the tables, and what is made of them.
final class PointwiseSteps {
    static final List<Maker> ALL =
            List.of(
                    PointwiseSteps::unary,
                    PointwiseSteps::unary,
                    PointwiseSteps::binary,
                    PointwiseSteps::binary,
                    PointwiseSteps::binary,
                    PointwiseSteps::withNumber,
                    PointwiseSteps::withNumber,
                    PointwiseSteps::compare,
                    PointwiseSteps::logical,
                    PointwiseSteps::where,
                    PointwiseSteps::cast,
                    PointwiseSteps::named,
                    PointwiseSteps::named,
                    PointwiseSteps::ternary);

    /// A method and how it is written.
    private record Named(String text, UnaryOperator<Tensor> method) {}

    private static final List<Named> NAMED =
            List.of(
                    new Named("gelu()", Tensor::gelu),
                    new Named("silu()", Tensor::silu),
                    new Named("softplus()", Tensor::softplus),
                    new Named("logSigmoid()", Tensor::logSigmoid),
                    new Named("elu(0.7)", x -> x.elu(0.7)),
                    new Named("celu(1.3)", x -> x.celu(1.3)),
                    new Named("selu()", Tensor::selu),
                    new Named("geluTanh()", Tensor::geluTanh),
                    new Named("mish()", Tensor::mish),
                    new Named("softplus(2, 3)", x -> x.softplus(2, 3)),
                    new Named("softsign()", Tensor::softsign),
                    new Named("hardtanh(-1, 2)", x -> x.hardtanh(-1, 2)),
                    new Named("relu6()", Tensor::relu6),
                    new Named("hardSigmoid()", Tensor::hardSigmoid),
                    new Named("hardSwish()", Tensor::hardSwish),
                    new Named("leakyRelu(0.1)", x -> x.leakyRelu(0.1)),
                    new Named("hardShrink(0.5)", x -> x.hardShrink(0.5)),
                    new Named("softShrink(0.5)", x -> x.softShrink(0.5)),
                    new Named("tanhShrink()", Tensor::tanhShrink),
                    new Named("threshold(0.2, -1)", x -> x.threshold(0.2, -1)),
                    new Named("frac()", Tensor::frac),
                    new Named("sinc()", Tensor::sinc),
                    new Named("sigmoid().logit()", x -> x.sigmoid().logit()),
                    new Named("abs().add(0.5).lgamma()", x -> x.abs().add(0.5).lgamma()),
                    new Named("abs().add(0.5).digamma()", x -> x.abs().add(0.5).digamma()),
                    new Named("isNan()", Tensor::isNan),
                    new Named("isInf()", Tensor::isInf),
                    new Named("isFinite()", Tensor::isFinite),
                    new Named("signBit()", Tensor::signBit),
                    new Named("clamp(-0.5, 1)", x -> x.clamp(-0.5, 1)),
                    new Named(
                            "nanToNum(0, Optional.empty(), Optional.empty())",
                            x -> x.nanToNum(0, Optional.empty(), Optional.empty())),
                    new Named("detach()", Tensor::detach),
                    new Named("stopGradient()", Tensor::stopGradient),
                    new Named("zerosLike()", Tensor::zerosLike),
                    new Named("onesLike()", Tensor::onesLike));

    private PointwiseSteps() {}

    private static Optional<Program.Step> named(Draft draft) {
        Named named = draft.one(NAMED);
        UnaryOperator<Tensor> method = named.method();
        return step("{0}." + named.text(), in -> method.apply(in.getFirst()), draft.real(0));
    }

    private static Optional<Program.Step> unary(Draft draft) {
        Unary op = draft.one(List.of(Unary.values()));
        OptionalInt x = draft.line(type -> op.accepts(type.dtype()));
        if (x.isEmpty()) {
            return Optional.empty();
        }
        Samples domain = op.samples();
        boolean bounded = domain.low() > -1.5 || domain.high() < 1.5;
        if (bounded && draft.type(x.getAsInt()).dtype().isFloating() && !draft.once(8)) {
            double width = domain.high() - domain.low();
            double low = domain.low();
            return step(
                    "{0}.sigmoid().mul(%s).add(%s).apply(Unary.%s)"
                            .formatted(width, low, op.name()),
                    in -> in.getFirst().sigmoid().mul(width).add(low).apply(op),
                    x);
        }
        return step("{0}.apply(Unary." + op.name() + ")", in -> in.getFirst().apply(op), x);
    }

    private static Optional<Program.Step> binary(Draft draft) {
        Binary op = draft.one(List.of(Binary.values()));
        OptionalInt a = draft.line(type -> op.accepts(type.dtype()));
        if (a.isEmpty()) {
            return Optional.empty();
        }
        DType dtype = draft.type(a.getAsInt()).dtype();
        OptionalInt b = draft.partner(dtype, draft.shape(a.getAsInt()));
        String text = "Tensor.apply(Binary." + op.name() + ", List.of({0}, {1})).getFirst()";
        Program.Body body = in -> Tensor.apply(op, in).getFirst();
        return draft.once(2) ? step(text, body, a, b) : step(text, body, b, a);
    }

    private static Optional<Program.Step> withNumber(Draft draft) {
        OptionalInt x = draft.line(type -> type.dtype() != DType.BOOL);
        double number = draft.number();
        return switch (draft.below(10)) {
            case 0 -> step("{0}.add(" + number + ")", in -> in.getFirst().add(number), x);
            case 1 -> step("{0}.sub(" + number + ")", in -> in.getFirst().sub(number), x);
            case 2 -> step("{0}.mul(" + number + ")", in -> in.getFirst().mul(number), x);
            case 3 -> step("{0}.div(" + number + ")", in -> in.getFirst().div(number), x);
            case 4 -> step("{0}.rsub(" + number + ")", in -> in.getFirst().rsub(number), x);
            case 5 -> step("{0}.pow(2)", in -> in.getFirst().pow(2), x);
            case 6 -> step("{0}.mul(0)", in -> in.getFirst().mul(0), x);
            case 7 -> step("{0}.add(0)", in -> in.getFirst().add(0), x);
            case 8 -> step("{0}.remainder(3)", in -> in.getFirst().remainder(3), x);
            default -> step("{0}.floorDivide(2)", in -> in.getFirst().floorDivide(2), x);
        };
    }

    private static Optional<Program.Step> compare(Draft draft) {
        Compare op = draft.one(List.of(Compare.values()));
        OptionalInt a = draft.any(0);
        if (a.isEmpty()) {
            return Optional.empty();
        }
        OptionalInt b = draft.partner(draft.type(a.getAsInt()).dtype(), draft.shape(a.getAsInt()));
        return step(
                "Tensor.apply(Compare." + op.name() + ", List.of({0}, {1})).getFirst()",
                in -> Tensor.apply(op, in).getFirst(),
                a,
                b);
    }

    private static Optional<Program.Step> logical(Draft draft) {
        Logical op = draft.one(List.of(Logical.values()));
        OptionalInt a = draft.line(type -> !type.dtype().isFloating());
        if (a.isEmpty()) {
            return Optional.empty();
        }
        if (draft.once(4)) {
            return step("{0}.not()", in -> in.getFirst().not(), a);
        }
        OptionalInt b = draft.partner(draft.type(a.getAsInt()).dtype(), draft.shape(a.getAsInt()));
        return step(
                "Tensor.apply(Logical." + op.name() + ", List.of({0}, {1})).getFirst()",
                in -> Tensor.apply(op, in).getFirst(),
                a,
                b);
    }

    private static Optional<Program.Step> where(Draft draft) {
        OptionalInt condition = draft.line(type -> type.dtype() == DType.BOOL);
        if (condition.isEmpty()) {
            return Optional.empty();
        }
        OptionalInt a =
                draft.line(
                        type -> draft.broadcasts(type.shape(), draft.shape(condition.getAsInt())));
        if (a.isEmpty()) {
            return Optional.empty();
        }
        OptionalInt b = draft.partner(draft.type(a.getAsInt()).dtype(), draft.shape(a.getAsInt()));
        return step(
                "Tensor.where({0}, {1}, {2})",
                in -> Tensor.where(in.get(0), in.get(1), in.get(2)), condition, a, b);
    }

    private static Optional<Program.Step> cast(Draft draft) {
        DType to = draft.one(List.of(DType.values()));
        // most of the time back to where there is more to do
        DType chosen = to.isFloating() || draft.once(2) ? to : DType.F32;
        return step(
                "{0}.to(DType." + chosen.name() + ")",
                in -> in.getFirst().to(chosen),
                draft.any(0));
    }

    private static Optional<Program.Step> ternary(Draft draft) {
        OptionalInt a = draft.real(0);
        if (a.isEmpty()) {
            return Optional.empty();
        }
        DType dtype = draft.type(a.getAsInt()).dtype();
        OptionalInt b = draft.partner(dtype, draft.shape(a.getAsInt()));
        OptionalInt c = draft.partner(dtype, draft.shape(a.getAsInt()));
        List<Optional<Program.Step>> all = new ArrayList<>();
        all.add(step("{0}.lerp({1}, {2})", in -> in.get(0).lerp(in.get(1), in.get(2)), a, b, c));
        all.add(
                step(
                        "{0}.addcmul({1}, {2}, 0.3)",
                        in -> in.get(0).addcmul(in.get(1), in.get(2), 0.3), a, b, c));
        all.add(
                step(
                        "{0}.addcdiv({1}, {2}.abs().add(1), 0.3)",
                        in -> in.get(0).addcdiv(in.get(1), in.get(2).abs().add(1), 0.3), a, b, c));
        all.add(step("{0}.clamp({1}, {2})", in -> in.get(0).clamp(in.get(1), in.get(2)), a, b, c));
        all.add(step("{0}.logAddExp({1})", in -> in.get(0).logAddExp(in.get(1)), a, b));
        all.add(
                step(
                        "{0}.xlogy({1}.abs().add(0.1))",
                        in -> in.get(0).xlogy(in.get(1).abs().add(0.1)), a, b));
        all.add(step("{0}.fmax({1})", in -> in.get(0).fmax(in.get(1)), a, b));
        all.add(step("{0}.fmin({1})", in -> in.get(0).fmin(in.get(1)), a, b));
        all.add(step("{0}.heaviside({1})", in -> in.get(0).heaviside(in.get(1)), a, b));
        return draft.one(all);
    }
}
