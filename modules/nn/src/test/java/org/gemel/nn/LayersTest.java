package org.gemel.nn;

import static org.gemel.Gemel.key;
import static org.gemel.Gemel.tensor;
import static org.gemel.nn.Modules.init;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.Stream;
import org.gemel.Convolution;
import org.gemel.GemelException;
import org.gemel.Pooling;
import org.gemel.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LayersTest {
    static Stream<Arguments> layers() {
        Convolution how = Convolution.of().stride(2).padding(1).groups(2);
        return Stream.of(
                Arguments.of(new Conv1d(4, 6, 3), new int[] {2, 4, 9}, "[2, 6, 7]"),
                Arguments.of(new Conv2d(4, 6, how, 3), new int[] {2, 4, 9, 8}, "[2, 6, 5, 4]"),
                Arguments.of(
                        new Conv3d(4, 6, how, 3, 3, 1),
                        new int[] {1, 4, 3, 3, 3},
                        "[1, 6, 2, 2, 3]"),
                Arguments.of(new ConvTranspose1d(4, 6, 3), new int[] {2, 4, 9}, "[2, 6, 11]"),
                Arguments.of(
                        new ConvTranspose2d(4, 6, how, 4), new int[] {2, 4, 3, 2}, "[2, 6, 6, 4]"),
                Arguments.of(
                        new ConvTranspose3d(4, 6, how, 2),
                        new int[] {1, 4, 2, 2, 2},
                        "[1, 6, 2, 2, 2]"),
                Arguments.of(Conv1d.withoutBias(4, 6, how, 3), new int[] {2, 4, 9}, "[2, 6, 5]"),
                Arguments.of(
                        Conv2d.withoutBias(4, 6, how, 3), new int[] {2, 4, 9, 8}, "[2, 6, 5, 4]"),
                Arguments.of(
                        Conv3d.withoutBias(4, 6, how, 3),
                        new int[] {1, 4, 3, 3, 3},
                        "[1, 6, 2, 2, 2]"),
                Arguments.of(
                        ConvTranspose1d.withoutBias(4, 6, how, 4),
                        new int[] {2, 4, 3},
                        "[2, 6, 6]"),
                Arguments.of(
                        ConvTranspose2d.withoutBias(4, 6, how, 4),
                        new int[] {2, 4, 3, 2},
                        "[2, 6, 6, 4]"),
                Arguments.of(
                        ConvTranspose3d.withoutBias(4, 6, how, 2),
                        new int[] {1, 4, 2, 2, 2},
                        "[1, 6, 2, 2, 2]"),
                Arguments.of(Linear.withoutBias(4, 6), new int[] {2, 4}, "[2, 6]"),
                Arguments.of(new MaxPool(2), new int[] {2, 4, 9}, "[2, 4, 4]"),
                Arguments.of(
                        new MaxPool(Pooling.of(3).stride(2).padding(1)),
                        new int[] {2, 4, 9, 8},
                        "[2, 4, 5, 4]"),
                Arguments.of(new MaxPool(2), new int[] {1, 1, 4, 4, 5}, "[1, 1, 2, 2, 2]"),
                Arguments.of(new AveragePool(2, 3), new int[] {2, 4, 6, 6}, "[2, 4, 3, 2]"),
                Arguments.of(new AveragePool(3), new int[] {2, 4, 6}, "[2, 4, 2]"),
                Arguments.of(new AveragePool(2), new int[] {1, 1, 4, 4, 5}, "[1, 1, 2, 2, 2]"),
                Arguments.of(new AdaptiveAveragePool(1, 1), new int[] {2, 4, 5, 6}, "[2, 4, 1, 1]"),
                Arguments.of(new AdaptiveAveragePool(3), new int[] {2, 4, 7}, "[2, 4, 3]"),
                Arguments.of(
                        new AdaptiveAveragePool(2, 1, 2),
                        new int[] {1, 1, 4, 4, 5},
                        "[1, 1, 2, 1, 2]"),
                Arguments.of(new Flatten(), new int[] {2, 4, 5, 6}, "[2, 120]"),
                Arguments.of(new Flatten(2), new int[] {2, 4, 5, 6}, "[2, 4, 30]"),
                Arguments.of(new Dropout(0.5, key(3)), new int[] {2, 4, 5}, "[2, 4, 5]"),
                Arguments.of(new BatchNorm(4), new int[] {2, 4, 3, 3}, "[2, 4, 3, 3]"),
                Arguments.of(new GroupNorm(2, 4, 1e-5), new int[] {2, 4, 3}, "[2, 4, 3]"),
                Arguments.of(new LayerNorm(1e-5, 3, 4), new int[] {2, 3, 4}, "[2, 3, 4]"),
                Arguments.of(new RmsNorm(1e-5, 4), new int[] {2, 4}, "[2, 4]"));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void giveTheirShapeAndGradientsForAllParameters(Module layer, int[] dims, String shape) {
        Tensor x = key(1).uniform(dims).withGrad();
        Tensor y = init(layer, key(2)).forward(x);
        assertEquals(shape, y.shape().toString());
        y.square().sum().backward();
        assertEquals(x.type(), x.grad().type());
        for (var parameter : layer.parameters()) {
            assertEquals(parameter.type(), parameter.grad().type(), parameter.toString());
        }
    }

    @Test
    void batchNormMovesItsStatisticsInTrainingAndUsesThemOtherwise() {
        BatchNorm norm = init(new BatchNorm(1, 0.5, 0), key(1));
        Tensor x = tensor(new float[] {1, 3, 5, 7}, 4, 1);
        norm.forward(x);
        assertEquals(2, norm.mean.value().item());
        // Half of 1, half of the variance 20 / 3.
        assertEquals(0.5 + 10.0 / 3, norm.variance.value().item(), 1e-6);
        norm.training(false);
        float root = (float) Math.sqrt(0.5 + 10.0 / 3);
        assertArrayEquals(
                new float[] {-1 / root, 1 / root, 3 / root, 5 / root},
                norm.forward(x).toFloatArray(),
                1e-6f);
        assertEquals(2, norm.mean.value().item());
    }

    @Test
    void dropoutDrawsAnewInTrainingAndLeavesTheRestAlone() {
        Dropout layer = new Dropout(0.5, key(1));
        Tensor x = key(2).uniform(64).add(1);
        float[] first = layer.forward(x).toFloatArray();
        float[] second = layer.forward(x).toFloatArray();
        assertFalse(Arrays.equals(first, second));
        float[] all = x.toFloatArray();
        for (int i = 0; i < all.length; i++) {
            assertTrue(first[i] == 0 || first[i] == 2 * all[i]);
        }
        layer.training(false);
        assertSame(x, layer.forward(x));
        assertArrayEquals(first, new Dropout(0.5, key(1)).forward(x).toFloatArray());
        assertThrows(GemelException.class, () -> new Dropout(1.5, key(1)));
    }

    @Test
    void anEmbeddingGivesARowForEachWordAndNothingToItsPadding() {
        Embedding layer = init(new Embedding(5, 3, 2), key(1));
        Tensor words = tensor(new long[] {4, 2, 0, 4}, 2, 2);
        Tensor found = layer.forward(words);
        assertEquals("[2, 2, 3]", found.shape().toString());
        float[] rows = layer.weight.value().toFloatArray();
        float[] vectors = found.toFloatArray();
        assertArrayEquals(Arrays.copyOfRange(rows, 12, 15), Arrays.copyOf(vectors, 3));
        assertArrayEquals(new float[3], Arrays.copyOfRange(vectors, 3, 6));
        found.sum().backward();
        assertArrayEquals(
                new float[] {1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2},
                layer.weight.grad().toFloatArray());
        assertThrows(GemelException.class, () -> new Embedding(5, 3, 5));
        assertThrows(GemelException.class, () -> new Embedding(0, 3));
    }

    @Test
    void whatHasNoSpatialDimensionsIsNotPooled() {
        Tensor flat = key(1).uniform(2, 3);
        var error = assertThrows(GemelException.class, () -> new MaxPool(2).forward(flat));
        assertEquals(
                "maxPool: expects [n, channels, ..] with 1 to 3 spatial dimensions, but got f32[2, 3];"
                        + " unsqueeze or reshape it",
                error.getMessage().lines().findFirst().orElseThrow());
        assertThrows(GemelException.class, () -> new Flatten(2).forward(flat));
    }

    @Test
    void sizesThatTheGroupsDoNotDivideAreAnError() {
        var error =
                assertThrows(
                        GemelException.class,
                        () -> new Conv2d(3, 4, Convolution.of().groups(2), 3));
        assertEquals(
                "conv: expects inputs and outputs that the groups divide, but got 3 and 4 in 2"
                        + " groups; check the sizes of the layers",
                error.getMessage());
    }
}
