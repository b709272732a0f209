package org.gemel.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import org.gemel.Gemel;
import org.gemel.GemelException;
import org.gemel.Parameter;
import org.gemel.optim.Schedules.Curve;
import org.gemel.optim.Schedules.Height;
import org.gemel.tracer.Mode;
import org.gemel.tracer.Tracer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduleTest {
    /// A schedule and its formula in plain Java.
    record Case(Schedule schedule, IntToDoubleFunction formula) {
        @Override
        public String toString() {
            return schedule.toString();
        }
    }

    private static double wave(double start, double end, double part) {
        return end + (start - end) / 2 * (1 + Math.cos(Math.PI * part));
    }

    private static double restarted(int t) {
        int length = 3;
        int left = t;
        while (left >= length) {
            left -= length;
            length *= 2;
        }
        return wave(0.1, 0.01, (double) left / length);
    }

    private static double cycle(int t) {
        double top = 0.3 * 30 - 1;
        return t <= top
                ? wave(0.5 / 25, 0.5, t / top)
                : wave(0.5, 0.5 / 25 / 1e4, (t - top) / (29 - top));
    }

    private static double threePhases(int t) {
        double top = 0.25 * 29 - 1;
        double small = 0.5 / 10;
        if (t <= top) {
            return small + (0.5 - small) * t / top;
        }
        if (t <= 2 * top) {
            return 0.5 + (small - 0.5) * (t - top) / top;
        }
        double part = (t - 2 * top) / (28 - 2 * top);
        return small + (small / 100 - small) * Math.min(part, 1);
    }

    private static double triangle(int t) {
        int place = t % 10;
        return place < 4 ? place / 4.0 : (10 - place) / 6.0;
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case(new Schedules.Constant(0.1, 0.5, 4), t -> t < 4 ? 0.05 : 0.1),
                new Case(new Schedules.Step(0.1, 7, 0.5), t -> 0.1 * Math.pow(0.5, t / 7)),
                new Case(
                        new Schedules.MultiStep(0.1, List.of(3, 10), 0.2),
                        t -> 0.1 * (t < 3 ? 1 : t < 10 ? 0.2 : 0.04)),
                new Case(new Schedules.Exponential(0.1, 0.9), t -> 0.1 * Math.pow(0.9, t)),
                new Case(
                        new Schedules.Linear(0.1, 0.2, 0.8, 10),
                        t -> 0.1 * (0.2 + 0.6 * Math.min(t, 10) / 10)),
                new Case(
                        new Schedules.Polynomial(0.1, 20, 2),
                        t -> 0.1 * Math.pow(1 - Math.min(t, 20) / 20.0, 2)),
                new Case(new Schedules.Cosine(0.1, 12, 0.02), t -> wave(0.1, 0.02, t / 12.0)),
                new Case(new Schedules.CosineRestarts(0.1, 3, 2, 0.01), ScheduleTest::restarted),
                new Case(
                        new Schedules.CosineRestarts(0.1, 5, 1, 0), t -> wave(0.1, 0, t % 5 / 5.0)),
                new Case(new Schedules.OneCycle(0.5, 30), ScheduleTest::cycle),
                new Case(
                        new Schedules.OneCycle(0.5, 29, 0.25, Curve.LINEAR, 10, 100, true),
                        ScheduleTest::threePhases),
                new Case(
                        new Schedules.Cyclic(0.1, 0.5, 4, 6, Height.SAME, 1),
                        t -> 0.1 + 0.4 * triangle(t)),
                new Case(
                        new Schedules.Cyclic(0.1, 0.5, 4, 6, Height.HALVED, 1),
                        t -> 0.1 + 0.4 * triangle(t) * Math.pow(0.5, t / 10)),
                new Case(
                        new Schedules.Cyclic(0.1, 0.5, 4, 6, Height.EXPONENTIAL, 0.97),
                        t -> 0.1 + 0.4 * triangle(t) * Math.pow(0.97, t)),
                new Case(
                        new Schedules.Sequence(
                                List.of(
                                        new Schedules.Linear(0.1, 0, 1, 5),
                                        new Schedules.Cosine(0.1, 20, 0)),
                                List.of(5)),
                        t -> t < 5 ? 0.1 * t / 5 : wave(0.1, 0, (t - 5) / 20.0)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void followsItsFormula(Case c) {
        for (int t = 0; t < 30; t++) {
            assertEquals(c.formula().applyAsDouble(t), c.schedule().at(t), 1e-12, "step " + t);
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void aTracedStepIsTracedOnceHoweverTheRateChanges(Mode mode) {
        var w = new Parameter("w", Gemel.tensor(new double[] {1}, 1));
        var schedule = new Schedules.Exponential(0.5, 0.5);
        var sgd = new Sgd(List.of(w), schedule, Sgd.Settings.PLAIN);
        var step =
                Tracer.trace(factor -> {
                    w.value().mul(factor).sum().backward();
                    sgd.step();
                    return w.value().detach();
                });
        var one = Gemel.tensor(new double[] {1}, 1);
        double wanted = 1;
        for (int t = 0; t < 5; t++) {
            wanted -= 0.5 * Math.pow(0.5, t);
            assertEquals(wanted, mode.call(() -> step.apply(one)).item(), 1e-12);
        }
    }

    @Test
    void senselessSchedulesAreRefused() {
        assertThrows(GemelException.class, () -> new Schedules.Step(0.1, 0, 0.5));
        var error =
                assertThrows(
                        GemelException.class,
                        () ->
                                new Schedules.Sequence(
                                        List.of(new Schedules.Exponential(0.1, 0.9)), List.of(3)));
        assertEquals(
                "schedule: expects one milestone between each two schedules, but got 1 schedules and"
                        + " milestones [3]; give one less",
                error.getMessage());
        var w = new Parameter("w", Gemel.tensor(new double[] {1}, 1));
        var sgd = new Sgd(List.of(w), new Schedules.Exponential(0.1, 0.9), Sgd.Settings.PLAIN);
        assertThrows(GemelException.class, () -> sgd.learningRate(0.1));
    }
}
