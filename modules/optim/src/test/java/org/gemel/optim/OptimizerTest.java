package org.gemel.optim;

import static org.gemel.Gemel.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.gemel.GemelException;
import org.gemel.Parameter;
import org.gemel.Tensor;
import org.gemel.tracer.Mode;
import org.gemel.tracer.Tracer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OptimizerTest {
    private static final double[] START = {1, -2, 3};
    private static final double[] TARGET = {0.5, 0.25, -1};

    private static Parameter parameter() {
        return new Parameter("w", tensor(START, 3));
    }

    private static void gradient(Parameter w) {
        w.value().sub(tensor(TARGET, 3)).square().sum().backward();
    }

    // The formulas in plain Java.
    private static double[] adam(int steps, double[] rates, Adam.Settings s) {
        double[] p = START.clone();
        double[] m = new double[3];
        double[] v = new double[3];
        for (int t = 1; t <= steps; t++) {
            for (int i = 0; i < 3; i++) {
                double g = 2 * (p[i] - TARGET[i]);
                if (s.decoupled()) {
                    p[i] *= 1 - rates[t - 1] * s.weightDecay();
                } else {
                    g += s.weightDecay() * p[i];
                }
                m[i] = s.beta1() * m[i] + (1 - s.beta1()) * g;
                v[i] = s.beta2() * v[i] + (1 - s.beta2()) * g * g;
                double first = 1 - Math.pow(s.beta1(), t);
                double second = 1 - Math.pow(s.beta2(), t);
                p[i] -=
                        rates[t - 1]
                                * (m[i] / first)
                                / (Math.sqrt(v[i]) / Math.sqrt(second) + s.epsilon());
            }
        }
        return p;
    }

    private static double[] sgd(int steps, double rate, Sgd.Settings s) {
        double[] p = START.clone();
        double[] b = new double[3];
        for (int t = 1; t <= steps; t++) {
            for (int i = 0; i < 3; i++) {
                double g = 2 * (p[i] - TARGET[i]) + s.weightDecay() * p[i];
                b[i] = s.momentum() * b[i] + g;
                p[i] -= rate * (s.nesterov() ? g + s.momentum() * b[i] : b[i]);
            }
        }
        return p;
    }

    private static void run(Optimizer optimizer, Parameter w, int steps) {
        for (int t = 0; t < steps; t++) {
            gradient(w);
            optimizer.step();
        }
    }

    @Test
    void adamFollowsItsFormula() {
        for (var settings :
                List.of(
                        Adam.Settings.USUAL,
                        new Adam.Settings(0.8, 0.95, 1e-6, 0.05, false),
                        new Adam.Settings(0.9, 0.98, 1e-8, 0.1, true))) {
            var w = parameter();
            run(new Adam(List.of(w), 0.1, settings), w, 12);
            double[] rates = new double[12];
            Arrays.fill(rates, 0.1);
            assertArrayEquals(adam(12, rates, settings), w.value().toDoubleArray(), 1e-12);
        }
    }

    @Test
    void sgdFollowsItsFormula() {
        for (var settings :
                List.of(
                        Sgd.Settings.PLAIN,
                        new Sgd.Settings(0.9, 0.01, false),
                        new Sgd.Settings(0.8, 0, true))) {
            var w = parameter();
            run(new Sgd(List.of(w), 0.05, settings), w, 12);
            assertArrayEquals(sgd(12, 0.05, settings), w.value().toDoubleArray(), 1e-12);
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void theRateMayChangeBetweenTracedSteps(Mode mode) {
        var w = parameter();
        var adam = new Adam(List.of(w), 0.1);
        var step =
                Tracer.trace(target -> {
                    var loss = w.value().sub(target).square().sum();
                    loss.backward();
                    adam.step();
                    return loss;
                });
        var target = tensor(TARGET, 3);
        mode.run(() -> {
            step.apply(target);
            step.apply(target);
            adam.learningRate(0.01);
            step.apply(target);
        });
        double[] wanted = adam(3, new double[] {0.1, 0.1, 0.01}, Adam.Settings.USUAL);
        assertArrayEquals(wanted, w.value().toDoubleArray(), 1e-12);
    }

    @Test
    void aStepUsesTheGradientUp() {
        var w = parameter();
        var adam = new Adam(List.of(w), 0.1);
        gradient(w);
        adam.step();
        assertTrue(w.gradient().isEmpty());
        double[] once = w.value().toDoubleArray();
        adam.step();
        assertArrayEquals(once, w.value().toDoubleArray());
    }

    @Test
    void aParameterWithoutGradientIsLeftAlone() {
        var used = parameter();
        var unused = parameter();
        for (Optimizer optimizer :
                List.of(
                        new Adam(List.of(used, unused), 0.1),
                        new Sgd(List.of(used, unused), 0.1, new Sgd.Settings(0.9, 0, false)))) {
            gradient(used);
            optimizer.step();
        }
        assertArrayEquals(START, unused.value().toDoubleArray());
    }

    @Test
    void zeroGradForgets() {
        var w = parameter();
        var sgd = new Sgd(List.of(w), 0.1);
        gradient(w);
        sgd.zeroGrad();
        sgd.step();
        assertArrayEquals(START, w.value().toDoubleArray());
    }

    @Test
    void senselessSettingsAreRefused() {
        var w = parameter();
        var error = assertThrows(GemelException.class, () -> new Adam(List.of(w), -1));
        assertEquals(
                "optimizer: expects a learning rate of at least 0, but got -1.0; 1e-3 is a usual"
                        + " rate",
                error.getMessage());
        assertThrows(GemelException.class, () -> new Adam.Settings(1, 0.999, 1e-8, 0, false));
        assertThrows(GemelException.class, () -> new Sgd.Settings(0, 0, true));
        assertThrows(GemelException.class, () -> new Sgd(List.of(w), 0.1).learningRate(1 / 0.0));
    }

    /// Each optimizer that there is, of these parameters.
    private static List<Optimizer> each(List<Parameter> all) {
        return List.of(
                new Sgd(all, 0.1, new Sgd.Settings(0.9, 0.01, true)),
                new Adam(all, 0.1),
                new Adam(all, 0.1, Adam.Settings.DECOUPLED),
                new RmsProp(all, 0.1),
                new Adagrad(all, 0.1),
                new Adadelta(all, 0.1),
                new Adamax(all, 0.1),
                new NAdam(all, 0.1),
                new RAdam(all, 0.1),
                new Rprop(all, 0.1),
                new Asgd(all, 0.1));
    }

    // Which of the parameters get a gradient in which step.
    private static final List<List<Integer>> STEPS =
            List.of(
                    List.of(0),
                    List.of(0, 1),
                    List.of(1),
                    List.of(),
                    List.of(0, 1, 2),
                    List.of(0),
                    List.of(0, 1, 2),
                    List.of(2),
                    List.of(0, 1, 2));

    @ParameterizedTest
    @EnumSource(Mode.class)
    void aStepWithoutAGradientDoesNotCount(Mode mode) {
        for (int kind = 0; kind < each(List.of(parameter())).size(); kind++) {
            List<Parameter> together = List.of(parameter(), parameter(), parameter());
            Optimizer joint = each(together).get(kind);
            var step =
                    Tracer.trace((Tensor x) -> {
                        joint.step();
                        return x;
                    });
            List<Parameter> alone = List.of(parameter(), parameter(), parameter());
            int chosen = kind;
            List<Optimizer> single =
                    alone.stream().map(one -> each(List.of(one)).get(chosen)).toList();
            for (int round = 0; round < 2; round++) {
                for (List<Integer> given : STEPS) {
                    given.forEach(i -> gradient(together.get(i)));
                    mode.run(() -> step.apply(tensor(1)));
                    for (int i : given) {
                        gradient(alone.get(i));
                        single.get(i).step();
                    }
                    for (int i = 0; i < together.size(); i++) {
                        assertArrayEquals(
                                alone.get(i).value().toDoubleArray(),
                                together.get(i).value().toDoubleArray(),
                                joint + " in " + mode + ", parameter " + i);
                    }
                }
                joint.reset();
                single.forEach(Optimizer::reset);
            }
        }
    }
}
