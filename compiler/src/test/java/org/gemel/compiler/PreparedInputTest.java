package org.gemel.compiler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.gemel.DType;
import org.gemel.TensorType;
import org.gemel.backend.Backend;
import org.gemel.backend.View;
import org.gemel.ir.Parser;
import org.gemel.op.Dense;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Weights that are packed once: the same bits as without, whatever happens to the weights.
class PreparedInputTest {
    private static final int N = 70;
    private static final int K = 600;
    private static final boolean[] NONE = {false, false, false};

    // Two products that share one weight, each with what follows it.
    private static Executable layers(int m) {
        String text =
                """
                graph(x: f32[%1$d, %2$d], w: f32[%3$d, %2$d], v: f32[%3$d, %3$d]) {
                  %%0 = permute(w) order=[1, 0] : f32[%2$d, %3$d]
                  %%1 = matmul(x, %%0) : f32[%1$d, %3$d]
                  %%2 = exp(%%1) : f32[%1$d, %3$d]
                  %%3 = permute(v) order=[1, 0] : f32[%3$d, %3$d]
                  %%4 = matmul(%%2, %%3) : f32[%1$d, %3$d]
                  return %%4
                }\
                """
                        .formatted(m, K, N);
        return compile(text, List.of());
    }

    private static Executable compile(String text, List<Integer> updates) {
        return Executable.compile(
                new Program(Parser.parse(text), updates), Pipeline.standard(), Backend.current());
    }

    private static View view(int seed, int... dims) {
        TensorType type = TensorType.of(DType.F32, dims);
        View view = View.allocate(type);
        fill(view, seed);
        return view;
    }

    private static void fill(View view, int seed) {
        Dense content = Dense.of(view.type(), i -> Math.sin(i * 0.37 + seed) / K);
        float[] floats = new float[(int) view.type().shape().size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) content.real(i);
        }
        view.copyFrom(MemorySegment.ofArray(floats));
    }

    private static float[] floats(View view) {
        float[] floats = new float[(int) view.type().shape().size()];
        view.copyTo(MemorySegment.ofArray(floats));
        return floats;
    }

    // The results of an executable that has never seen these inputs.
    private static float[] fresh(View[] inputs) {
        return floats(layers(inputs[0].type().shape().dim(0)).run(inputs, NONE)[0]);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 13, 64, 200})
    void weightsThatStayTheSameArePackedOnce(int m) {
        Executable layers = layers(m);
        View[] inputs = {view(1, m, K), view(2, N, K), view(3, N, N)};
        float[] expected = fresh(inputs);
        List<Long> bytes = new ArrayList<>();
        for (int call = 0; call < 6; call++) {
            assertArrayEquals(expected, floats(layers.run(inputs, NONE)[0]));
            bytes.add(layers.preparedBytes());
            inputs[0] = view(1, m, K);
        }
        long both = bytes.getLast();
        assertTrue(both >= 4L * N * (K + N), "both weights");
        assertEquals(List.of(0L, 0L, both, both, both, both), bytes);
    }

    @Test
    void anotherWeightIsSeenAtOnce() {
        Executable layers = layers(20);
        View[] inputs = {view(1, 20, K), view(2, N, K), view(3, N, N)};
        for (int round = 0; round < 5; round++) {
            inputs[1] = view(10 + round, N, K);
            float[] expected = fresh(inputs);
            for (int call = 0; call < 4 + 10 * round; call++) {
                assertArrayEquals(expected, floats(layers.run(inputs, NONE)[0]));
            }
        }
    }

    @Test
    void aWeightThatIsUpdatedInItsPlaceIsSeenAtOnce() {
        Executable layers = layers(20);
        Executable step =
                compile(
                        """
                        graph(w: f32[%1$d, %2$d]) {
                          %%0 = neg(w) : f32[%1$d, %2$d]
                          return %%0
                        }\
                        """
                                .formatted(N, K),
                        List.of(0));
        View[] inputs = {view(1, 20, K), view(2, N, K), view(3, N, N)};
        for (int round = 0; round < 3; round++) {
            for (int call = 0; call < 10; call++) {
                layers.run(inputs, NONE);
            }
            assertSame(inputs[1], step.run(new View[] {inputs[1]}, new boolean[] {true})[0]);
            assertArrayEquals(fresh(inputs), floats(layers.run(inputs, NONE)[0]));
        }
    }

    @Test
    void aWeightThatIsUpdatedInTheMemoryOfAnOlderOneIsSeenAtOnce() {
        Executable layers = layers(20);
        Executable step =
                compile(
                        """
                        graph(v: f32[%1$d, %1$d]) {
                          %%0 = permute(v) order=[1, 0] : f32[%1$d, %1$d]
                          %%1 = exp(%%0) : f32[%1$d, %1$d]
                          return %%1
                        }\
                        """
                                .formatted(N),
                        List.of(0));
        View[] inputs = {view(1, 20, K), view(2, N, K), view(3, N, N)};
        for (int call = 0; call < 10; call++) {
            layers.run(inputs, NONE);
        }
        for (int i = 0; i < 4; i++) {
            View next = step.run(new View[] {inputs[2]}, new boolean[] {true})[0];
            inputs[2].release();
            inputs[2] = next;
            if (i % 2 == 1) {
                assertArrayEquals(fresh(inputs), floats(layers.run(inputs, NONE)[0]));
            }
        }
    }

    @Test
    void aWeightWhoseMemoryIsUsedAgainIsAnotherOne() {
        Executable layers = layers(20);
        View[] inputs = {view(1, 20, K), view(2, N, K), view(3, N, N)};
        for (int round = 0; round < 3; round++) {
            for (int call = 0; call < 10; call++) {
                layers.run(inputs, NONE);
            }
            // The next storage of this size gets the memory of this one.
            inputs[1].release();
            inputs[1] = view(20 + round, N, K);
            assertArrayEquals(fresh(inputs), floats(layers.run(inputs, NONE)[0]));
        }
    }

    @Test
    void whatTheProgramUpdatesIsNotKept() {
        Executable step =
                compile(
                        """
                        graph(x: f32[9, 40], w: f32[40, 40]) {
                          %0 = permute(w) order=[1, 0] : f32[40, 40]
                          %1 = matmul(x, %0) : f32[9, 40]
                          %2 = neg(w) : f32[40, 40]
                          return %1, %2
                        }\
                        """,
                        List.of(1));
        View[] inputs = {view(1, 9, 40), view(2, 40, 40)};
        for (int call = 0; call < 9; call++) {
            step.run(inputs, new boolean[] {false, true});
        }
        assertEquals(0, step.preparedBytes());
    }
}
