package org.gemel.testkit.ops;

import static org.gemel.GridSampling.Interpolation.CUBIC;
import static org.gemel.GridSampling.Interpolation.LINEAR;
import static org.gemel.GridSampling.Interpolation.NEAREST;
import static org.gemel.GridSampling.Outside.BORDER;
import static org.gemel.GridSampling.Outside.REFLECTION;
import static org.gemel.GridSampling.Outside.ZEROS;
import static org.gemel.testkit.ops.OpCase.op;
import static org.gemel.testkit.ops.OpCase.ops;
import static org.gemel.testkit.ops.Operand.index;
import static org.gemel.testkit.ops.Operand.x;

import java.util.ArrayList;
import java.util.List;
import org.gemel.Convolution;
import org.gemel.GridSampling;
import org.gemel.Pooling;
import org.gemel.Tensor;
import org.gemel.op.Conv;
import org.gemel.op.Pool;
import org.gemel.op.Primitive;
import org.gemel.op.Samples;
import org.gemel.op.Windows;

/// Convolutions, poolings and resizings.
final class WindowCases {
    private static final Convolution PLAIN = Convolution.of();
    private static final Convolution ODD =
            PLAIN.stride(2, 1).padding(new int[] {1, 2}, new int[] {0, 1});
    private static final Pooling THREE = Pooling.of(3).stride(2).padding(1);

    // Between the corners of an image.
    private static final Samples WITHIN = new Samples(-0.9, 0.9, 0);

    private WindowCases() {}

    static List<OpCase> rows() {
        List<OpCase> rows = new ArrayList<>(convolutions());
        rows.addAll(poolings());
        rows.addAll(resizings());
        rows.addAll(grids());
        rows.addAll(transposes());
        return rows;
    }

    private static List<OpCase> convolutions() {
        return List.of(
                op(
                                "conv1d",
                                (x, w) -> x.conv1d(w, PLAIN.stride(2).padding(1)),
                                x("2 2 n"),
                                x("3 2 3"))
                        .from(1),
                op(
                        "conv1d same",
                        (x, w, b) -> x.conv1d(w, b, PLAIN.same()),
                        x("1 n 4"),
                        x("2 n 3"),
                        x("2")),
                op("conv2d", (x, w) -> x.conv2d(w, PLAIN), x("2 2 3 n"), x("2 2 2 2")).from(2),
                op("conv2d odd", (x, w) -> x.conv2d(w, ODD), x("1 2 4 n"), x("2 2 2 3")),
                op(
                        "conv2d groups",
                        (x, w) -> x.conv2d(w, PLAIN.groups(2).padding(1).dilation(2, 1)),
                        x("1 4 3 n"),
                        x("2 2 3 2")),
                op(
                                "conv2d bias",
                                (x, w, b) -> x.conv2d(w, b, PLAIN.same()),
                                x("n 1 3 2"),
                                x("2 1 2 3"),
                                x("2"))
                        .curvedAt(2),
                op(
                                "conv3d",
                                (x, w, b) -> x.conv3d(w, b, PLAIN.padding(1)),
                                x("1 2 2 n 2"),
                                x("2 2 2 2 2"),
                                x("2"))
                        .curvedAt(2),
                op(
                        "convTranspose1d",
                        (x, w, b) -> x.convTranspose1d(w, b, PLAIN.stride(2)),
                        x("1 2 n"),
                        x("2 2 3"),
                        x("2")),
                op(
                        "convTranspose2d",
                        (x, w, b) ->
                                x.convTranspose2d(
                                        w, b, PLAIN.stride(2).padding(1).outputPadding(1)),
                        x("2 2 2 n"),
                        x("2 2 3 3"),
                        x("2")),
                op(
                        "convTranspose3d",
                        (x, w) -> x.convTranspose3d(w, PLAIN),
                        x("1 2 1 n 2"),
                        x("2 1 1 2 2")));
    }

