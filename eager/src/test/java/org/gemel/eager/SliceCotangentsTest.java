package org.gemel.eager;

import static org.gemel.Gemel.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.gemel.Gemel;
import org.gemel.Grad;
import org.gemel.Tensor;
import org.gemel.backend.Counters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Gradients through several slices of one tensor.
class SliceCotangentsTest {
    /// @param f uses slices of a `[4, 3]` tensor
    /// @param expected the gradient of its sum
    record Case(String name, UnaryOperator<Tensor> f, float... expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Tensor rows(Tensor x, int from, int to) {
        return x.slice(0, from, to, 1);
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case(
                        "side by side",
                        x -> rows(x, 2, 4).mul(3).sum().add(rows(x, 0, 2).mul(2).sum()),
                        2,
                        2,
                        2,
                        2,
                        2,
                        2,
                        3,
                        3,
                        3,
                        3,
                        3,
                        3),
                new Case(
                        "gaps",
                        x -> rows(x, 1, 2).mul(3).sum().add(rows(x, 3, 4).mul(2).sum()),
                        0,
                        0,
                        0,
                        3,
                        3,
                        3,
                        0,
                        0,
                        0,
                        2,
                        2,
                        2),
                new Case(
                        "overlap",
                        x -> rows(x, 0, 3).mul(3).sum().add(rows(x, 1, 4).mul(2).sum()),
                        3,
                        3,
                        3,
                        5,
                        5,
                        5,
                        5,
                        5,
                        5,
                        2,
                        2,
                        2),
                new Case(
                        "two dimensions",
                        x -> rows(x, 0, 1).sum().add(x.slice(1, 2, 3, 1).mul(4).sum()),
                        1,
                        1,
                        5,
                        0,
                        0,
                        4,
                        0,
                        0,
                        4,
                        0,
                        0,
                        4),
                new Case(
                        "steps",
                        x -> x.slice(0, 0, 4, 2).mul(3).sum().add(x.slice(0, 1, 4, 2).mul(2).sum()),
                        3,
                        3,
                        3,
                        2,
                        2,
                        2,
                        3,
                        3,
                        3,
                        2,
                        2,
                        2),
                new Case(
                        "slices and the whole",
                        x -> x.sum().add(rows(x, 0, 1).sum()).add(rows(x, 1, 2).sum()),
                        2,
                        2,
                        2,
                        2,
                        2,
                        2,
                        1,
                        1,
                        1,
                        1,
                        1,
                        1),
                new Case(
                        "along the last dimension",
                        x -> x.slice(1, 0, 1, 1).mul(3).sum().add(x.slice(1, 1, 3, 1).mul(2).sum()),
                        3,
                        2,
                        2,
                        3,
                        2,
                        2,
                        3,
                        2,
                        2,
                        3,
                        2,
                        2));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void addUpWhereTheyWereTaken(Case c) {
        Tensor x = Gemel.ones(4, 3).withGrad();
        c.f.apply(x).backward();
        assertArrayEquals(c.expected, x.grad().toFloatArray());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void haveDerivativesThemselves(Case c) {
        // the gradient of f(x^2) in the direction of ones, at ones: f' * 2 for a linear f
        Tensor x = Gemel.ones(4, 3);
        Tensor again = Grad.hvp(y -> c.f.apply(y.square()), x, Gemel.ones(4, 3));
        float[] doubled = new float[12];
        for (int i = 0; i < 12; i++) {
            doubled[i] = 2 * c.expected[i];
        }
        assertArrayEquals(doubled, again.toFloatArray());
    }

    @Test
    void aLoopOverAllStepsWritesTheGradientOnce() {
        int steps = 100;
        Tensor x = Gemel.ones(steps, 1000).withGrad();
        Tensor sum = tensor(new float[1000], 1000);
        for (int t = 0; t < steps; t++) {
            sum = sum.add(x.at(t));
        }
        Tensor total = sum.sum();
        long before = Counters.bytesAllocated();
        total.backward();
        long bytes = Counters.bytesAllocated() - before;
        assertTrue(bytes < 5L * steps * 1000 * 4, () -> bytes + " bytes");
        assertEquals(List.of(1f), List.of(x.grad().amin().toFloatArray()[0]));
    }
}
