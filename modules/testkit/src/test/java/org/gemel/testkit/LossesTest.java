package org.gemel.testkit;

import static org.gemel.nn.Reduction.MEAN;
import static org.gemel.nn.Reduction.NONE;
import static org.gemel.nn.Reduction.SUM;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.gemel.Gemel;
import org.gemel.GemelException;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.nn.ClassLosses;
import org.gemel.nn.Losses;
import org.gemel.nn.Reduction;
import org.gemel.nn.VectorLosses;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LossesTest {
    private static final Tensor X = of(3, 2, 0.4, -0.7, 1.3, 0.2, -1.1, 2.1);
    private static final Tensor T = of(3, 2, 0.9, 0.1, -0.4, 1.5, 0.3, 0.6);
    private static final Tensor P = of(3, 2, 0.2, 0.7, 0.4, 0.9, 0.3, 0.6);
    private static final Tensor SIGNS = of(3, 2, 1, -1, -1, 1, 1, -1);
    private static final Tensor LABELS = Gemel.tensor(new long[] {1, 0, 1}, 3);
    private static final Tensor W = Gemel.tensor(new double[] {0.5, 2}, 2);

    private static Tensor of(int rows, int columns, double... all) {
        return Gemel.tensor(all, rows, columns);
    }

    /// A loss, where it is checked, and what one element of it is there.
    record Case(String name, UnaryOperator<List<Tensor>> f, List<Tensor> at, double[] wanted) {
        @Override
        public String toString() {
            return name;
        }
    }

    /// A loss of some tensors.
    interface Loss {
        Tensor of(List<Tensor> in);
    }

    private static Case of(String name, Loss loss, List<Tensor> at, double... wanted) {
        return new Case(name, in -> List.of(loss.of(in)), at, wanted);
    }

    private static double logistic(double x) {
        return Math.log1p(Math.exp(x));
    }

    static Stream<Case> cases() {
        Optional<Tensor> none = Optional.empty();
        double p0 = Math.exp(0.4) / (Math.exp(0.4) + Math.exp(-0.7));
        var weighted = new ClassLosses.Settings(Optional.of(W), -100, 0.2);
        var ignoring = new ClassLosses.Settings(Optional.empty(), 0, 0);
        return Stream.of(
                of(
                        "square",
                        in -> Losses.meanSquare(in.get(0), in.get(1), NONE),
                        List.of(X, T),
                        0.25),
                of(
                        "absolute",
                        in -> Losses.absolute(in.get(0), in.get(1), NONE),
                        List.of(X, T),
                        0.5),
                of(
                        "huber",
                        in -> Losses.huber(in.get(0), in.get(1), 0.6, NONE),
                        List.of(X, T),
                        0.125,
                        0.6 * (0.8 - 0.3)),
                of(
                        "smooth",
                        in -> Losses.smoothAbsolute(in.get(0), in.get(1), 0.6, NONE),
                        List.of(X, T),
                        0.125 / 0.6,
                        0.8 - 0.3),
                of(
                        "probabilities",
                        in -> Losses.binaryCrossEntropy(in.get(0), in.get(1), Optional.of(W), NONE),
                        List.of(P, T),
                        -0.5 * (0.9 * Math.log(0.2) + 0.1 * Math.log(0.8))),
                of(
                        "logits",
                        in ->
                                Losses.binaryCrossEntropyWithLogits(
                                        in.get(0), in.get(1), none, none, NONE),
                        List.of(X, P),
                        logistic(0.4) - 0.2 * 0.4),
                of(
                        "weighted logits",
                        in ->
                                Losses.binaryCrossEntropyWithLogits(
                                        in.get(0), in.get(1), Optional.of(W), Optional.of(W), NONE),
                        List.of(X, P),
                        0.5 * (0.2 * 0.5 * logistic(-0.4) + 0.8 * logistic(0.4))),
                of(
                        "divergence",
                        in -> Losses.divergence(in.get(0), in.get(1), false, NONE),
                        List.of(X, P),
                        0.2 * (Math.log(0.2) - 0.4)),
                of(
                        "divergence of logarithms",
                        in -> Losses.divergence(in.get(0), in.get(1), true, NONE),
                        List.of(X, T),
                        Math.exp(0.9) * 0.5),
                of(
                        "poisson",
                        in -> Losses.poisson(in.get(0), in.get(1), Losses.Poisson.USUAL, NONE),
                        List.of(X, T),
                        Math.exp(0.4) - 0.36),
                of(
                        "poisson of rates",
                        in ->
                                Losses.poisson(
                                        in.get(0),
                                        in.get(1),
                                        new Losses.Poisson(false, true, 1e-8),
                                        NONE),
                        List.of(P, of(3, 2, 3, 0.5, 2, 4, 0, 7)),
                        0.2
                                - 3 * Math.log(0.2 + 1e-8)
                                + 3 * Math.log(3)
                                - 3
                                + 0.5 * Math.log(6 * Math.PI),
                        0.7 - 0.5 * Math.log(0.7 + 1e-8)),
                of(
                        "gaussian",
                        in -> Losses.gaussian(in.get(0), in.get(1), in.get(2), true, 1e-6, NONE),
                        List.of(X, T, P),
                        0.5 * (Math.log(0.2) + 0.25 / 0.2) + 0.5 * Math.log(2 * Math.PI)),
                of(
                        "gaussian by rows",
                        in -> Losses.gaussian(in.get(0), in.get(1), in.get(2), false, 1e-6, SUM),
                        List.of(X, T, Gemel.tensor(new double[] {0.5, 0.7, 2}, 3))),
                of(
                        "hinge",
                        in -> Losses.hingeEmbedding(in.get(0), SIGNS, 0.6, NONE),
                        List.of(X),
                        0.4,
                        1.3),
                of(
                        "ranking",
                        in -> Losses.marginRanking(in.get(0), in.get(1), SIGNS, 0.3, NONE),
                        List.of(X, T),
                        0.8,
                        0),
                of(
                        "soft margin",
                        in -> Losses.softMargin(in.get(0), SIGNS, NONE),
                        List.of(X),
                        logistic(-0.4)),
                of(
                        "labels' soft margin",
                        in ->
                                Losses.multiLabelSoftMargin(
                                        in.get(0), in.get(1), Optional.of(W), NONE),
                        List.of(X, P),
                        0.5
                                * (0.5 * (0.2 * logistic(-0.4) + 0.8 * logistic(0.4))
                                        + 2 * (0.7 * logistic(0.7) + 0.3 * logistic(-0.7)))),
                of(
                        "cosine embedding",
                        in ->
                                VectorLosses.cosineEmbedding(
                                        in.get(0),
                                        in.get(1),
                                        Gemel.tensor(new double[] {1, -1, -1}, 3),
                                        -0.9,
                                        NONE),
                        List.of(X, T),
                        1 - (0.36 - 0.07) / Math.sqrt(0.65 * 0.82)),
                of(
                        "triplet",
                        in ->
                                VectorLosses.tripletMargin(
                                        in.get(0),
                                        in.get(1),
                                        in.get(2),
                                        new VectorLosses.Triplet(2, 3, 1e-6, true),
                                        MEAN),
                        List.of(X, T, of(3, 2, 0.2, 0.7, 0.4, 0.9, -0.5, 0.1))),
                of(
                        "cosine",
                        in -> VectorLosses.cosineSimilarity(in.get(0), in.get(1), 1, 1e-8),
                        List.of(X, T),
                        (0.36 - 0.07) / Math.sqrt(0.65 * 0.82)),
                of(
                        "normalize",
                        in -> VectorLosses.normalize(in.get(0), 2, 1, 1e-12),
                        List.of(X),
                        0.4 / Math.sqrt(0.65)),
                of(
                        "cross entropy",
                        in -> ClassLosses.crossEntropy(in.get(0), LABELS, weighted, NONE),
                        List.of(X),
                        -0.8 * 2 * Math.log(1 - p0)
                                - 0.1 * (0.5 * Math.log(p0) + 2 * Math.log(1 - p0))),
                of(
                        "cross entropy, ignoring",
                        in -> ClassLosses.crossEntropy(in.get(0), LABELS, ignoring, MEAN),
                        List.of(X),
                        (-Math.log(1 - p0) + logistic(-3.2)) / 2),
                of(
                        "cross entropy of probabilities",
                        in -> ClassLosses.crossEntropy(in.get(0), in.get(1), weighted, MEAN),
                        List.of(X, P)),
                of(
                        "likelihood",
                        in -> ClassLosses.negativeLogLikelihood(in.get(0), LABELS, weighted, MEAN),
                        List.of(X),
                        (2 * 0.7 - 0.5 * 1.3 - 2 * 2.1) / 4.5),
                of(
                        "margins",
                        in ->
                                ClassLosses.multiMargin(
                                        in.get(0), LABELS, 2, 1.2, Optional.of(W), NONE),
                        List.of(X),
                        2 * Math.pow(1.2 + 0.7 + 0.4, 2) / 2),
                of(
                        "labels' margins",
                        in ->
                                ClassLosses.multiLabelMargin(
                                        in.get(0),
                                        Gemel.tensor(new long[] {1, -1, -1, 0, 0, 1}, 3, 2),
                                        NONE),
                        List.of(X),
                        (1 + 0.7 + 0.4) / 2,
                        0,
                        0));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void meansItsFormulaAndSoDoItsDerivatives(Case c) {
        for (Modes mode : Modes.values()) {
            double[] found = mode.run(c.f(), c.at()).getFirst().toDoubleArray();
            double[] start = Arrays.copyOf(found, c.wanted().length);
            assertArrayEquals(c.wanted(), start, 1e-9, mode.toString());
            new GradCheck(mode, 1e-5, 1e-5).check(c.f(), c.at());
        }
    }

    @Test
    void reductionsAreTaken() {
        double[] each = Losses.absolute(X, T, NONE).toDoubleArray();
        double sum = Arrays.stream(each).sum();
        assertEquals(sum, Losses.absolute(X, T, SUM).item(), 1e-12);
        assertEquals(sum / 6, Losses.absolute(X, T, MEAN).item(), 1e-12);
        assertEquals(sum / 3, Losses.absolute(X, T, Reduction.BATCH_MEAN).item(), 1e-12);
    }

    @Test
    void certainProbabilitiesCostAHundred() {
        Tensor x = of(1, 2, 0, 1).withGrad();
        Losses.binaryCrossEntropy(x, of(1, 2, 1, 1), Optional.empty(), SUM).backward();
        assertArrayEquals(new double[] {-1 / (double) 1e-12f, 0}, x.grad().toDoubleArray());
        assertEquals(
                100,
                Losses.binaryCrossEntropy(of(1, 1, 0), of(1, 1, 1), Optional.empty(), SUM).item());
    }

    @Test
    void oneExampleNeedsNoBatch() {
        Tensor one = Gemel.tensor(new double[] {0.4, -0.7}, 2);
        Tensor label = Gemel.tensor(new long[] {1});
        var usual = ClassLosses.Settings.USUAL;
        assertEquals(
                logistic(1.1),
                ClassLosses.crossEntropy(one, label.reshape(), usual, NONE).item(),
                1e-12);
    }

    static Stream<Object[]> errors() {
        var usual = ClassLosses.Settings.USUAL;
        return Stream.of(
                new Object[] {
                    "crossEntropy: expects indices from 0 to 1, but got 5 at place 0; check the data",
                    (Runnable)
                            () ->
                                    ClassLosses.crossEntropy(
                                            X, Gemel.tensor(new long[] {5, 0, 0}, 3), usual, MEAN)
                },
                new Object[] {
                    "crossEntropy: expects values [n, classes, ..] and labels i64[n, ..] or"
                            + " probabilities f64[3, 2], but got f64[3, 2] and f64[2]; reshape or"
                            + " convert the targets",
                    (Runnable) () -> ClassLosses.crossEntropy(X, W, usual, MEAN)
                },
                new Object[] {
                    "negativeLogLikelihood: expects values [n, classes, ..] and labels i64[n, ..],"
                            + " but got f64[3, 2] and i64[2]; reshape or convert the targets",
                    (Runnable)
                            () ->
                                    ClassLosses.negativeLogLikelihood(
                                            X, Gemel.tensor(new long[] {0, 0}, 2), usual, MEAN)
                },
                new Object[] {
                    "multiLabelMargin: expects values [n, classes] and labels i64[n, classes], but"
                            + " got f64[3, 2] and i64[3]; end each row of labels by -1",
                    (Runnable) () -> ClassLosses.multiLabelMargin(X, LABELS, MEAN)
                },
                new Object[] {
                    "sub: shapes [3, 2] and [3] do not broadcast: dimension 1 is 2 against 3; reshape"
                            + " one of them, or give the dimension size 1",
                    (Runnable)
                            () ->
                                    Losses.absolute(
                                            X, Tensor.full(X.type().with(Shape.of(3)), 0), MEAN)
                });
    }

    @ParameterizedTest
    @MethodSource("errors")
    void whatDoesNotFitIsRefused(String message, Runnable program) {
        String found = assertThrows(GemelException.class, program::run).getMessage();
        assertEquals(message, found.lines().findFirst().orElse("").replaceAll("  at .*", ""));
    }
}