    private static List<OpCase> poolings() {
        return List.of(
                op("maxPool1d", x -> x.maxPool1d(Pooling.of(2)), x("1 2 n")).from(2).curvedAt(5),
                op(
                        "maxUnpool1d",
                        (x, places) -> x.maxUnpool1d(places, 9),
                        x("1 2 n"),
                        index("9", "1 2 n")),
                op(
                        "maxUnpool2d",
                        (x, places) -> x.maxUnpool2d(places, 4, 5),
                        x("2 2 n"),
                        index("20", "2 2 n")),
                op(
                        "maxUnpool3d",
                        (x, places) -> x.maxUnpool3d(places, 2, 3, 2),
                        x("1 2 1 2 n"),
                        index("12", "1 2 1 2 n")),
                op("maxPool2d", x -> x.maxPool2d(THREE), x("2 4 n")).from(1).curvedAt(4),
                op("maxPool3d", x -> x.maxPool3d(Pooling.of(2)), x("1 2 2 n")).from(2).curvedAt(4),
                ops(
                                "maxPool1dWithIndices",
                                in -> in.getFirst().maxPool1dWithIndices(THREE),
                                x("1 2 n"))
                        .from(1)
                        .curvedAt(5),
                ops(
                                "maxPool2dWithIndices",
                                in -> in.getFirst().maxPool2dWithIndices(THREE.dilation(1, 2)),
                                x("1 2 5 n"))
                        .from(3)
                        .curvedAt(5),
                ops(
                                "maxPool3dWithIndices",
                                in -> in.getFirst().maxPool3dWithIndices(Pooling.of(2)),
                                x("1 1 2 2 n"))
                        .from(2)
                        .curvedAt(4),
                op("avgPool1d", x -> x.avgPool1d(THREE), x("2 2 n")).onnx("AveragePool").from(1),
                op("avgPool2d", x -> x.avgPool2d(THREE), x("1 2 4 n")).from(1),
                op(
                        "avgPool2d uneven",
                        x -> x.avgPool2d(THREE.countPadding(false).ceiling(true)),
                        x("1 1 4 n")),
                op("avgPool3d", x -> x.avgPool3d(Pooling.of(2).stride(1)), x("1 2 2 n")).from(2),
                op("lpPool1d", x -> x.lpPool1d(2, Pooling.of(2)), x("1 2 n"))
                        .onnx("LpPool")
                        .from(2)
                        .curvedAt(5),
                op("lpPool2d", x -> x.lpPool2d(2, Pooling.of(2)), x("1 1 4 n")).from(2).curvedAt(4),
                op("lpPool3d", x -> x.lpPool3d(2, Pooling.of(2)), x("1 1 2 2 n"))
                        .from(2)
                        .curvedAt(4),
                op("adaptiveAvgPool1d", x -> x.adaptiveAvgPool1d(3), x("1 2 n")).from(1),
                op("adaptiveAvgPool2d", x -> x.adaptiveAvgPool2d(3, 3), x("1 1 4 n")).from(1),
                op("adaptiveAvgPool3d", x -> x.adaptiveAvgPool3d(1, 2, 3), x("1 1 2 3 n")).from(1),
                op("adaptiveMaxPool1d", x -> x.adaptiveMaxPool1d(3), x("1 2 n"))
                        .from(1)
                        .curvedAt(5),
                op("adaptiveMaxPool2d", x -> x.adaptiveMaxPool2d(3, 1), x("1 1 5 n")).from(1),
                op("adaptiveMaxPool3d", x -> x.adaptiveMaxPool3d(1, 2, 1), x("1 1 2 3 n")).from(1),
                ops(
                                "adaptiveMaxPool1dWithIndices",
                                in -> in.getFirst().adaptiveMaxPool1dWithIndices(2),
                                x("1 2 n"))
                        .from(1),
                ops(
                                "adaptiveMaxPool2dWithIndices",
                                in -> in.getFirst().adaptiveMaxPool2dWithIndices(2, 3),
                                x("1 1 3 n"))
                        .from(1),
                ops(
                                "adaptiveMaxPool3dWithIndices",
                                in -> in.getFirst().adaptiveMaxPool3dWithIndices(1, 1, 2),
                                x("1 1 2 2 n"))
                        .from(1));
    }

