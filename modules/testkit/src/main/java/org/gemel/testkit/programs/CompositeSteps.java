package org.gemel.testkit.programs;

import static org.gemel.testkit.programs.Draft.step;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.gemel.DType;
import org.gemel.Grad;
import org.gemel.Key;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.Vmap;

/// Steps that are whole formulas: softmax, norms, losses, derivatives, random numbers.
final class CompositeSteps {
    static final List<Maker> ALL =
            List.of(
                    CompositeSteps::softmax,
                    CompositeSteps::softmax,
                    CompositeSteps::norm,
                    CompositeSteps::norm,
                    CompositeSteps::loss,
                    CompositeSteps::derivative,
                    CompositeSteps::random,
                    CompositeSteps::halves);

    private CompositeSteps() {}

    private static Optional<Program.Step> softmax(Draft draft) {
        OptionalInt x = draft.real(1);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        int axis = draft.below(draft.shape(x.getAsInt()).rank());
        return draft.once(2)
                ? step("{0}.softmax(" + axis + ")", in -> in.getFirst().softmax(axis), x)
                : step("{0}.logSoftmax(" + axis + ")", in -> in.getFirst().logSoftmax(axis), x);
    }

    private static Optional<Program.Step> norm(Draft draft) {
        OptionalInt x = draft.real(1);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        Shape shape = draft.shape(x.getAsInt());
        DType dtype = draft.type(x.getAsInt()).dtype();
        int last = shape.dim(shape.rank() - 1);
        OptionalInt weight =
                draft.line(type -> type.dtype() == dtype && type.shape().equals(Shape.of(last)));
        if (weight.isPresent() && draft.once(2)) {
            return step(
                    "{0}.layerNorm(1, Optional.of({1}), Optional.of({1}), 1e-3)",
                    in ->
                            in.get(0)
                                    .layerNorm(
                                            1,
                                            Optional.of(in.get(1)),
                                            Optional.of(in.get(1)),
                                            1e-3),
                    x,
                    weight);
        }
        int dims = draft.between(1, shape.rank());
        return switch (draft.below(5)) {
            case 0 ->
                    step(
                            "{0}.layerNorm(%d, Optional.empty(), Optional.empty(), 1e-3)"
                                    .formatted(dims),
                            in ->
                                    in.getFirst()
                                            .layerNorm(
                                                    dims, Optional.empty(), Optional.empty(), 1e-3),
                            x);
            case 1 ->
                    step(
                            "{0}.rmsNorm(" + dims + ", Optional.empty(), 1e-3)",
                            in -> in.getFirst().rmsNorm(dims, Optional.empty(), 1e-3),
                            x);
            case 2 ->
                    step(
                            "{0}.batchNorm(Optional.empty(), Optional.empty(), 1e-3).output()",
                            in ->
                                    in.getFirst()
                                            .batchNorm(Optional.empty(), Optional.empty(), 1e-3)
                                            .output(),
                            draft.real(2));
            case 3 ->
                    step(
                            "{0}.groupNorm(1, Optional.empty(), Optional.empty(), 1e-3)",
                            in ->
                                    in.getFirst()
                                            .groupNorm(1, Optional.empty(), Optional.empty(), 1e-3),
                            draft.real(3));
            default ->
                    step(
                            "{0}.localResponseNorm(3, 0.1, 0.75, 1)",
                            in -> in.getFirst().localResponseNorm(3, 0.1, 0.75, 1), draft.real(3));
        };
    }

    private static Optional<Program.Step> loss(Draft draft) {
        OptionalInt x =
                draft.line(type ->
                        type.dtype().isFloating()
                                && type.shape().rank() == 2
                                && type.shape().size() > 0);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        int rows = draft.shape(x.getAsInt()).dim(0);
        int classes = draft.shape(x.getAsInt()).dim(1);
        return switch (draft.below(3)) {
            case 0 ->
                    step(
                            "{0}.crossEntropy({1}.to(DType.I64).remainder(" + classes + "))",
                            in ->
                                    in.get(0)
                                            .crossEntropy(
                                                    in.get(1).to(DType.I64).remainder(classes)),
                            x,
                            draft.line(type -> type.shape().equals(Shape.of(rows))));
            case 1 ->
                    step(
                            "{0}.crossEntropy({0}.softmax(1))",
                            in -> in.get(0).crossEntropy(in.get(0).softmax(1)), x);
            default ->
                    step(
                            "{0}.binaryCrossEntropyWithLogits({0}.sigmoid())",
                            in -> in.get(0).binaryCrossEntropyWithLogits(in.get(0).sigmoid()), x);
        };
    }

