package org.gemel.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.IntBinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.Gemel;
import org.gemel.GemelException;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.nn.Attention;
import org.gemel.nn.Cells;
import org.gemel.nn.Modules;
import org.gemel.nn.MultiHeadAttention;
import org.gemel.nn.Recurrent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Attention and recurrent layers.
class SequencesTest {
    private static Tensor numbers(double phase, int... dims) {
        double[] all = new double[Math.toIntExact(Shape.of(dims).size())];
        Arrays.setAll(all, i -> Math.sin(phase + 1.3 * i));
        return Gemel.tensor(all, dims);
    }

    private static Cells.Weights weights(Cells.Kind kind, int inputs, int size, boolean bias) {
        int rows = kind.gates() * size;
        return new Cells.Weights(
                numbers(0.1, rows, inputs),
                numbers(0.7, rows, size),
                bias ? Optional.of(numbers(0.4, rows)) : Optional.empty(),
                bias ? Optional.of(numbers(0.9, rows)) : Optional.empty());
    }

    @ParameterizedTest
    @EnumSource
    void derivativesOfCellsAgreeWithDifferences(Cells.Kind kind) {
        Cells.Weights w = weights(kind, 2, 3, true);
        List<Tensor> at = new ArrayList<>(List.of(numbers(0.3, 2, 2), w.input(), w.state()));
        at.addAll(Collections.nCopies(kind.states(), numbers(2, 2, 3)));
        UnaryOperator<List<Tensor>> f =
                in ->
                        kind.step(
                                in.get(0),
                                in.subList(3, in.size()),
                                new Cells.Weights(
                                        in.get(1), in.get(2), w.inputBias(), w.stateBias()));
        for (Modes mode : Modes.values()) {
            new GradCheck(mode, 1e-5, 1e-5).check(f, at);
        }
    }

    // Cell by cell, in plain loops over layers and steps.
    @ParameterizedTest
    @EnumSource
    void sequencesAreTheirCells(Cells.Kind kind) {
        int size = 3;
        for (boolean bias : new boolean[] {true, false}) {
            Cells.Weights forth = weights(kind, 2, size, bias);
            Cells.Weights back = weights(kind, 2, size, bias);
            Cells.Weights above = weights(kind, 2 * size, size, bias);
            Tensor x = numbers(0.5, 4, 2, 2);
            List<Tensor> zeros =
                    Collections.nCopies(kind.states(), Tensor.full(numbers(0, 2, size).type(), 0));
            List<Tensor> low = new ArrayList<>();
            List<Tensor> forward = outputs(kind, x, zeros, forth, false);
            List<Tensor> backward = outputs(kind, x, zeros, back, true);
            for (int t = 0; t < 4; t++) {
                low.add(Tensor.concat(List.of(forward.get(t), backward.get(t)), 1).unsqueeze(0));
            }
            Tensor middle = Tensor.concat(low, 0);
            List<Tensor> high = outputs(kind, middle, zeros, above, false);
            Tensor start = Tensor.full(numbers(0, 4, 2, size).type(), 0);
            var settings = new Recurrent.Settings(kind, 2, true, bias, true);
            Recurrent.Result result =
                    Recurrent.apply(
                            x.permute(1, 0, 2),
                            Collections.nCopies(kind.states(), start),
                            List.of(forth, back, above, above),
                            settings);
            assertEquals(Shape.of(2, 4, 2 * size), result.output().shape());
            assertEquals(kind.states(), result.states().size());
            assertEquals(Shape.of(4, 2, size), result.states().getFirst().shape());
            for (int t = 0; t < 4; t++) {
                Tensor found = result.output().slice(1, t, t + 1, 1).slice(2, 0, size, 1);
                assertArrayEquals(high.get(t).toDoubleArray(), found.toDoubleArray(), 1e-12);
            }
        }
    }

