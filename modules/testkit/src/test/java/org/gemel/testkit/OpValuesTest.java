package org.gemel.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.Gemel;
import org.gemel.GridSampling;
import org.gemel.GridSampling.Interpolation;
import org.gemel.GridSampling.Outside;
import org.gemel.Linalg;
import org.gemel.Pooling;
import org.gemel.Tensor;
import org.gemel.TypeException;
import org.gemel.nn.ClassLosses;
import org.gemel.nn.Reduction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Values that PyTorch 2.15 gives for the same tensors, in all modes.
class OpValuesTest {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double NAN = Double.NaN;

    private static Tensor f64(double... elements) {
        return Gemel.tensor(elements, elements.length);
    }

    private static Tensor rows(int rows, double... elements) {
        return Gemel.tensor(elements, rows, elements.length / rows);
    }

    /// A computation and what comes of it.
    record Case(String name, Supplier<Tensor> result, double... wanted) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case sampled(
            Interpolation between, Outside outside, boolean aligned, double... wanted) {
        Supplier<Tensor> call =
                () ->
                        Gemel.tensor(new double[] {1, 2, 4, 8, 16, 32}, 1, 1, 2, 3)
                                .gridSample(
                                        Gemel.tensor(
                                                new double[] {-1.2, .1, .3, -.4, .9, 1.7},
                                                1,
                                                1,
                                                3,
                                                2),
                                        new GridSampling(between, outside, aligned));
        return new Case(between + " " + outside + " " + aligned, call, wanted);
    }

