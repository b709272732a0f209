package org.gemel.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.gemel.DType;
import org.gemel.Gemel;
import org.gemel.GemelException;
import org.gemel.Grad;
import org.gemel.Linalg;
import org.gemel.Parameter;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.Vmap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Derivatives as functions, and what changes them: custom rules, hooks, checkpoints.
class DerivativesTest {
    private static final Tensor X = Gemel.tensor(new double[] {0.5, -1.2, 2}, 3);
    private static final Tensor V = Gemel.tensor(new double[] {1, 0.3, -0.7}, 3);
    private static final Tensor A = Gemel.tensor(new double[] {1, 2, 3, -1, 0.5, 2}, 2, 3);

    // The gradient of the sum of squares, twice: cotangents of three inputs meet inside of what
    // eager runs as one operation and a trace spells out.
    @Test
    void cotangentsInsideOfADerivativeAddUpInOneOrder() {
        Tensor weight = Tensor.arange(17, DType.F64).reshape(17, 1).mul(0.37).sin();
        Tensor bias = Tensor.arange(17, DType.F64).mul(0.71).cos();
        UnaryOperator<Tensor> slope =
                Grad.grad(w -> X.slice(0, 0, 1, 1).linear(w, bias.mul(w.sum())).square().sum());
        UnaryOperator<Tensor> curvature = Grad.grad(w -> slope.apply(w).square().sum());
        double[] eager =
                Modes.EAGER
                        .run(in -> apply(curvature, in), List.of(weight))
                        .getFirst()
                        .toDoubleArray();
        for (Modes mode : List.of(Modes.TRACED, Modes.TRACED_UNOPTIMIZED)) {
            double[] traced =
                    mode.run(in -> apply(curvature, in), List.of(weight))
                            .getFirst()
                            .toDoubleArray();
            assertArrayEquals(eager, traced, mode.name());
        }
    }

    private static List<Tensor> apply(UnaryOperator<Tensor> f, List<Tensor> inputs) {
        return List.of(f.apply(inputs.getFirst()));
    }

    // sin(A x) x0: R^3 to R^2
    private static Tensor curve(Tensor x) {
        return A.matmul(x).sin().mul(x.slice(0, 0, 1, 1));
    }

    private static double[] curveJacobian() {
        double[] x = X.toDoubleArray();
        double[] a = A.toDoubleArray();
        double[] all = new double[6];
        for (int i = 0; i < 2; i++) {
            double z = a[3 * i] * x[0] + a[3 * i + 1] * x[1] + a[3 * i + 2] * x[2];
            for (int j = 0; j < 3; j++) {
                all[3 * i + j] = Math.cos(z) * a[3 * i + j] * x[0] + (j == 0 ? Math.sin(z) : 0);
            }
        }
        return all;
    }

    private static Tensor run(Modes mode, UnaryOperator<Tensor> f, Tensor x) {
        return mode.run(in -> List.of(f.apply(in.getFirst())), List.of(x)).getFirst();
    }

