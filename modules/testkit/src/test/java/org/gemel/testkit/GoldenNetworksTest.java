package org.gemel.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.gemel.Gemel;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.junit.jupiter.api.Test;

/// The golden networks where one can tell the result, mostly with weights of zero.
class GoldenNetworksTest {
    private static Tensor zeros(int... dims) {
        return filled(0, dims);
    }

    private static Tensor filled(double value, int... dims) {
        double[] all = new double[Math.toIntExact(Shape.of(dims).size())];
        Arrays.fill(all, value);
        return Gemel.tensor(all, dims);
    }

    private static Tensor counting(int... dims) {
        double[] all = new double[Math.toIntExact(Shape.of(dims).size())];
        Arrays.setAll(all, i -> i - 2);
        return Gemel.tensor(all, dims);
    }

    private static double[] run(String op, String output, Object... namesAndTensors)
            throws IOException {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (int i = 0; i < namesAndTensors.length; i += 2) {
            inputs.put((String) namesAndTensors[i], (Tensor) namesAndTensors[i + 1]);
        }
        String json = "{\"attrs\": {}, \"outputs\": [{\"shape\": %s}]}".formatted(output);
        Call call =
                new Call(
                        inputs,
                        new GoldenCase(op, Path.of("."), new ObjectMapper().readTree(json)));
        List<Tensor> results = GoldenOps.named(op).orElseThrow().apply(call);
        assertEquals(Set.of(), call.ignored());
        assertEquals(1, results.size());
        return results.getFirst().toDoubleArray();
    }

    @Test
    void anUnrolledNetworkRemembers() throws IOException {
        double first = Math.tanh(0.5 * 1 + 0.1);
        double second = Math.tanh(0.5 * 2 + 0.3 * first + 0.1);
        double[] found =
                run(
                        "rnn_unrolled",
                        "[]",
                        "x",
                        Gemel.tensor(new double[] {1, 2}, 2, 1, 1),
                        "W_x",
                        filled(0.5, 1, 1),
                        "W_h",
                        filled(0.3, 1, 1),
                        "b",
                        filled(0.1, 1),
                        "c",
                        Gemel.tensor(new double[] {3, 4}, 2, 1, 1));
        assertArrayEquals(new double[] {3 * first + 4 * second}, found, 1e-12);
    }

    @Test
    void aBlockWithoutWeightsLeavesItsInput() throws IOException {
        Tensor x = counting(1, 3, 4);
        Object[] bare = {
            "x",
            x,
            "a",
            zeros(12, 4),
            "b",
            zeros(4, 4),
            "c",
            zeros(8, 4),
            "b1",
            zeros(8),
            "d",
            zeros(4, 8),
            "b2",
            filled(1, 4)
        };
        double[] shifted = x.add(1).toDoubleArray();
        assertArrayEquals(shifted, run("transformer_block", "[1, 3, 4]", bare));
        Object[] normal = Arrays.copyOf(bare, bare.length + 8);
        for (int i = 0; i < 4; i++) {
            normal[bare.length + 2 * i] = "ln" + i;
            normal[bare.length + 2 * i + 1] = filled(i, 4);
        }
        assertArrayEquals(shifted, run("transformer_block", "[1, 3, 4]", normal));
    }

    @Test
    void anAutoencoderWithoutWeightsTossesACoinForEachPixel() throws IOException {
        double[] found =
                run(
                        "vae_elbo",
                        "[]",
                        "x",
                        filled(0.3, 2, 6),
                        "noise",
                        counting(2, 2),
                        "w1",
                        zeros(5, 6),
                        "b1",
                        zeros(5),
                        "w2",
                        zeros(4, 5),
                        "b2",
                        zeros(4),
                        "w3",
                        zeros(6, 2),
                        "b3",
                        zeros(6));
        assertArrayEquals(new double[] {6 * Math.log(2)}, found, 1e-12);
    }

    @Test
    void aLanguageModelWithoutWeightsKnowsNothing() throws IOException {
        double[] found =
                run(
                        "lstm_lm",
                        "[]",
                        "ids",
                        Gemel.tensor(new long[] {0, 6, 3, 2, 1, 5}, 2, 3),
                        "embedding",
                        zeros(7, 4),
                        "w_ih",
                        zeros(20, 4),
                        "w_hh",
                        zeros(20, 5),
                        "b_ih",
                        zeros(20),
                        "b_hh",
                        zeros(20),
                        "w_out",
                        zeros(7, 5),
                        "b_out",
                        zeros(7));
        assertArrayEquals(new double[] {Math.log(7)}, found, 1e-12);
    }

    @Test
    void aResidualBlockAddsItsShift() throws IOException {
        Tensor x = counting(1, 1, 2, 2);
        Tensor kernel = zeros(1, 1, 3, 3);
        double[] plain = run("resblock", "[1, 1, 2, 2]", "x", x, "w1", kernel, "w2", kernel);
        assertArrayEquals(new double[] {0, 0, 0, 1}, plain);
        double[] shifted =
                run(
                        "resblock",
                        "[1, 1, 2, 2]",
                        "x",
                        x,
                        "w1",
                        kernel,
                        "g1",
                        filled(1, 1),
                        "b1",
                        filled(1, 1),
                        "w2",
                        kernel,
                        "g2",
                        filled(1, 1),
                        "b2",
                        filled(2, 1));
        assertArrayEquals(new double[] {0, 1, 2, 3}, shifted);
    }

    @Test
    void whatIsNotUsedIsUnsupported() {
        Tensor x = counting(1, 1, 2, 2);
        Tensor kernel = zeros(1, 1, 3, 3);
        Tensor one = counting(3, 1);
        Tensor place = Gemel.tensor(new long[] {0}, 1);
        for (Object[] call :
                new Object[][] {
                    {"resblock", "x", x, "w1", kernel, "w2", kernel, "more", one},
                    {"index", "x", one, "i", place, "more", counting(3, 1)},
                    {"bincount", "x", place, "more", place}
                }) {
            Object[] inputs = Arrays.copyOfRange(call, 1, call.length);
            assertThrows(Unsupported.class, () -> run((String) call[0], "[]", inputs));
        }
    }
}
