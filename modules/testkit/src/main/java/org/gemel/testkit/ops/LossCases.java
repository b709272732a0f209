package org.gemel.testkit.ops;

import static org.gemel.testkit.ops.OpCase.op;
import static org.gemel.testkit.ops.OpCase.ops;
import static org.gemel.testkit.ops.Operand.index;
import static org.gemel.testkit.ops.Operand.x;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gemel.Gemel;
import org.gemel.Tensor;
import org.gemel.nn.ClassLosses;
import org.gemel.nn.Losses;
import org.gemel.nn.Reduction;
import org.gemel.nn.VectorLosses;
import org.gemel.op.Samples;

/// Losses.
final class LossCases {
    private static final Samples SHARES = new Samples(0.1, 0.9, 0);
    private static final Reduction MEAN = Reduction.MEAN;
    private static final Reduction NONE = Reduction.NONE;
    private static final Reduction SUM = Reduction.SUM;

    private LossCases() {}

    static List<OpCase> rows() {
        List<OpCase> rows = new ArrayList<>(elements());
        rows.addAll(classes());
        rows.addAll(vectors());
        return rows;
    }

    private static List<OpCase> elements() {
        return List.of(
                op("meanSquare", (x, t) -> Losses.meanSquare(x, t, MEAN), x("3 n"), x("3 n")),
                op("absolute", (x, t) -> Losses.absolute(x, t, SUM), x("3 n"), x("3 n")),
                op("huber", (x, t) -> Losses.huber(x, t, 0.7, NONE), x("3 n"), x("3 n")),
                op(
                        "smoothAbsolute",
                        (x, t) -> Losses.smoothAbsolute(x, t, 0.7, MEAN),
                        x("3 n"),
                        x("3 n")),
                op(
                        "binaryCrossEntropy",
                        (x, t) -> Losses.binaryCrossEntropy(x, t, Optional.empty(), MEAN),
                        x(SHARES, "3 n"),
                        x(SHARES, "3 n")),
                op(
                        "binaryCrossEntropyWithLogits",
                        Tensor::binaryCrossEntropyWithLogits,
                        x("3 n"),
                        x(SHARES, "3 n")),
                op(
                        "binaryCrossEntropyWithLogits weighed",
                        (x, t, w) ->
                                Losses.binaryCrossEntropyWithLogits(
                                        x, t, Optional.of(w), Optional.of(w), NONE),
                        x("3 n"),
                        x(SHARES, "3 n"),
                        x(Samples.POSITIVE, "n")),
                op(
                        "divergence",
                        (x, t) -> Losses.divergence(x, t, false, Reduction.BATCH_MEAN),
                        x("n 3"),
                        x(SHARES, "n 3")),
                op(
                        "divergence of logarithms",
                        (x, t) -> Losses.divergence(x, t, true, SUM),
                        x("3 n"),
                        x("3 n")),
                op(
                        "poisson",
                        (x, t) -> Losses.poisson(x, t, Losses.Poisson.USUAL, MEAN),
                        x("3 n"),
                        x(Samples.POSITIVE, "3 n")),
                op(
                        "gaussian",
                        (x, t, v) -> Losses.gaussian(x, t, v, true, 1e-6, MEAN),
                        x("3 n"),
                        x("3 n"),
                        x(Samples.POSITIVE, "3 n")),
                op(
                        "hingeEmbedding",
                        (x, t) -> Losses.hingeEmbedding(x, t, 1, MEAN),
                        x("3 n"),
                        x("3 n")),
                op(
                        "marginRanking",
                        (a, b, t) -> Losses.marginRanking(a, b, t, 0.5, MEAN),
                        x("3 n"),
                        x("3 n"),
                        x("3 n")),
                op("softMargin", (x, t) -> Losses.softMargin(x, t, MEAN), x("3 n"), x("3 n")),
                op(
                        "multiLabelSoftMargin",
                        (x, t, w) -> Losses.multiLabelSoftMargin(x, t, Optional.of(w), MEAN),
                        x("n 3"),
                        x(SHARES, "n 3"),
                        x("3")));
    }

    private static List<OpCase> classes() {
        ClassLosses.Settings smooth = new ClassLosses.Settings(Optional.empty(), 1, 0.1);
        return List.of(
                op("crossEntropy", Tensor::crossEntropy, x("n 4"), index("4", "n"))
                        .onnx("SoftmaxCrossEntropyLoss"),
                op("crossEntropy of classes", Tensor::crossEntropy, x("3 n"), index("n", "3"))
                        .from(1),
                op("crossEntropy of shares", Tensor::crossEntropy, x("n 3"), x(SHARES, "n 3")),
                op(
                        "crossEntropy smoothed",
                        (x, t) -> ClassLosses.crossEntropy(x, t, smooth, NONE),
                        x("n 4"),
                        index("4", "n")),
                op(
                                "negativeLogLikelihood",
                                (x, t) ->
                                        ClassLosses.negativeLogLikelihood(
                                                x, t, ClassLosses.Settings.USUAL, MEAN),
                                x("n 4"),
                                index("4", "n"))
                        .onnx("NegativeLogLikelihoodLoss"),
                op(
                                "ctc",
                                (x, t) ->
                                        ClassLosses.ctc(
                                                x, t, lengths(5, 4), lengths(2, 2), 0, true, NONE),
                                x("5 2 n"),
                                index("n", "2 2"))
                        .from(1)
                        .upTo(207),
                op(
                        "multiMargin",
                        (x, t) -> ClassLosses.multiMargin(x, t, 1, 1, Optional.empty(), MEAN),
                        x("n 4"),
                        index("4", "n")),
                op(
                        "multiLabelMargin",
                        (x, t) -> ClassLosses.multiLabelMargin(x, t.sub(1), MEAN),
                        x("n 4"),
                        index("5", "n 4")));
    }

    private static Tensor lengths(long... each) {
        return Gemel.tensor(each, each.length);
    }

    private static List<OpCase> vectors() {
        return List.of(
                op(
                        "cosineSimilarity",
                        (a, b) -> VectorLosses.cosineSimilarity(a, b, 1, 1e-3),
                        x("3 n"),
                        x("3 n")),
                op(
                        "pairwiseDistance",
                        (a, b) -> VectorLosses.pairwiseDistance(a, b, 2, 1e-3),
                        x("3 n"),
                        x("3 n")),
                op(
                        "cosineEmbedding",
                        (a, b, t) -> VectorLosses.cosineEmbedding(a, b, t.detach(), 0.1, MEAN),
                        x("n 3"),
                        x("n 3"),
                        x("n")),
                ops(
                        "tripletMargin",
                        in ->
                                List.of(
                                        VectorLosses.tripletMargin(
                                                in.get(0),
                                                in.get(1),
                                                in.get(2),
                                                VectorLosses.Triplet.USUAL,
                                                NONE)),
                        x("n 3"),
                        x("n 3"),
                        x("n 3")));
    }
}