    private static List<Tensor> outputs(
            Cells.Kind kind, Tensor x, List<Tensor> start, Cells.Weights w, boolean backwards) {
        Tensor[] all = new Tensor[4];
        List<Tensor> states = start;
        for (int i = 0; i < 4; i++) {
            int t = backwards ? 3 - i : i;
            states = kind.step(x.slice(0, t, t + 1, 1).squeeze(0), states, w);
            all[t] = states.getFirst();
        }
        return List.of(all);
    }

    @Test
    void layersHaveTheirParameters() {
        var settings = new Recurrent.Settings(Cells.Kind.LSTM, 2, true, true, false);
        var lstm = Modules.init(new Recurrent(3, 5, settings), Gemel.key(1));
        assertEquals(16, lstm.parameters().size());
        assertEquals(Shape.of(20, 10), lstm.parameters().get(8).type().shape());
        assertEquals(Shape.of(7, 2, 10), lstm.forward(Gemel.ones(7, 2, 3)).shape());
        var attention = Modules.init(new MultiHeadAttention(8, 2), Gemel.key(1));
        assertEquals(Shape.of(2, 5, 8), attention.forward(Gemel.ones(2, 5, 8)).shape());
    }

    // ---- attention

    private static double[] attention(
            Tensor q, Tensor k, Tensor v, double scale, IntBinaryOperator sees) {
        double[] a = q.toDoubleArray();
        double[] b = k.toDoubleArray();
        double[] c = v.toDoubleArray();
        int n = q.shape().dim(0);
        int m = k.shape().dim(0);
        int d = q.shape().dim(1);
        double[] out = new double[n * d];
        for (int i = 0; i < n; i++) {
            double[] e = new double[m];
            double sum = 0;
            for (int j = 0; j < m; j++) {
                double dot = 0;
                for (int p = 0; p < d; p++) {
                    dot += a[i * d + p] * b[j * d + p];
                }
                e[j] = sees.applyAsInt(i, j) == 1 ? Math.exp(dot * scale) : 0;
                sum += e[j];
            }
            for (int j = 0; j < m && sum > 0; j++) {
                for (int p = 0; p < d; p++) {
                    out[i * d + p] += e[j] / sum * c[j * d + p];
                }
            }
        }
        return out;
    }

