package org.gemel.testkit;

import static org.gemel.Gemel.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.function.Function;
import org.gemel.Accumulation;
import org.gemel.Grad;
import org.gemel.Tensor;
import org.junit.jupiter.api.Test;

/// Derivatives where there is none, by convention.
final class KinksTest {
    @Test
    void tiesShareTheCotangentEqually() {
        Tensor index = tensor(new long[] {0, 0, 1});
        Function<List<Tensor>, Tensor> f =
                in ->
                        in.get(0)
                                .scatterReduce(0, index, in.get(1), Accumulation.LARGEST, true)
                                .sum();
        List<Tensor> at = List.of(tensor(new double[] {4, 1, 7}), tensor(new double[] {4, 4, 0}));
        for (Modes mode : Modes.values()) {
            List<Tensor> found = mode.run(in -> Grad.valueAndGrads(f).apply(in).grads(), at);
            assertArrayEquals(new double[] {1 / 3.0, 1, 1}, found.get(0).toDoubleArray(), 1e-15);
            assertArrayEquals(
                    new double[] {1 / 3.0, 1 / 3.0, 0}, found.get(1).toDoubleArray(), 1e-15);
        }
    }

    @Test
    void whereADeviationOrAPowerHasNoDerivativeItIsZero() {
        Tensor same = tensor(new double[] {2, 2, 2});
        assertArrayEquals(
                new double[3], Grad.grad(x -> x.deviation(1)).apply(same).toDoubleArray());
        Tensor zero = tensor(new double[] {0});
        assertEquals(0, Grad.grad(b -> zero.pow(b).sum()).apply(zero).toDoubleArray()[0]);
    }
}
