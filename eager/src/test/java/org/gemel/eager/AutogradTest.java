package org.gemel.eager;

import static org.gemel.Gemel.noGrad;
import static org.gemel.Gemel.ones;
import static org.gemel.Gemel.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import org.gemel.Grad;
import org.gemel.Parameter;
import org.gemel.Tensor;
import org.gemel.TypeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The tape as users of PyTorch know it, and its functional twin.
class AutogradTest {
    @Test
    void backwardAccumulatesUntilCleared() {
        Parameter w = new Parameter("w", tensor(1f, 2f, 3f));
        w.value().square().sum().backward();
        w.value().square().sum().backward();
        assertArrayEquals(new float[] {4, 8, 12}, w.grad().toFloatArray());
        w.zeroGrad();
        assertTrue(w.gradient().isEmpty());
    }

    @Test
    void aTensorUsedTwiceGetsTheSumOfBothCotangents() {
        Tensor x = tensor(2f, -3f).withGrad();
        x.mul(x).add(x).sum().backward();
        assertArrayEquals(new float[] {5, -5}, x.grad().toFloatArray());
    }

    @Test
    void broadcastInputsGetSummedCotangents() {
        Tensor row = tensor(1f, 2f, 3f).withGrad();
        Tensor column = tensor(new float[] {10, 20}, 2, 1).withGrad();
        row.mul(column).sum().backward();
        assertArrayEquals(new float[] {30, 30, 30}, row.grad().toFloatArray());
        assertArrayEquals(new float[] {6, 6}, column.grad().toFloatArray());
        assertEquals(column.shape(), column.grad().shape());
    }

    @Test
    void nothingIsRecordedInNoGradOrAfterDetach() {
        Tensor x = ones(2).withGrad();
        assertTrue(x.mul(2).requiresGrad());
        assertFalse(noGrad(() -> x.mul(2)).requiresGrad());
        assertFalse(x.detach().mul(2).requiresGrad());
        assertFalse(x.gt(0).requiresGrad());
    }

    @Test
    void theTapeIsGivenBackByBackwardUnlessKept() {
        Tensor x = tensor(3f).withGrad();
        Tensor kept = x.exp().sum();
        kept.backward(true);
        kept.backward();
        assertEquals(2 * Math.exp(3), x.grad().item(), 1e-4);
        TypeException again = assertThrows(TypeException.class, () -> kept.backward());
        assertTrue(
                again.getMessage().startsWith("backward: expects a graph that was not used yet"));
        assertTrue(again.getMessage().contains("AutogradTest.java"));
    }

    @Test
    void backwardNeedsAScalarWithAHistory() {
        Tensor x = ones(2).withGrad();
        assertTrue(message(() -> x.mul(2).backward()).startsWith("backward: expects a scalar"));
        assertTrue(message(() -> ones(1).backward()).contains("none is recorded"));
        assertTrue(message(() -> ones(1).grad()).contains("start from x.withGrad()"));
    }

    private static String message(Runnable body) {
        return assertThrows(TypeException.class, body::run).getMessage();
    }

    static List<UnaryOperator<Tensor>> functions() {
        return List.of(
                x -> x.pow(3).sum(),
                x -> x.gelu().sum(),
                x -> x.softmax(1).square().sum(),
                x -> x.logSoftmax(0).exp().mul(x).sum(),
                x -> x.matmul(x.transpose()).tanh().mean(),
                x -> x.softplus().mul(x.silu()).sum(),
                x -> x.amax(1).square().sum(),
                x -> x.prod(1).sum(),
                x -> x.slice(1, 0, 3, 2).exp().sum(),
                x -> Tensor.concat(List.of(x, x.square()), 1).sigmoid().sum(),
                x -> x.permute(1, 0).reshape(2, 3).mul(x).log1p().sum());
    }

    @ParameterizedTest
    @MethodSource("functions")
    void gradientsAgreeWithFiniteDifferences(UnaryOperator<Tensor> f) {
        Tensor x = tensor(new double[] {0.3, 0.7, 1.1, 2, 0.6, 0.9}, 2, 3);
        assertArrayEquals(
                differences(x, y -> f.apply(y).item()),
                Grad.grad(f).apply(x).toDoubleArray(),
                1e-7);
    }

    @ParameterizedTest
    @MethodSource("functions")
    void hessianVectorProductsAgreeWithFiniteDifferences(UnaryOperator<Tensor> f) {
        Tensor x = tensor(new double[] {0.3, 0.7, 1.1, 2, 0.6, 0.9}, 2, 3);
        Tensor v = tensor(new double[] {1, -2, 0.5, 0.25, 3, -1}, 2, 3);
        assertArrayEquals(
                differences(x, y -> Grad.grad(f).apply(y).mul(v).sum().item()),
                Grad.hvp(f, x, v).toDoubleArray(),
                1e-6);
    }

    private static double[] differences(Tensor x, ToDoubleFunction<Tensor> f) {
        double h = 1e-5;
        double[] base = x.toDoubleArray();
        double[] result = new double[base.length];
        for (int i = 0; i < base.length; i++) {
            double[] up = base.clone();
            double[] down = base.clone();
            up[i] += h;
            down[i] -= h;
            int[] dims = x.shape().dims();
            double rise = f.applyAsDouble(tensor(up, dims)) - f.applyAsDouble(tensor(down, dims));
            result[i] = rise / (2 * h);
        }
        return result;
    }

    @Test
    void thirdDerivativesNest() {
        UnaryOperator<Tensor> cube = x -> x.pow(3).sum();
        UnaryOperator<Tensor> third =
                Grad.grad(x -> Grad.grad(y -> Grad.grad(cube).apply(y).sum()).apply(x).sum());
        assertArrayEquals(
                new double[] {6, 6}, third.apply(tensor(new double[] {2, 5}, 2)).toDoubleArray());
    }

    @Test
    void derivativesReachParametersThroughAnInnerGradient() {
        Parameter w = new Parameter("w", tensor(new double[] {2}, 1));
        Tensor x = tensor(new double[] {3}, 1);
        // d/dw of (d/dx w x^2)^2 = d/dw 4 w^2 x^2 = 8 w x^2
        Grad.grad(y -> w.value().mul(y.square()).sum()).apply(x).square().sum().backward();
        assertEquals(8 * 2 * 9, w.grad().item(), 1e-12);
    }
}