    private static Optional<Program.Step> derivative(Draft draft) {
        OptionalInt x = draft.real(1);
        return switch (draft.below(7)) {
            case 0 ->
                    step(
                            "Grad.grad(x -> x.tanh().mul(x).sum()).apply({0})",
                            in -> Grad.grad(v -> v.tanh().mul(v).sum()).apply(in.getFirst()), x);
            case 1 ->
                    step(
                            "Grad.grad(x -> x.softmax(0).square().sum()).apply({0})",
                            in -> Grad.grad(v -> v.softmax(0).square().sum()).apply(in.getFirst()),
                            x);
            case 2 ->
                    step(
                            "Grad.jvp(x -> x.sin().cumsum(0), {0}, {0})",
                            in -> Grad.jvp(v -> v.sin().cumsum(0), in.getFirst(), in.getFirst()),
                            x);
            case 3 ->
                    step(
                            "Grad.hvp(x -> x.sigmoid().square().sum(), {0}, {0})",
                            in ->
                                    Grad.hvp(
                                            v -> v.sigmoid().square().sum(),
                                            in.getFirst(),
                                            in.getFirst()),
                            x);
            case 4 ->
                    step(
                            "Vmap.of(x -> x.sub(x.mean()).exp()).apply({0})",
                            in -> Vmap.of(v -> v.sub(v.mean()).exp()).apply(in.getFirst()), x);
            case 5 ->
                    step(
                            "Grad.checkpoint(x -> List.of(x.get(0).tanh().square()), List.of({0})).getFirst()",
                            in ->
                                    Grad.checkpoint(v -> List.of(v.getFirst().tanh().square()), in)
                                            .getFirst(),
                            x);
            default ->
                    step(
                            "Vmap.of(x -> x.amax().add(x)).apply({0})",
                            in -> Vmap.of(v -> v.amax().add(v)).apply(in.getFirst()), x);
        };
    }

    private static Optional<Program.Step> random(Draft draft) {
        OptionalInt x = draft.line(type -> type.dtype() == DType.F32);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        int seed = draft.below(5);
        int[] dims = draft.shape(x.getAsInt()).dims();
        return switch (draft.below(7)) {
            case 4 ->
                    step(
                            "Key.of(" + seed + ").categorical({0})",
                            in -> Key.of(seed).categorical(in.getFirst()),
                            draft.real(1));
            case 5 ->
                    step(
                            "{0}.indexSelect(0, Key.of(" + seed + ").permutation({0}.dim(0)))",
                            in ->
                                    in.getFirst()
                                            .indexSelect(
                                                    0,
                                                    Key.of(seed)
                                                            .permutation(
                                                                    in.getFirst().shape().dim(0))),
                            draft.any(1));
            case 6 ->
                    step(
                            "2 times {0}.add(Key.of(" + seed + ").fold(i).normal(..))",
                            in -> {
                                Tensor v = in.getFirst();
                                for (int i = 0; i < 2; i++) {
                                    v = v.add(Key.of(seed).fold(i).normal(dims));
                                }
                                return v;
                            },
                            x);
            case 0 ->
                    step(
                            "{0}.add(Key.of(" + seed + ").uniform({0}.shape().dims()))",
                            in -> in.getFirst().add(Key.of(seed).uniform(dims)),
                            x);
            case 1 ->
                    step(
                            "{0}.mul(Key.of(" + seed + ").fold(3).normal({0}.shape().dims()))",
                            in -> in.getFirst().mul(Key.of(seed).fold(3).normal(dims)),
                            x);
            case 2 ->
                    step(
                            "Key.of(" + seed + ").dropout({0}, 0.3)",
                            in -> Key.of(seed).dropout(in.getFirst(), 0.3),
                            x);
            default ->
                    step(
                            "Key.of(" + seed + ").bernoulli(0.5, {0}.shape().dims())",
                            in -> Key.of(seed).bernoulli(0.5, dims),
                            x);
        };
    }

    private static Optional<Program.Step> halves(Draft draft) {
        OptionalInt x =
                draft.line(type ->
                        type.dtype().isFloating()
                                && type.shape().rank() > 0
                                && type.shape().dim(0) % 2 == 0);
        return step("{0}.glu(0)", in -> in.getFirst().glu(0), x);
    }
}
