package org.gemel.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.gemel.DType;
import org.gemel.Gemel;
import org.gemel.GemelException;
import org.gemel.Grad;
import org.gemel.Key;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.Vmap;
import org.junit.jupiter.api.Test;

/// Random numbers: the same in every mode, and as frequent as they say.
class RandomTest {
    private static final int MANY = 20_000;

    private static List<Tensor> draws(List<Tensor> in) {
        Key key = new Key(in.getFirst());
        Tensor logits = Gemel.tensor(new double[] {0, Math.log(3), Double.NEGATIVE_INFINITY}, 3);
        Tensor rows = logits.unsqueeze(0).expand(Shape.of(MANY, 3));
        return List.of(
                key.fold(1).bernoulli(0.3, MANY).to(DType.I64),
                key.fold(2).categorical(rows),
                key.fold(3).permutation(257),
                key.fold(4).dropout(Gemel.ones(MANY), 0.25),
                key.fold(5).normal(MANY),
                key.fold(6).uniform(MANY));
    }

    @Test
    void allModesDrawTheSame() {
        List<Tensor> key = List.of(Gemel.key(7).data());
        UnaryOperator<List<Tensor>> f = RandomTest::draws;
        List<Tensor> eager = Modes.EAGER.run(f, key);
        for (Modes mode : Modes.values()) {
            List<Tensor> found = mode.run(f, key);
            for (int i = 0; i < eager.size(); i++) {
                assertArrayEquals(eager.get(i).toDoubleArray(), found.get(i).toDoubleArray());
            }
        }
    }

    @Test
    void frequenciesAreWhatTheySay() {
        List<Tensor> drawn = draws(List.of(Gemel.key(11).data()));
        assertEquals(0.3, mean(drawn.get(0)), 0.02);
        double[] classes = drawn.get(1).toDoubleArray();
        assertEquals(0.75, Arrays.stream(classes).average().orElseThrow(), 0.02);
        assertTrue(Arrays.stream(classes).allMatch(c -> c < 2));
        assertEquals(1, mean(drawn.get(3)), 0.03);
        assertTrue(
                Arrays.stream(drawn.get(3).toDoubleArray())
                        .allMatch(x -> x == 0 || (float) x == 1 / 0.75f));
        assertEquals(0, mean(drawn.get(4)), 0.03);
        assertEquals(1, mean(drawn.get(4).square()), 0.05);
        assertEquals(0.5, mean(drawn.get(5)), 0.02);
    }

    private static double mean(Tensor x) {
        return Arrays.stream(x.toDoubleArray()).average().orElseThrow();
    }

    @Test
    void aPermutationHasEveryNumberOnce() {
        for (int n : new int[] {1, 2, 257}) {
            long[] found = Gemel.key(3).permutation(n).toLongArray();
            long[] sorted = found.clone();
            Arrays.sort(sorted);
            assertArrayEquals(IntStream.range(0, n).asLongStream().toArray(), sorted);
        }
    }

    @Test
    void everyExampleHasItsOwnKey() {
        Tensor keys = Gemel.key(3).split(4);
        UnaryOperator<Tensor> draw = data -> new Key(data).fold(1).normal(3);
        for (Modes mode : Modes.values()) {
            double[] found =
                    mode.run(in -> List.of(Vmap.of(draw).apply(in.getFirst())), List.of(keys))
                            .getFirst()
                            .toDoubleArray();
            for (int i = 0; i < 4; i++) {
                assertArrayEquals(
                        Gemel.key(3).fold(i).fold(1).normal(3).toDoubleArray(),
                        Arrays.copyOfRange(found, 3 * i, 3 * i + 3));
            }
        }
        assertThrows(GemelException.class, () -> Gemel.key(1).split(0));
    }

    @Test
    void gradientsPassWhatDropoutKeeps() {
        Tensor x = Gemel.ones(64);
        Key key = Gemel.key(5);
        double[] kept = key.dropout(x, 0.5).toDoubleArray();
        double[] slope = Grad.grad(y -> key.dropout(y, 0.5).sum()).apply(x).toDoubleArray();
        assertArrayEquals(kept, slope);
        assertEquals(0, key.dropout(x, 1).sum().item());
        assertEquals(64, key.dropout(x, 0).sum().item());
    }

    @Test
    void senselessProbabilitiesAreRefused() {
        Key key = Gemel.key(1);
        var error = assertThrows(GemelException.class, () -> key.dropout(Gemel.ones(2), 1.5));
        assertEquals(
                "dropout: expects a probability in 0 .. 1, but got 1.5; 0.5 is usual",
                error.getMessage());
        assertThrows(GemelException.class, () -> key.bernoulli(-0.1, 3));
        assertThrows(GemelException.class, () -> key.permutation(0));
        assertThrows(GemelException.class, () -> key.categorical(Gemel.tensor(new long[] {1}, 1)));
    }
}
