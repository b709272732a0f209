package org.gemel.testkit.ops;

import static org.gemel.testkit.ops.OpCase.op;
import static org.gemel.testkit.ops.OpCase.ops;
import static org.gemel.testkit.ops.Operand.index;
import static org.gemel.testkit.ops.Operand.x;

import java.util.ArrayList;
import java.util.List;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.op.Pad;
import org.gemel.op.Permute;
import org.gemel.op.Slice;

/// What moves elements and computes nothing.
final class MovementCases {
    private static final Slice TURNED = new Slice(List.of(2, 0), List.of(2, 3), List.of(-2, 1));
    private static final Pad SPREAD = new Pad(Shape.of(9, 3), List.of(8, 1), List.of(-4, 1));

    private MovementCases() {}

    static List<OpCase> rows() {
        List<OpCase> rows = new ArrayList<>(primitives());
        rows.addAll(composites());
        return rows;
    }

    private static List<OpCase> primitives() {
        return List.of(
                op("reshape", x -> x.reshape(2, -1), x("n 2")),
                op("reshape to a shape", x -> x.reshape(Shape.of(2, 3)), x("3 2")),
                op("reshape of a view", x -> x.transpose().reshape(-1), x("3 n")).preparing(),
                op("permute", x -> x.permute(2, 0, 1), x("2 n 3")),
                op("permute by an operation", x -> x.permute(new Permute(List.of(1, 0))), x("2 n")),
                op("expand", x -> x.expand(Shape.of(2, 4, 3)), x("4 1")),
                op("slice", x -> x.slice(1, x.shape().dim(1) - 1, -1, -2), x("2 n"))
                        .preparing()
                        .curvedAt(5),
                op("slice of rows", x -> x.slice(0, 0, 3, 2), x("n 2")).from(3).curvedAt(5),
                op("sliced", x -> x.sliced(TURNED), x("3 3")),
                op("padded", x -> x.padded(SPREAD), x("3 2")),
                op("concat", (a, b) -> Tensor.concat(List.of(a, b, a), 1), x("3 n"), x("3 2")),
                op("concat first", (a, b) -> Tensor.concat(List.of(a, b), 0), x("n 2"), x("3 2")));
    }

    private static List<OpCase> composites() {
        return List.of(
                op("transpose", x -> x.transpose(), x("3 n")),
                op("transpose of two", x -> x.transpose(0, -1), x("2 3 n")),
                op("unsqueeze", x -> x.unsqueeze(1), x("2 n")).onnx("Unsqueeze"),
                op("squeeze", x -> x.squeeze(1), x("n 1 2")).onnx("Squeeze"),
                op("stack", (a, b) -> Tensor.stack(List.of(a, b), 1), x("2 n"), x("2 n")),
                op("moveAxis", x -> x.moveAxis(0, 2), x("2 n 3")),
                op("moveAxes", x -> x.moveAxes(new int[] {0, 1}, new int[] {-1, 0}), x("2 n 3")),
                ops("meshgrid", in -> Tensor.meshgrid(in), x("n"), x("3")),
                op("flip", x -> x.flip(0, 1), x("2 n")),
                op("roll", x -> x.roll(-2, 1), x("2 n")),
                op("tile", x -> x.tile(2, 1, 3), x("2 n")).takesAll().onnx("Tile"),
                op("repeatInterleave", x -> x.repeatInterleave(3, 1), x("2 n")),
                op(
                        "repeatInterleave by counts",
                        (x, counts) -> x.repeatInterleave(counts, 1),
                        x("2 n"),
                        index("3", "n")),
                ops("split", in -> in.getFirst().split(0, 1, 0, 3), x("4 n")),
                ops("splitEvery", in -> in.getFirst().splitEvery(1, 2), x("2 n"))
                        .onnx("Split")
                        .upTo(17),
                ops("chunk", in -> in.getFirst().chunk(1, 3), x("2 n")),
                op("diagonal", x -> x.diagonal(1, -2, -1), x("3 n")).curvedAt(4),
                op("trace", Tensor::trace, x("2 3 n")),
                op("diagonalMatrix", x -> x.diagonalMatrix(1, 0, -1), x("2 n")).upTo(207),
                op("lowerTriangle", x -> x.lowerTriangle(-1), x("3 n")).onnx("Trilu"),
                op("upperTriangle", x -> x.upperTriangle(1), x("n 3")),
                op("unfold", x -> x.unfold(1, 2, 2), x("2 n")).from(2).curvedAt(4),
                op("pad", x -> x.pad(new int[] {1, 2}, new int[] {0, 3}, 1.5), x("2 n"))
                        .onnx("Pad"),
                op("pad less", x -> x.pad(new int[] {0, -1}, new int[] {0, 2}, 0), x("2 n"))
                        .from(1),
                op("padReflect", x -> x.padReflect(new int[] {0, 2}, new int[] {1, 1}), x("2 n"))
                        .from(3),
                op(
                                "padReplicate",
                                x -> x.padReplicate(new int[] {0, 2}, new int[] {1, 1}),
                                x("2 n"))
                        .from(1),
                op("padCircular", x -> x.padCircular(new int[] {0, 2}, new int[] {1, 1}), x("2 n"))
                        .from(2));
    }
}
