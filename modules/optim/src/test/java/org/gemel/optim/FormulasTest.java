package org.gemel.optim;

import static org.gemel.Gemel.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.gemel.Gemel;
import org.gemel.GemelException;
import org.gemel.Parameter;
import org.gemel.tracer.Mode;
import org.gemel.tracer.Tracer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every optimizer against its formula on one number, and the clipping of gradients.
class FormulasTest {
    private static final double RATE = 0.1;
    private static final int STEPS = 9;

    /// One number's way: from step `t` and gradient `g` to what is added to the number `p`.
    interface Plain {
        double change(int t, double p, double g);
    }

    /// An optimizer and its formula.
    record Case(
            String name, BiFunction<List<Parameter>, Double, Optimizer> optimizer, Plain plain) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case(
                        "sgd dampened",
                        (ps, r) -> new Sgd(ps, r, new Sgd.Settings(0.8, 0.3, 0.1, false, true)),
                        new Plain() {
                            private double b;

                            @Override
                            public double change(int t, double p, double gradient) {
                                double g = -gradient + 0.1 * p;
                                b = t == 1 ? g : 0.8 * b + 0.7 * g;
                                return -RATE * b;
                            }
                        }),
                new Case(
                        "amsgrad",
                        (ps, r) ->
                                new Adam(
                                        ps,
                                        r,
                                        new Adam.Settings(0.8, 0.7, 1e-6, 0.1, true, true, true)),
                        new Plain() {
                            private double m;
                            private double v;
                            private double largest;

                            @Override
                            public double change(int t, double p, double gradient) {
                                m = 0.8 * m - 0.2 * gradient;
                                v = 0.7 * v + 0.3 * gradient * gradient;
                                largest = Math.max(largest, v);
                                double root = Math.sqrt(largest / (1 - Math.pow(0.7, t)));
                                return -RATE * 0.1 * p
                                        - RATE * m / (1 - Math.pow(0.8, t)) / (root + 1e-6);
                            }
                        }),
                new Case(
                        "rmsprop",
                        (ps, r) ->
                                new RmsProp(
                                        ps,
                                        r,
                                        new RmsProp.Settings(0.9, 1e-4, 0.1, 0.5, true, false)),
                        new Plain() {
                            private double v;
                            private double m;
                            private double b;

                            @Override
                            public double change(int t, double p, double gradient) {
                                double g = gradient + 0.1 * p;
                                v = 0.9 * v + 0.1 * g * g;
                                m = 0.9 * m + 0.1 * g;
                                b = 0.5 * b + g / (Math.sqrt(v - m * m) + 1e-4);
                                return -RATE * b;
                            }
                        }),
                new Case(
                        "adagrad",
                        (ps, r) ->
                                new Adagrad(
                                        ps, r, new Adagrad.Settings(0.2, 0.1, 0.3, 1e-5, false)),
                        new Plain() {
                            private double sum = 0.3;

                            @Override
                            public double change(int t, double p, double gradient) {
                                double g = gradient + 0.1 * p;
                                sum += g * g;
                                return -RATE / (1 + (t - 1) * 0.2) * g / (Math.sqrt(sum) + 1e-5);
                            }
                        }),
                new Case(
                        "adadelta",
                        (ps, r) -> new Adadelta(ps, r, new Adadelta.Settings(0.8, 1e-3, 0, true)),
                        new Plain() {
                            private double v;
                            private double u;

                            @Override
                            public double change(int t, double p, double gradient) {
                                double g = -gradient;
                                v = 0.8 * v + 0.2 * g * g;
                                double d = Math.sqrt(u + 1e-3) / Math.sqrt(v + 1e-3) * g;
                                u = 0.8 * u + 0.2 * d * d;
                                return -RATE * d;
                            }
                        }),
                new Case(
                        "adamax",
                        (ps, r) -> new Adamax(ps, r, new Adamax.Settings(0.8, 0.5, 1e-3, 0, false)),
                        new Plain() {
                            private double m;
                            private double u;

                            @Override
                            public double change(int t, double p, double g) {
                                m = 0.8 * m + 0.2 * g;
                                u = Math.max(0.5 * u, Math.abs(g) + 1e-3);
                                return -RATE / (1 - Math.pow(0.8, t)) * m / u;
                            }
                        }),
                new Case(
                        "nadam",
                        (ps, r) ->
                                new NAdam(
                                        ps,
                                        r,
                                        new NAdam.Settings(0.8, 0.9, 1e-4, 0.1, 0.02, true, false)),
                        new Plain() {
                            private double m;
                            private double v;
                            private float product = 1;

                            private double mu(int t) {
                                return 0.8 * (1 - 0.5 * Math.pow(0.96, t * 0.02));
                            }

                            @Override
                            public double change(int t, double p, double g) {
                                m = 0.8 * m + 0.2 * g;
                                v = 0.9 * v + 0.1 * g * g;
                                product *= (float) mu(t);
                                double root = Math.sqrt(v / (1 - Math.pow(0.9, t))) + 1e-4;
                                double now = (1 - mu(t)) / (1 - (double) product) * g;
                                double next = mu(t + 1) / (1 - product * mu(t + 1)) * m;
                                return -RATE * 0.1 * p - RATE * (now + next) / root;
                            }
                        }),
                new Case(
                        "radam",
                        (ps, r) ->
                                new RAdam(
                                        ps,
                                        r,
                                        new RAdam.Settings(0.8, 0.9, 1e-4, 0.1, true, false)),
                        new Plain() {
                            private double m;
                            private double v;

                            @Override
                            public double change(int t, double p, double g) {
                                m = 0.8 * m + 0.2 * g;
                                v = 0.9 * v + 0.1 * g * g;
                                double rest = 1 - Math.pow(0.9, t);
                                double longest = 2 / (1 - 0.9) - 1;
                                double n = longest - 2 * t * Math.pow(0.9, t) / rest;
                                double step = m / (1 - Math.pow(0.8, t));
                                if (n > 5) {
                                    step *=
                                            Math.sqrt(rest)
                                                    / (Math.sqrt(v) + 1e-4)
                                                    * Math.sqrt(
                                                            (n - 4)
                                                                    * (n - 2)
                                                                    * longest
                                                                    / ((longest - 4)
                                                                            * (longest - 2)
                                                                            * n));
                                }
                                return -RATE * 0.1 * p - RATE * step;
                            }
                        }),
                new Case(
                        "rprop",
                        (ps, r) -> new Rprop(ps, r, new Rprop.Settings(0.4, 1.3, 0.03, 0.2, true)),
                        new Plain() {
                            private double d = RATE;
                            private double before;

                            @Override
                            public double change(int t, double p, double gradient) {
                                double agreement = -gradient * before;
                                double factor = agreement > 0 ? 1.3 : agreement < 0 ? 0.4 : 1;
                                d = Math.clamp(d * factor, 0.03, 0.2);
                                before = agreement < 0 ? 0 : -gradient;
                                return -Math.signum(before) * d;
                            }
                        }),
                new Case(
                        "asgd",
                        (ps, r) -> new Asgd(ps, r, new Asgd.Settings(0.3, 0.6, 2, 0.1, false)),
                        (t, p, gradient) -> {
                            double eta = (float) (RATE / Math.pow(1 + 0.3 * RATE * (t - 1), 0.6));
                            return -0.3 * eta * p - eta * (gradient + 0.1 * p);
                        }));
    }

    @Test
    void asgdAveragesFromItsStartOn() {
        var w = new Parameter("w", tensor(new double[] {1}, 1));
        var optimizer = new Asgd(List.of(w), 0.5, new Asgd.Settings(0, 1, 1, 0, false));
        double[] way = new double[5];
        for (int t = 0; t < way.length; t++) {
            w.value().sum().backward();
            optimizer.step();
            way[t] = w.value().item();
        }
        // the second is still the parameter itself, then follow shares of 1, 1/2 and 1/3
        assertArrayEquals(new double[] {0.5, 0, -0.5, -1, -1.5}, way);
        assertEquals(-1, optimizer.average(w).item(), 1e-7);
        optimizer.reset();
        assertEquals(0, optimizer.average(w).item());
        var error =
                assertThrows(
                        GemelException.class,
                        () -> optimizer.average(new Parameter("v", Gemel.zeros(1))));
        assertEquals(
                "optimizer: expects one of its own parameters, but got v; ask the optimizer that"
                        + " moves it",
                error.getMessage());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void followsItsFormulaInEveryMode(Case c) {
        double wanted = 0.7;
        for (int t = 1; t <= STEPS; t++) {
            wanted += c.plain().change(t, wanted, Math.sin(t) * wanted);
        }
        for (Mode mode : Mode.values()) {
            var w = new Parameter("w", tensor(new double[] {0.7}, 1));
            Optimizer optimizer = c.optimizer().apply(List.of(w), RATE);
            var step =
                    Tracer.trace(factor -> {
                        w.value().square().mul(factor).mul(0.5).sum().backward();
                        optimizer.step();
                        return w.value().detach();
                    });
            for (int t = 1; t <= STEPS; t++) {
                var factor = tensor(new double[] {Math.sin(t)}, 1);
                mode.call(() -> step.apply(factor));
            }
            assertEquals(wanted, w.value().item(), 1e-12, mode.toString());
        }
    }

    // ---- clipping

    private static List<Parameter> withGradients() {
        var a = new Parameter("a", tensor(new double[] {1, 2}, 2));
        var b = new Parameter("b", tensor(new double[] {1}, 1));
        var none = new Parameter("none", tensor(new double[] {1}, 1));
        a.value().mul(tensor(new double[] {3, -4}, 2)).sum().backward();
        b.value().mul(12).sum().backward();
        return List.of(a, none, b);
    }

    @Test
    void byValueBoundsEveryElement() {
        var all = withGradients();
        Clip.byValue(all, 3.5);
        assertArrayEquals(new double[] {3, -3.5}, all.getFirst().grad().toDoubleArray());
        assertArrayEquals(new double[] {3.5}, all.getLast().grad().toDoubleArray());
    }

    @Test
    void byNormScalesAllTogether() {
        var all = withGradients();
        assertEquals(13, Clip.byNorm(all, 6.5).item(), 1e-12);
        double scale = 6.5 / (13 + 1e-6);
        assertArrayEquals(
                new double[] {3 * scale, -4 * scale}, all.getFirst().grad().toDoubleArray(), 1e-12);
        assertEquals(12 * scale, all.getLast().grad().item(), 1e-12);
    }

    @Test
    void smallGradientsStay() {
        var all = withGradients();
        assertEquals(12, Clip.byNorm(all, 100, Double.POSITIVE_INFINITY).item());
        assertEquals(19, Clip.byNorm(all, 100, 1).item(), 1e-12);
        assertArrayEquals(new double[] {3, -4}, all.getFirst().grad().toDoubleArray());
    }

    @Test
    void senselessLimitsAreRefused() {
        var error = assertThrows(GemelException.class, () -> Clip.byNorm(List.of(), -1));
        assertEquals(
                "clip: expects a limit of at least 0, but got -1.0; 1 is usual",
                error.getMessage());
        assertThrows(GemelException.class, () -> Clip.byNorm(List.of(), 1, 0));
        assertEquals(0, Clip.byNorm(List.of(), 1).item());
        var w = new Parameter("w", Gemel.zeros(2));
        assertThrows(GemelException.class, () -> w.assignGrad(Gemel.zeros(3)));
    }
}