    @ParameterizedTest
    @EnumSource
    void attentionIsItsFormula(Modes mode) {
        Tensor q = numbers(0.1, 3, 2);
        Tensor k = numbers(0.5, 4, 2);
        Tensor v = numbers(1.5, 4, 2);
        // the second query sees nothing
        Tensor mask =
                Gemel.tensor(
                        new boolean[] {
                            true, false, true, true, false, false, false, false, true, true, true,
                            false
                        },
                        3,
                        4);
        double[] seen = mask.to(DType.I64).toDoubleArray();
        var masked = new Attention.Settings(Optional.of(mask), false, OptionalDouble.of(0.5));
        double usual = 1 / Math.sqrt(2);
        UnaryOperator<List<Tensor>> f =
                in ->
                        List.of(
                                Attention.scaledDotProduct(
                                        in.get(0), in.get(1), in.get(2), Attention.Settings.ALL),
                                Attention.scaledDotProduct(
                                        in.get(0), in.get(1), in.get(2), Attention.Settings.CAUSAL),
                                Attention.scaledDotProduct(
                                        in.get(0), in.get(1), in.get(2), masked));
        List<Tensor> found = mode.run(f, List.of(q, k, v));
        double[][] wanted = {
            attention(q, k, v, usual, (i, j) -> 1),
            attention(q, k, v, usual, (i, j) -> j <= i ? 1 : 0),
            attention(q, k, v, 0.5, (i, j) -> (int) seen[i * 4 + j])
        };
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(wanted[i], found.get(i).toDoubleArray(), 1e-12);
        }
        new GradCheck(mode, 1e-5, 1e-5).check(f, List.of(q, k, v));
    }

    @Test
    void groupsOfHeadsShareKeys() {
        Tensor q = numbers(0.1, 1, 4, 3, 2);
        Tensor k = numbers(0.5, 1, 2, 3, 2);
        Tensor all = Attention.scaledDotProduct(q, k, k, Attention.Settings.ALL);
        for (int head = 0; head < 4; head++) {
            Tensor own = q.slice(1, head, head + 1, 1);
            Tensor key = k.slice(1, head / 2, head / 2 + 1, 1);
            Tensor one = Attention.scaledDotProduct(own, key, key, Attention.Settings.ALL);
            assertArrayEquals(
                    one.toDoubleArray(), all.slice(1, head, head + 1, 1).toDoubleArray(), 1e-12);
        }
    }

    @Test
    void rotationKeepsLengthsAndTurnsByThePosition() {
        Tensor x = numbers(0.2, 3, 4);
        Tensor turned = Attention.rotate(x, 100, 0);
        assertArrayEquals(
                x.square().sum(1).toDoubleArray(), turned.square().sum(1).toDoubleArray(), 1e-12);
        double[] a = x.toDoubleArray();
        double angle = 2 * Math.pow(100, -0.5);
        assertEquals(
                a[10] * Math.cos(angle) - a[11] * Math.sin(angle),
                turned.toDoubleArray()[10],
                1e-12);
        assertArrayEquals(
                Attention.rotate(x, 100, 3).toDoubleArray(),
                Attention.rotate(x, 100, Gemel.tensor(new long[] {3, 4, 5}, 3)).toDoubleArray());
    }

    static Stream<Object[]> errors() {
        return Stream.of(
                new Object[] {
                    "attention: expects queries [.., n, size] and keys [.., m, size], but got f64[3,"
                            + " 2] and f64[3, 4]; project them to one size",
                    (Runnable)
                            () ->
                                    Attention.scaledDotProduct(
                                            numbers(0, 3, 2),
                                            numbers(0, 3, 4),
                                            numbers(0, 3, 4),
                                            Attention.Settings.ALL)
                },
                new Object[] {
                    "attention: expects a number of query heads that the others' divides, but got"
                            + " f64[3, 2, 2] and f64[2, 2, 2]; use one that fits",
                    (Runnable)
                            () ->
                                    Attention.scaledDotProduct(
                                            numbers(0, 3, 2, 2),
                                            numbers(0, 2, 2, 2),
                                            numbers(0, 2, 2, 2),
                                            Attention.Settings.ALL)
                },
                new Object[] {
                    "rotate: expects [.., positions, d] with even d, but got f64[2, 3]; use an even"
                            + " size",
                    (Runnable) () -> Attention.rotate(numbers(0, 2, 3), 10_000, 0)
                },
                new Object[] {
                    "rotate: expects a whole number for each of 2 positions, but got i64[3]; reshape"
                            + " or convert them",
                    (Runnable)
                            () ->
                                    Attention.rotate(
                                            numbers(0, 2, 4), 100, Gemel.tensor(new long[3], 3))
                },
                new Object[] {
                    "attention: expects heads that divide the size, but got 3 heads of size 8; use"
                            + " sizes such as 8 and 64",
                    (Runnable) () -> new MultiHeadAttention(8, 3)
                },
                new Object[] {
                    "recurrent: expects [steps, batch, inputs], or the batch first, but got f32[3,"
                            + " 2]; add a dimension of size 1 for a batch of one",
                    (Runnable)
                            () ->
                                    Modules.init(
                                                    new Recurrent(
                                                            2,
                                                            2,
                                                            Recurrent.Settings.of(Cells.Kind.GRU)),
                                                    Gemel.key(1))
                                            .forward(Gemel.ones(3, 2))
                });
    }

    @ParameterizedTest
    @MethodSource("errors")
    void whatDoesNotFitIsRefused(String message, Runnable program) {
        String found = assertThrows(GemelException.class, program::run).getMessage();
        assertEquals(message, found.lines().findFirst().orElse("").replaceAll("  at .*", ""));
    }
}