    @ParameterizedTest
    @EnumSource
    void jacobianJvpAndVjpAgreeWithTheFormula(Modes mode) {
        double[] wanted = curveJacobian();
        Tensor jacobian = run(mode, x -> Grad.jacobian(DerivativesTest::curve, x), X);
        assertEquals(Shape.of(2, 3), jacobian.shape());
        assertArrayEquals(wanted, jacobian.toDoubleArray(), 1e-12);
        double[] v = V.toDoubleArray();
        double[] forward = new double[2];
        double[] back = new double[3];
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 3; j++) {
                forward[i] += wanted[3 * i + j] * v[j];
                back[j] += wanted[3 * i + j] * (i == 0 ? 2 : -1);
            }
        }
        Tensor jvp = run(mode, x -> Grad.jvp(DerivativesTest::curve, x, V), X);
        assertArrayEquals(forward, jvp.toDoubleArray(), 1e-12);
        Tensor u = Gemel.tensor(new double[] {2, -1}, 2);
        Tensor vjp = run(mode, x -> Grad.vjp(DerivativesTest::curve, x, u), X);
        assertArrayEquals(back, vjp.toDoubleArray(), 1e-12);
    }

    @ParameterizedTest
    @EnumSource
    void theHessianOfAProductIsKnown(Modes mode) {
        Tensor hessian = run(mode, x -> Grad.hessian(y -> y.prod(), x), X);
        double[] x = X.toDoubleArray();
        assertArrayEquals(
                new double[] {0, x[2], x[1], x[2], 0, x[0], x[1], x[0], 0},
                hessian.toDoubleArray(),
                1e-12);
        Tensor hvp = run(mode, y -> Grad.hvp(z -> z.prod(), y, V), X);
        assertArrayEquals(hessian.matmul(V).toDoubleArray(), hvp.toDoubleArray(), 1e-12);
    }

    @ParameterizedTest
    @EnumSource
    void valueAndGradientsComeTogether(Modes mode) {
        List<Tensor> found =
                mode.run(
                        in -> {
                            var all =
                                    Grad.valueAndGrads(xs -> xs.get(0).mul(xs.get(1)).sum())
                                            .apply(in);
                            List<Tensor> results = new ArrayList<>(all.grads());
                            results.add(all.value());
                            return results;
                        },
                        List.of(X, V));
        assertArrayEquals(V.toDoubleArray(), found.get(0).toDoubleArray());
        assertArrayEquals(X.toDoubleArray(), found.get(1).toDoubleArray());
        assertEquals(X.mul(V).sum().item(), found.get(2).item());
        var one = Grad.valueAndGrad(x -> x.square().sum()).apply(X);
        assertEquals(X.square().sum().item(), one.value().item());
        assertArrayEquals(X.mul(2).toDoubleArray(), one.grad().toDoubleArray());
    }

    @Test
    void aJvpNeedsADirectionOfTheSameType() {
        var error =
                assertThrows(GemelException.class, () -> Grad.jvp(Tensor::sin, X, Gemel.zeros(2)));
        assertEquals(
                "jvp: expects a direction of the argument's type f64[3], but got f32[2]; reshape or"
                        + " convert it",
                error.getMessage().lines().findFirst().orElse("").replaceAll("  at .*", ""));
    }

    // ---- custom rules, hooks, stops

    @ParameterizedTest
    @EnumSource
    void aCustomRuleReplacesTheDerivative(Modes mode) {
        // a step whose derivative is that of the identity
        UnaryOperator<List<Tensor>> step =
                Grad.custom(
                        "straight_through",
                        in -> List.of(in.getFirst().sign()),
                        p -> p.give(0, () -> p.g()));
        Tensor slope =
                run(
                        mode,
                        x ->
                                Grad.grad(y -> step.apply(List.of(y)).getFirst().mul(V).sum())
                                        .apply(x),
                        X);
        assertArrayEquals(V.toDoubleArray(), slope.toDoubleArray());
        assertArrayEquals(
                new double[] {1, -1, 1}, step.apply(List.of(X)).getFirst().toDoubleArray());
    }

    @ParameterizedTest
    @EnumSource
    void aHookChangesTheGradientOnItsWay(Modes mode) {
        Tensor slope =
                run(
                        mode,
                        x -> Grad.grad(y -> y.mul(3).hook(g -> g.mul(10)).sin().sum()).apply(x),
                        X);
        assertArrayEquals(X.mul(3).cos().mul(30).toDoubleArray(), slope.toDoubleArray(), 1e-12);
    }

    @Test
    void aHookSeesWhatBackwardBringsAndHigherOrdersPassIt() {
        List<double[]> seen = new ArrayList<>();
        Tensor leaf = X.withGrad();
        leaf.square()
                .hook(g -> {
                    seen.add(g.toDoubleArray());
                    return g;
                })
                .sum()
                .backward();
        assertArrayEquals(new double[] {1, 1, 1}, seen.getFirst());
        assertArrayEquals(X.mul(2).toDoubleArray(), leaf.grad().toDoubleArray());
        Tensor second =
                Grad.grad(y -> Grad.grad(z -> z.square().hook(g -> g.mul(2)).sum()).apply(y).sum())
                        .apply(X);
        assertArrayEquals(new double[] {4, 4, 4}, second.toDoubleArray());
        var wrong = X.withGrad().hook(g -> g.sum()).sum();
        assertThrows(GemelException.class, wrong::backward);
    }

    @Test
    void whatIsStoppedIsConstant() {
        Tensor slope = Grad.grad(y -> y.stopGradient().mul(y).sum()).apply(X);
        assertArrayEquals(X.toDoubleArray(), slope.toDoubleArray());
    }

    // ---- checkpoints

    private static List<Tensor> block(List<Tensor> in) {
        return List.of(in.get(0).mul(in.get(1)).tanh().mul(in.get(0)).exp());
    }

    @ParameterizedTest
    @EnumSource
    void aCheckpointHasTheSameDerivatives(Modes mode) {
        for (boolean second : new boolean[] {false, true}) {
            List<List<Tensor>> both = new ArrayList<>();
            for (boolean kept : new boolean[] {true, false}) {
                UnaryOperator<List<Tensor>> f =
                        kept
                                ? DerivativesTest::block
                                : in -> Grad.checkpoint(DerivativesTest::block, in);
                UnaryOperator<List<Tensor>> slopes =
                        in ->
                                Grad.valueAndGrads(xs -> f.apply(xs).getFirst().sum())
                                        .apply(in)
                                        .grads();
                UnaryOperator<List<Tensor>> curvatures = in -> Grad.vjp(slopes, in, List.of(V, X));
                both.add(mode.run(second ? curvatures : slopes, List.of(X, V)));
            }
            for (int i = 0; i < 2; i++) {
                assertArrayEquals(
                        both.get(0).get(i).toDoubleArray(), both.get(1).get(i).toDoubleArray());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCheckpointReachesParametersThatItReads(Modes mode) {
        for (boolean keep : new boolean[] {false, true}) {
            Parameter w = new Parameter("w", V);
            Parameter first = new Parameter("first", X);
            mode.run(
                    in -> {
                        Tensor start = first.value().mul(in.getFirst());
                        List<Tensor> out =
                                Grad.checkpoint(
                                        xs -> List.of(xs.getFirst().mul(w.value()).sin()),
                                        List.of(start));
                        Tensor loss = out.getFirst().sum();
                        loss.backward(keep);
                        return List.of(loss.detach());
                    },
                    List.of(X.onesLike().mul(2)));
            Tensor cos = X.mul(2).mul(V).cos();
            assertArrayEquals(cos.mul(X).mul(2).toDoubleArray(), w.grad().toDoubleArray(), 1e-12);
            assertArrayEquals(
                    cos.mul(V).mul(2).toDoubleArray(), first.grad().toDoubleArray(), 1e-12);
        }
    }

    @Test
    void aCheckpointRunsAgainForTheDerivative() {
        List<String> runs = new ArrayList<>();
        Tensor x = X.withGrad();
        Tensor y =
                Grad.checkpoint(
                                in -> {
                                    runs.add("run");
                                    return List.of(in.getFirst().square());
                                },
                                List.of(x))
                        .getFirst();
        assertEquals(1, runs.size());
        y.sum().backward();
        assertEquals(2, runs.size());
        assertArrayEquals(X.mul(2).toDoubleArray(), x.grad().toDoubleArray());
    }

    @Test
    void gradientsAccumulate() {
        Parameter w = new Parameter("w", X);
        w.value().sum().backward();
        w.value().square().sum().backward();
        assertArrayEquals(X.mul(2).add(1).toDoubleArray(), w.grad().toDoubleArray());
    }

    // ---- vmap and derivatives

    @ParameterizedTest
    @EnumSource
    void examplesHaveGradientsOfTheirOwn(Modes mode) {
        Tensor xs = Tensor.concat(List.of(X.unsqueeze(0), V.unsqueeze(0)), 0);
        UnaryOperator<Tensor> f = x -> curve(x).square().sum().exp();
        Tensor found = run(mode, all -> Vmap.of(Grad.grad(f)).apply(all), xs);
        double[] wanted =
                Tensor.concat(List.of(Grad.grad(f).apply(X), Grad.grad(f).apply(V)), 0)
                        .toDoubleArray();
        assertArrayEquals(wanted, found.toDoubleArray(), 1e-12);
        // and through the mapping from outside, for what all examples share too
        Tensor outside =
                run(
                        mode,
                        x ->
                                Grad.grad(y -> Vmap.of(row -> row.mul(y).sin()).apply(xs).sum())
                                        .apply(x),
                        X);
        double[] a = X.mul(X).cos().mul(X).add(V.mul(X).cos().mul(V)).toDoubleArray();
        assertArrayEquals(a, outside.toDoubleArray(), 1e-12);
    }

    @Test
    void mapsNest() {
        Tensor rows = Linalg.outer(X, V);
        Tensor found = Vmap.of(row -> Vmap.of(x -> x.square().add(1)).apply(row)).apply(rows);
        assertArrayEquals(
                Arrays.stream(rows.toDoubleArray()).map(x -> x * x + 1).toArray(),
                found.toDoubleArray());
    }
}
