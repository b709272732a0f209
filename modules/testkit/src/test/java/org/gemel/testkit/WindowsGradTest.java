package org.gemel.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.gemel.Convolution;
import org.gemel.DType;
import org.gemel.Pooling;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.op.Samples;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Convolutions, poolings, normalisations and resizings against finite differences, to second order
/// and in all modes.
class WindowsGradTest {
    /// A function and where it is checked.
    private record Row(String name, UnaryOperator<List<Tensor>> f, List<Tensor> at) {}

    private static Tensor random(int seed, int... dims) {
        TensorType type = TensorType.of(DType.F64, dims);
        return HostTensors.tensor(
                HostTensors.random(type, Samples.ANY, new SplittableRandom(seed)));
    }

    private static Row of(String name, Function<List<Tensor>, Tensor> f, Tensor... at) {
        return new Row(name, in -> List.of(f.apply(in)), List.of(at));
    }

    private static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        Convolution plain = Convolution.of();
        Convolution odd = plain.stride(2, 1).padding(new int[] {1, 2}, new int[] {0, 1});
        Tensor image = random(1, 2, 4, 4, 5);
        Tensor weight = random(2, 2, 4, 2, 3);
        Tensor small = random(3, 2, 2, 3, 2);
        Tensor bias = random(4, 2);
        rows.add(of("conv2d", in -> in.get(0).conv2d(in.get(1), plain), image, weight));
        rows.add(of("conv2d odd", in -> in.get(0).conv2d(in.get(1), odd), image, weight));
        rows.add(
                of(
                        "conv2d groups",
                        in ->
                                in.get(0)
                                        .conv2d(
                                                in.get(1),
                                                plain.groups(2).padding(1).dilation(2, 1)),
                        image,
                        small));
        rows.add(
                of(
                        "conv2d bias",
                        in -> in.get(0).conv2d(in.get(1), in.get(2), plain.same()).square(),
                        image,
                        weight,
                        bias));
        rows.add(
                of(
                        "conv1d",
                        in -> in.get(0).conv1d(in.get(1), plain.stride(2)),
                        random(5, 2, 3, 7),
                        random(6, 2, 3, 3)));
        rows.add(
                of(
                        "conv3d",
                        in -> in.get(0).conv3d(in.get(1), plain.padding(1)),
                        random(7, 1, 2, 2, 3, 2),
                        random(8, 2, 2, 2, 2, 2)));
        rows.add(
                of(
                        "convTranspose2d",
                        in ->
                                in.get(0)
                                        .convTranspose2d(
                                                in.get(1),
                                                in.get(2),
                                                plain.stride(2).padding(1).outputPadding(1)),
                        random(9, 2, 2, 2, 3),
                        random(10, 2, 2, 3, 3),
                        bias));
        Tensor planes = random(11, 2, 2, 5, 4);
        Pooling three = Pooling.of(3).stride(2).padding(1);
        rows.add(of("maxPool2d", in -> in.get(0).maxPool2d(three), planes));
        rows.add(of("maxPool2d squared", in -> in.get(0).maxPool2d(three).square(), planes));
        rows.add(of("avgPool2d", in -> in.get(0).avgPool2d(three).square(), planes));
        rows.add(
                of(
                        "avgPool2d uneven",
                        in -> in.get(0).avgPool2d(three.countPadding(false).ceiling(true)),
                        planes));
        rows.add(of("lpPool2d", in -> in.get(0).abs().lpPool2d(3, Pooling.of(2)), planes));
        rows.add(of("adaptiveAvgPool2d", in -> in.get(0).adaptiveAvgPool2d(3, 3), planes));
        rows.add(of("adaptiveMaxPool2d", in -> in.get(0).adaptiveMaxPool2d(3, 1), planes));
        Tensor two = random(12, 2);
        rows.add(
                of(
                        "batchNorm",
                        in ->
                                in.get(0)
                                        .batchNorm(
                                                Optional.of(in.get(1)),
                                                Optional.of(in.get(2)),
                                                1e-3)
                                        .output(),
                        random(13, 3, 2, 2),
                        two,
                        bias));
        rows.add(
                of(
                        "groupNorm",
                        in -> in.get(0).groupNorm(2, Optional.empty(), Optional.empty(), 1e-2),
                        random(14, 1, 4, 3)));
        rows.add(
                of(
                        "layerNorm",
                        in ->
                                in.get(0)
                                        .layerNorm(
                                                1, Optional.of(in.get(1)), Optional.empty(), 1e-2),
                        random(15, 3, 4),
                        random(16, 4)));
        rows.add(
                of(
                        "rmsNorm",
                        in -> in.get(0).rmsNorm(1, Optional.of(in.get(1)), 1e-2),
                        random(15, 3, 4),
                        random(16, 4)));
        rows.add(
                of(
                        "localResponseNorm",
                        in -> in.get(0).localResponseNorm(3, 0.1, 0.75, 1),
                        planes));
        rows.add(of("im2col", in -> in.get(0).im2col(new int[] {2}, odd).square(), planes));
        rows.add(
                of(
                        "col2im",
                        in -> in.get(0).col2im(new int[] {4, 4}, new int[] {2}, plain).square(),
                        random(17, 1, 8, 9)));
        rows.add(of("resizeNearest", in -> in.get(0).resizeNearest(7, 3).square(), planes));
        rows.add(of("resizeLinear", in -> in.get(0).resizeLinear(true, 7, 3).square(), planes));
        rows.add(
                of(
                        "pixelShuffle",
                        in -> in.get(0).pixelShuffle(2).square(),
                        random(18, 1, 4, 2, 2)));
        int[] pads = {0, 0, 1, 2};
        rows.add(of("padReflect", in -> in.get(0).padReflect(pads, pads).square(), planes));
        rows.add(of("padReplicate", in -> in.get(0).padReplicate(pads, pads).square(), planes));
        rows.add(of("padCircular", in -> in.get(0).padCircular(pads, pads).square(), planes));
        return rows;
    }

    @TestFactory
    Stream<DynamicTest> everyRuleMeetsItsDifferencesToSecondOrder() {
        List<Row> rows = rows();
        return Arrays.stream(Modes.values())
                .flatMap(mode ->
                        rows.stream()
                                .map(row ->
                                        DynamicTest.dynamicTest(
                                                row.name() + " " + mode,
                                                () ->
                                                        GradCheck.in(mode)
                                                                .check(row.f(), row.at()))));
    }
}
