package org.gemel.bench.workloads;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/// Against what NumPy gives for the same formula.
class PeerDataTest {
    @Test
    void uniformNumbers() {
        assertArrayEquals(
                new float[] {
                    -0.634167314f, 0.480169654f, 0.128790259f, -0.0905014798f, -0.455198526f
                },
                PeerData.uniform(5, 1, -1, 1));
        assertEquals(0.19789511f, PeerData.uniform(50_176, 1001, 0, 1)[50_175]);
    }

    @Test
    void classIndices() {
        assertArrayEquals(new long[] {9, 8, 5, 5, 2, 8, 5, 6}, PeerData.labels(8, 1002, 10));
    }

    @Test
    void weightsAndBiases() {
        assertArrayEquals(
                new float[] {
                    -0.512522221f,
                    -0.397549748f,
                    -0.44858253f,
                    0.358254164f,
                    -0.347666502f,
                    -0.360442072f
                },
                PeerData.weight(2, 3, 5));
        assertArrayEquals(
                new float[] {-0.094579041f, -0.0852191821f, -0.0271535423f}, PeerData.bias(3, 2));
    }
}
