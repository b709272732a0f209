package org.gemel.testkit.programs;

import static org.gemel.testkit.programs.Draft.step;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BinaryOperator;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.nn.Attention;
import org.gemel.nn.Cells;
import org.gemel.nn.Losses;
import org.gemel.nn.MultiHeadAttention;
import org.gemel.nn.Recurrent;
import org.gemel.nn.Reduction;
import org.gemel.nn.VectorLosses;

/// Steps that are layers and losses of neural networks, and assignments to weights.
final class LayerSteps {
    static final List<Maker> ALL =
            List.of(
                    LayerSteps::recurrent,
                    LayerSteps::attention,
                    LayerSteps::attention,
                    LayerSteps::heads,
                    LayerSteps::loss,
                    LayerSteps::loss,
                    LayerSteps::vectors,
                    LayerSteps::assign,
                    LayerSteps::assign,
                    LayerSteps::assign);

    /// A function of two tensors of one type, and how it is written.
    private record Pair(String text, BinaryOperator<Tensor> f) {}

    private static final List<Pair> LOSSES =
            List.of(
                    new Pair(
                            "Losses.meanSquare({0}, {1}, Reduction.MEAN)",
                            (x, y) -> Losses.meanSquare(x, y, Reduction.MEAN)),
                    new Pair(
                            "Losses.absolute({0}, {1}, Reduction.SUM)",
                            (x, y) -> Losses.absolute(x, y, Reduction.SUM)),
                    new Pair(
                            "Losses.huber({0}, {1}, 0.7, Reduction.NONE)",
                            (x, y) -> Losses.huber(x, y, 0.7, Reduction.NONE)),
                    new Pair(
                            "Losses.smoothAbsolute({0}, {1}, 0.5, Reduction.MEAN)",
                            (x, y) -> Losses.smoothAbsolute(x, y, 0.5, Reduction.MEAN)),
                    new Pair(
                            "Losses.softMargin({0}, {1}.sign(), Reduction.NONE)",
                            (x, y) -> Losses.softMargin(x, y.sign(), Reduction.NONE)),
                    new Pair(
                            "Losses.poisson({0}, {1}.abs(), Losses.Poisson.USUAL, Reduction.MEAN)",
                            (x, y) ->
                                    Losses.poisson(
                                            x, y.abs(), Losses.Poisson.USUAL, Reduction.MEAN)));

    private LayerSteps() {}

    private static Optional<Program.Step> recurrent(Draft draft) {
        OptionalInt found =
                draft.line(type ->
                        type.dtype() == DType.F32
                                && type.shape().rank() == 3
                                && type.shape().dim(0) <= 7
                                && type.shape().size() > 0);
        OptionalInt x =
                found.isPresent()
                        ? found
                        : draft.input(
                                DType.F32,
                                draft.between(1, 4),
                                draft.between(1, 3),
                                draft.between(1, 5));
        if (x.isEmpty()) {
            return Optional.empty();
        }
        Shape shape = draft.shape(x.getAsInt());
        Cells.Kind kind = draft.one(List.of(Cells.Kind.values()));
        int size = draft.between(1, 4);
        int rows = kind.gates() * size;
        OptionalInt input = draft.input(DType.F32, rows, shape.dim(2));
        OptionalInt state = draft.input(DType.F32, rows, size);
        OptionalInt bias = draft.input(DType.F32, rows);
        TensorType start = TensorType.of(DType.F32, 1, shape.dim(1), size);
        Recurrent.Settings settings = Recurrent.Settings.of(kind);
        boolean last = draft.once(3);
        return step(
                "r = Recurrent.apply({0}, zeros, List.of(new Cells.Weights({1}, {2}, {3}, {3})),"
                        + " Recurrent.Settings.of(%s)); r.%s"
                                .formatted(kind, last ? "states().getLast()" : "output()"),
                in -> {
                    Optional<Tensor> b = Optional.of(in.get(3));
                    Recurrent.Result result =
                            Recurrent.apply(
                                    in.get(0),
                                    java.util.Collections.nCopies(
                                            kind.states(), Tensor.full(start, 0)),
                                    List.of(new Cells.Weights(in.get(1), in.get(2), b, b)),
                                    settings);
                    return last ? result.states().getLast() : result.output();
                },
                x,
                input,
                state,
                bias);
    }