    private static List<OpCase> grids() {
        return List.of(
                op(
                                "gridSample",
                                (x, grid) -> x.gridSample(grid, GridSampling.USUAL),
                                x("2 2 3 n"),
                                x(WITHIN, "2 1 3 2"))
                        .from(1),
                op(
                                "gridSample mirrored",
                                (x, grid) -> x.gridSample(grid, grid(LINEAR, REFLECTION, true)),
                                x("1 2 2 3 2"),
                                x("1 1 2 n 3"))
                        .upTo(207),
                op(
                                "gridSample of the nearest",
                                (x, grid) -> x.gridSample(grid, grid(NEAREST, BORDER, false)),
                                x("1 2 n 2"),
                                x("1 2 3 2"))
                        .from(1),
                op(
                                "gridSample by cubes",
                                (x, grid) -> x.gridSample(grid, grid(CUBIC, ZEROS, false)),
                                x("1 1 4 n"),
                                x(WITHIN, "1 2 2 2"))
                        .from(1)
                        .within(256),
                op("affineGrid", x -> x.affineGrid(false, 2, 3), x("n 2 3")),
                op("affineGrid aligned", x -> x.affineGrid(true, 2, 1, 3), x("n 3 4")));
    }

    private static GridSampling grid(
            GridSampling.Interpolation interpolation, GridSampling.Outside outside, boolean align) {
        return new GridSampling(interpolation, outside, align);
    }

    private static List<OpCase> resizings() {
        return List.of(
                op("resizeNearest", x -> x.resizeNearest(7, 3), x("1 2 3 n")).from(1),
                op("scaleNearest", x -> x.scaleNearest(0.5, 2), x("1 2 3 n")).from(1),
                op("resizeNearestExact", x -> x.resizeNearestExact(7, 3), x("1 2 3 n")).from(1),
                op("scaleNearestExact", x -> x.scaleNearestExact(1.7), x("1 2 n")).from(1),
                op("resizeCubic", x -> x.resizeCubic(true, 7, 3), x("1 2 3 n")).from(1),
                op("resizeCubic by edges", x -> x.resizeCubic(false, 5), x("1 2 n")).from(1),
                op("scaleCubic", x -> x.scaleCubic(false, 1.7), x("1 2 n")).from(1),
                op("resizeLinear", x -> x.resizeLinear(true, 7, 3), x("1 2 3 n"))
                        .onnx("Resize")
                        .from(1),
                op("resizeLinear by edges", x -> x.resizeLinear(false, 5), x("1 2 n")).from(1),
                op("scaleLinear", x -> x.scaleLinear(false, 1.5, 2), x("1 1 2 n")).from(1),
                op("pixelShuffle", x -> x.pixelShuffle(2), x("1 4 2 n")).onnx("DepthToSpace"),
                op("pixelUnshuffle", x -> x.pixelUnshuffle(2), x("n 2 2")).onnx("SpaceToDepth"),
                op("im2col", x -> x.im2col(new int[] {2, 2}, ODD), x("1 2 3 n")),
                op("col2im", x -> x.col2im(new int[] {3, 4}, new int[] {2}, PLAIN), x("n 4 6"))
                        .onnx("Col2Im"));
    }

    // What derivatives are made of; the windows are fixed, and so are the sizes but for the batch.
    private static List<OpCase> transposes() {
        List<Integer> five = List.of(5);
        Windows windows =
                new Windows(five, List.of(3), List.of(3), List.of(2), List.of(1), List.of(1));
        return List.of(
                op(
                                "conv_weight",
                                (x, y) -> applied(new Conv(Conv.Kind.WEIGHT, windows, 1), x, y),
                                x("n 2 5"),
                                x("n 2 3"))
                        .curvedAt(2),
                op(
                        "max_pool_take",
                        (x, v) -> applied(new Pool(Pool.Kind.TAKE, windows), x, v),
                        x("n 5"),
                        x("n 5")),
                op(
                        "max_pool_put",
                        (x, v) -> applied(new Pool(Pool.Kind.PUT, windows), x, v),
                        x("n 5"),
                        x("n 3")),
                op(
                        "sum_pool_spread",
                        x ->
                                Tensor.apply(new Pool(Pool.Kind.SPREAD, windows), List.of(x))
                                        .getFirst(),
                        x("n 3")));
    }

    private static Tensor applied(Primitive op, Tensor a, Tensor b) {
        return Tensor.apply(op, List.of(a, b)).getFirst();
    }
}