    static Stream<Case> cases() {
        Interpolation linear = Interpolation.LINEAR;
        Interpolation cubic = Interpolation.CUBIC;
        Tensor gaps = rows(2, 1, NAN, 3, NAN, NAN, NAN);
        Tensor few = rows(3, 2, 1, 2, 1, 0, 5, 4, 3, NAN, 1, NAN, 1);
        Tensor xs = rows(2, 1, 2, 4, 7, 3, 1, 0, 2);
        Tensor theta = Gemel.tensor(new double[] {1, .5, .1, -.5, 2, 0}, 1, 2, 3);
        List<Tensor> grid = Tensor.meshgrid(List.of(f64(1, 2), f64(3, 4, 5)));
        return Stream.of(
                sampled(linear, Outside.ZEROS, false, 1.04, 4.93, 0),
                sampled(linear, Outside.BORDER, false, 5.2, 4.93, 32),
                sampled(linear, Outside.REFLECTION, false, 5.2, 4.93, 26.4),
                sampled(linear, Outside.ZEROS, true, 3.88, 8.06, 19.76),
                sampled(linear, Outside.REFLECTION, true, 5.82, 8.06, 21.09),
                sampled(Interpolation.NEAREST, Outside.ZEROS, false, 0, 2, 0),
                sampled(Interpolation.NEAREST, Outside.REFLECTION, true, 8, 2, 32),
                sampled(cubic, Outside.ZEROS, false, 0.94544, 5.613141132812, -2.219568),
                sampled(cubic, Outside.BORDER, true, 4.4235545, 7.87934225, 33.725294945313),
                sampled(cubic, Outside.REFLECTION, false, 4.64992, 4.7058173125, 29.38158),
                new Case(
                        "affineGrid",
                        () -> theta.affineGrid(false, 2, 2),
                        new double[] {-.65, -.75, .35, -1.25, -.15, 1.25, .85, .75}),
                new Case(
                        "affineGrid aligned",
                        () -> theta.affineGrid(true, 2, 2),
                        new double[] {-1.4, -1.5, .6, -2.5, -.4, 2.5, 1.6, 1.5}),
                new Case(
                        "erfinv",
                        () -> f64(-.999999, -.5, 1e-9, .3, 1 - 1e-12, 1, -1, 2, NAN).erfinv(),
                        new double[] {
                            -3.458910737275,
                            -.476936276204,
                            8.86226925e-10,
                            .272462714727,
                            5.042031898573,
                            INF,
                            -INF,
                            NAN,
                            NAN
                        }),
                new Case(
                        "logAddExp2",
                        () -> f64(1, 1000, -INF).logAddExp2(f64(2, 1001, -INF)),
                        new double[] {2.584962500721, 1001.584962500721, -INF}),
                new Case("nanSum", () -> gaps.nanSum(1), 4, 0),
                new Case("nanMean", () -> gaps.nanMean(1), 2, NAN),
                new Case("nanMedian", () -> gaps.nanMedian(1).values(), 1, NAN),
                new Case("mode", () -> few.mode(1).values(), 1, 0, 1),
                new Case("mode's place", () -> few.mode(1).indices(), 3, 0, 3),
                new Case(
                        "covariance",
                        () -> Linalg.covariance(xs, 1),
                        new double[] {7, -2.0 / 3, -2.0 / 3, 5.0 / 3}),
                new Case(
                        "correlation",
                        () -> Linalg.correlation(xs),
                        new double[] {1, -.19518001459, -.19518001459, 1}),
                new Case(
                        "renorm",
                        () -> xs.renorm(1, 1, 5),
                        new double[] {1, 2, 4, 3.888888845679, 3, 1, 0, 1.111111098765}),
                new Case("trapezoid", () -> xs.trapezoid(.5, 1), 5, 1.75),
                new Case("trapezoid of places", () -> xs.trapezoid(f64(0, 1, 3, 4), 1), 13, 4),
                new Case(
                        "cumulativeTrapezoid",
                        () -> xs.cumulativeTrapezoid(1, 1),
                        new double[] {1.5, 4.5, 10, 2, 2.5, 3.5}),
                new Case(
                        "vander",
                        () -> Linalg.vander(f64(2, 3), 3, false),
                        new double[] {4, 2, 1, 9, 3, 1}),
                new Case(
                        "blockDiagonal",
                        () -> Linalg.blockDiagonal(rows(1, 1, 2), rows(2, 3, 4)),
                        new double[] {1, 2, 0, 0, 0, 3, 0, 0, 4}),
                new Case("meshgrid", grid::getFirst, 1, 1, 1, 2, 2, 2),
                new Case("meshgrid's last", grid::getLast, 3, 4, 5, 3, 4, 5),
                new Case(
                        "linspace",
                        () -> Tensor.linspace(-1, 2, 5, DType.F64),
                        new double[] {-1, -.25, .5, 1.25, 2}),
                new Case("linspace of one", () -> Tensor.linspace(3, 9, 1, DType.F32), 3),
                new Case("logspace", () -> Tensor.logspace(-1, 2, 4, 2, DType.F32), .5, 1, 2, 4),
                new Case(
                        "lowerTriangleIndices",
                        () -> Tensor.lowerTriangleIndices(2, 3, 0),
                        new double[] {0, 1, 1, 0, 0, 1}),
                new Case(
                        "upperTriangleIndices",
                        () -> Tensor.upperTriangleIndices(2, 3, 1),
                        new double[] {0, 0, 1, 1, 2, 2}),
                new Case("isIn", () -> f64(1, 2, NAN, INF).isIn(f64(INF, NAN, 2)), 0, 1, 0, 1),
                new Case("isIn of nothing", () -> f64(1, 2).isIn(f64()), 0, 0),
                new Case(
                        "isClose",
                        () ->
                                f64(1, 1, INF, INF, NAN)
                                        .isClose(f64(1.1, 1.2, INF, -INF, NAN), 0, .15),
                        new double[] {1, 0, 1, 0, 0}));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isWhatPyTorchGives(Case c) {
        for (Modes mode : Modes.values()) {
            Tensor found = mode.run(_ -> List.of(c.result().get()), List.of()).getFirst();
            assertArrayEquals(
                    c.wanted(), found.to(DType.F64).toDoubleArray(), 1e-11, mode.toString());
        }
    }

    @Test
    void allCloseReadsWhatIsClose() {
        assertTrue(f64(1, 2).allClose(f64(1, 2.001), 1e-3, 0));
        assertFalse(f64(1, 2).allClose(f64(1, 2.01), 1e-3, 0));
        assertTrue(f64(NAN).isClose(f64(NAN), 0, 0, true).toBoolean());
        assertThrows(TypeException.class, () -> f64(1).isClose(f64(1), -1, 0));
    }

    @ParameterizedTest
    @EnumSource
    void unpoolingPutsBackWhatPoolingPicked(Modes mode) {
        Tensor x = Gemel.tensor(new double[] {1, 5, 2, 0, 3, 4, 9, 7, 8, 6, 1, 2}, 1, 1, 3, 4);
        Tensor back =
                mode.run(
                                in -> {
                                    List<Tensor> picked =
                                            in.getFirst()
                                                    .maxPool2dWithIndices(
                                                            Pooling.of(2).ceiling(true));
                                    return List.of(
                                            picked.getFirst().maxUnpool2d(picked.getLast(), 3, 4));
                                },
                                List.of(x))
                        .getFirst();
        assertArrayEquals(new double[] {0, 5, 0, 0, 0, 0, 9, 0, 8, 0, 0, 2}, back.toDoubleArray());
    }

    // ---- connectionist temporal classification, by adding up all sequences

    private static final int STEPS = 4;
    private static final int CLASSES = 3;

    private static List<Integer> collapsed(int[] sequence, int blank) {
        List<Integer> labels = new ArrayList<>();
        for (int t = 0; t < sequence.length; t++) {
            boolean repeated = t > 0 && sequence[t] == sequence[t - 1];
            if (!repeated && sequence[t] != blank) {
                labels.add(sequence[t]);
            }
        }
        return labels;
    }

    private static double probability(double[] logs, int steps, int blank, List<Integer> labels) {
        double sum = 0;
        for (int number = 0; number < Math.pow(CLASSES, steps); number++) {
            int[] sequence = new int[steps];
            double log = 0;
            int rest = number;
            for (int t = 0; t < steps; t++, rest /= CLASSES) {
                sequence[t] = rest % CLASSES;
                log += logs[t * CLASSES + sequence[t]];
            }
            sum += collapsed(sequence, blank).equals(labels) ? Math.exp(log) : 0;
        }
        return sum;
    }

    private static Tensor whole(long... each) {
        return Gemel.tensor(each, each.length);
    }

    @ParameterizedTest
    @EnumSource
    void ctcAddsUpAllSequences(Modes mode) {
        double[] logs = new double[STEPS * CLASSES];
        Arrays.setAll(logs, i -> Math.sin(3 * i) - 1.5);
        Tensor one = Gemel.tensor(logs, STEPS, 1, CLASSES);
        // two the same in a row, two that differ, one in fewer steps, none, and too many
        List<List<Integer>> labels =
                List.of(List.of(2, 2), List.of(2, 0), List.of(0), List.of(), List.of(0, 0));
        long[] steps = {4, 4, 2, 4, 2};
        long[] padded = {2, 2, 2, 0, 0, -7, 9, 9, 0, 0};
        Tensor target = Gemel.tensor(padded, 5, 2);
        Tensor lengths = whole(2, 2, 1, 0, 2);
        Tensor wide = Tensor.concat(List.of(one, one, one, one, one), 1);
        for (Reduction reduction : List.of(Reduction.NONE, Reduction.SUM, Reduction.MEAN)) {
            double[] wanted = new double[5];
            double mean = 0;
            for (int i = 0; i < wanted.length; i++) {
                double p = probability(logs, (int) steps[i], 1, labels.get(i));
                boolean lost = p == 0 && reduction != Reduction.NONE;
                wanted[i] = lost ? 0 : -Math.log(p);
                mean += wanted[i] / Math.max(1, labels.get(i).size()) / wanted.length;
            }
            Tensor found =
                    mode.run(
                                    in ->
                                            List.of(
                                                    ClassLosses.ctc(
                                                            in.get(0),
                                                            in.get(1),
                                                            in.get(2),
                                                            in.get(3),
                                                            1,
                                                            reduction != Reduction.NONE,
                                                            reduction)),
                                    List.of(wide, target, whole(steps), lengths))
                            .getFirst();
            if (reduction == Reduction.NONE) {
                assertArrayEquals(wanted, found.toDoubleArray(), 1e-12);
            } else {
                double sum = Arrays.stream(wanted).sum();
                assertEquals(reduction == Reduction.SUM ? sum : mean, found.item(), 1e-12);
            }
        }
    }
}