    private static Optional<Program.Step> attention(Draft draft) {
        OptionalInt q =
                draft.line(type ->
                        type.dtype().isFloating()
                                && type.shape().rank() >= 2
                                && type.shape().size() > 0);
        if (q.isEmpty()) {
            return Optional.empty();
        }
        OptionalInt k = draft.line(draft.type(q.getAsInt())::equals);
        return switch (draft.below(3)) {
            case 0 ->
                    step(
                            "Attention.scaledDotProduct({0}, {1}, {0}, Attention.Settings.ALL)",
                            in ->
                                    Attention.scaledDotProduct(
                                            in.get(0),
                                            in.get(1),
                                            in.get(0),
                                            Attention.Settings.ALL),
                            q,
                            k);
            case 1 ->
                    step(
                            "Attention.scaledDotProduct({0}, {1}, {1}, Attention.Settings.CAUSAL)",
                            in ->
                                    Attention.scaledDotProduct(
                                            in.get(0),
                                            in.get(1),
                                            in.get(1),
                                            Attention.Settings.CAUSAL),
                            q,
                            k);
            default ->
                    step(
                            "Attention.rotate({0}, 100, 1)",
                            in -> Attention.rotate(in.getFirst(), 100, 1), q);
        };
    }

    private static Optional<Program.Step> heads(Draft draft) {
        OptionalInt x =
                draft.line(type ->
                        type.dtype() == DType.F32
                                && type.shape().rank() >= 2
                                && type.shape().size() > 0
                                && type.shape().dim(-1) <= 9);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        int size = draft.shape(x.getAsInt()).dim(-1);
        int heads = size % 2 == 0 ? 2 : 1;
        OptionalInt in1 = draft.input(DType.F32, 3 * size, size);
        OptionalInt out1 = draft.input(DType.F32, size, size);
        return step(
                "MultiHeadAttention.apply(List.of({0}, {0}, {0}), {1}, Optional.empty(), {2},"
                        + " Optional.empty(), %d, Attention.Settings.ALL)".formatted(heads),
                in ->
                        MultiHeadAttention.apply(
                                List.of(in.get(0), in.get(0), in.get(0)),
                                in.get(1),
                                Optional.empty(),
                                in.get(2),
                                Optional.empty(),
                                heads,
                                Attention.Settings.ALL),
                x,
                in1,
                out1);
    }

    private static Optional<Program.Step> loss(Draft draft) {
        OptionalInt x = draft.line(type -> type.dtype().isFloating() && type.shape().size() > 0);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        OptionalInt y = draft.line(draft.type(x.getAsInt())::equals);
        Pair loss = draft.one(LOSSES);
        return step(loss.text(), in -> loss.f().apply(in.get(0), in.get(1)), x, y);
    }

    private static Optional<Program.Step> vectors(Draft draft) {
        OptionalInt x =
                draft.line(type ->
                        type.dtype().isFloating()
                                && type.shape().rank() > 0
                                && type.shape().size() > 0);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        OptionalInt y = draft.line(draft.type(x.getAsInt())::equals);
        return switch (draft.below(3)) {
            case 0 ->
                    step(
                            "VectorLosses.cosineSimilarity({0}, {1}, -1, 1e-3)",
                            in -> VectorLosses.cosineSimilarity(in.get(0), in.get(1), -1, 1e-3),
                            x,
                            y);
            case 1 ->
                    step(
                            "VectorLosses.normalize({0}, 2, -1, 1e-3)",
                            in -> VectorLosses.normalize(in.getFirst(), 2, -1, 1e-3), x);
            default ->
                    step(
                            "VectorLosses.pairwiseDistance({0}, {1}, 2, 1e-3)",
                            in -> VectorLosses.pairwiseDistance(in.get(0), in.get(1), 2, 1e-3),
                            x,
                            y);
        };
    }

    // Later lines see the new value, and so does the next run.
    private static Optional<Program.Step> assign(Draft draft) {
        OptionalInt weight = draft.weight();
        if (weight.isEmpty()) {
            return Optional.empty();
        }
        TensorType type = draft.type(weight.getAsInt());
        OptionalInt with = draft.line(type::equals);
        return (draft.once(2)
                        ? step(
                                "{0}.mul(0.9).add({1}.mul(0.1))",
                                in -> in.get(0).mul(0.9).add(in.get(1).mul(0.1)), weight, with)
                        : step("{0}.sub({1})", in -> in.get(0).sub(in.get(1)), weight, with))
                .map(Program.Step::assigning);
    }
}
