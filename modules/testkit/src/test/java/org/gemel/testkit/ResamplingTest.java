package org.gemel.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.gemel.DType;
import org.gemel.Linalg;
import org.gemel.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Resizings and products over axes: values that PyTorch 2.15 gives for the same tensors.
class ResamplingTest {
    // The squares of 1 to 12.
    private static Tensor squares() {
        return Tensor.arange(12, DType.F64).add(1).square().reshape(1, 1, 3, 4);
    }

    private static void assertElements(Tensor actual, double... expected) {
        assertArrayEquals(expected, actual.toDoubleArray(), 1e-7);
    }

    @ParameterizedTest
    @EnumSource
    void theNearestMiddleIsTaken(Modes mode) {
        List<Tensor> both =
                mode.run(
                        in ->
                                List.of(
                                        in.getFirst().resizeNearestExact(4, 3),
                                        in.getFirst().reshape(1, 1, 12).scaleNearestExact(1.7)),
                        List.of(squares()));
        assertElements(both.getFirst(), 1, 9, 16, 25, 49, 64, 25, 49, 64, 81, 121, 144);
        assertElements(
                both.getLast(),
                1,
                1,
                4,
                9,
                9,
                16,
                16,
                25,
                36,
                36,
                49,
                49,
                64,
                64,
                81,
                100,
                100,
                121,
                121,
                144);
    }

    @ParameterizedTest
    @EnumSource
    void cubicConvolutionWithTheEdgesKept(Modes mode) {
        List<Tensor> all =
                mode.run(
                        in -> {
                            Tensor x = in.getFirst();
                            Tensor small = x.slice(2, 0, 2, 1).slice(3, 0, 2, 1);
                            return List.of(
                                    x.resizeCubic(false, 2, 5),
                                    x.resizeCubic(true, 2, 5),
                                    small.scaleCubic(false, 1.7, 1.2));
                        },
                        List.of(squares()));
        assertElements(
                all.get(0),
                4.193476563,
                7.015710938,
                11.890625,
                18.63153906,
                24.58077344,
                68.09502344,
                79.60478906,
                95.984375,
                114.2299609,
                128.8667266);
        assertElements(
                all.get(1),
                1,
                2.79296875,
                6.125,
                11.11328125,
                16,
                81,
                93.48046875,
                110.125,
                128.42578125,
                144);
        assertElements(
                all.get(2),
                -1.453654858,
                0.3807870223,
                9.530712435,
                14.44323574,
                23.88716665,
                32.82271047);
    }

    @ParameterizedTest
    @EnumSource
    void axesArePairedAsEinsumPairsThem(Modes mode) {
        List<Tensor> all =
                mode.run(
                        in -> {
                            Tensor a = in.getFirst().reshape(3, 2, 2);
                            Tensor b = in.getFirst().reshape(2, 2, 3);
                            return List.of(
                                    Linalg.tensordot(a, b, 2),
                                    Linalg.einsum("abc,bcd->ad", a, b),
                                    Linalg.tensordot(a, b, new int[] {0, 1}, new int[] {-1, 0}),
                                    Linalg.einsum("abc,bda->cd", a, b),
                                    Linalg.tensordot(a, b, 0),
                                    Linalg.einsum("abc,def->abcdef", a, b));
                        },
                        List.of(squares()));
        for (int i = 0; i < all.size(); i += 2) {
            assertEquals(all.get(i + 1).type(), all.get(i).type());
            assertElements(all.get(i), all.get(i + 1).toDoubleArray());
        }
    }
}
