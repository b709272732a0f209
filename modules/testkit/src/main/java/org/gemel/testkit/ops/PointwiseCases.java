package org.gemel.testkit.ops;

import static org.gemel.testkit.ops.OpCase.op;
import static org.gemel.testkit.ops.OpCase.ops;
import static org.gemel.testkit.ops.Operand.mask;
import static org.gemel.testkit.ops.Operand.x;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gemel.DType;
import org.gemel.Tensor;
import org.gemel.op.Binary;
import org.gemel.op.Compare;
import org.gemel.op.Logical;
import org.gemel.op.Samples;
import org.gemel.op.Unary;

/// Point-wise operations; the rows of the tables of primitives speak for themselves.
final class PointwiseCases {
    private PointwiseCases() {}

    static List<OpCase> rows() {
        List<OpCase> rows = new ArrayList<>();
        for (Unary unary : Unary.values()) {
            OpCase row = op(unary.label(), x -> x.apply(unary), x(unary.samples(), "2 n"));
            rows.add(unary.differentiable() ? row : row.constant());
        }
        for (Binary binary : Binary.values()) {
            Operand a = x(binary.samples(0), "2 n");
            OpCase row =
                    ops(
                            binary.label(),
                            in -> Tensor.apply(binary, in),
                            a,
                            x(binary.samples(1), "n"));
            rows.add(binary.accepts(DType.F64) ? row : row.constant());
        }
        for (Compare compare : Compare.values()) {
            rows.add(
                    ops(compare.label(), in -> Tensor.apply(compare, in), x("2 n"), x("n"))
                            .constant());
        }
        for (Logical logical : Logical.values()) {
            rows.add(
                    ops(logical.label(), in -> Tensor.apply(logical, in), x("2 n"), x("n"))
                            .constant());
        }
        rows.add(op("not", Tensor::not, x("2 n")).onnx("Not").constant());
        rows.add(op("maximum", Tensor::maximum, x("2 n"), x("2 1")));
        rows.add(op("minimum", Tensor::minimum, x("2 n"), x("2 1")));
        rows.addAll(conversions());
        rows.addAll(composites());
        return rows;
    }

    private static List<OpCase> conversions() {
        List<OpCase> rows = new ArrayList<>();
        for (DType dtype : DType.values()) {
            OpCase row = op("to " + dtype, x -> x.to(dtype), x("2 n")).takesAll();
            rows.add(dtype == DType.F64 ? row : row.constant());
        }
        return rows;
    }

    private static List<OpCase> composites() {
        return List.of(
                op("rsub", x -> x.rsub(1.5), x("2 n")),
                op("where", Tensor::where, mask("n"), x("2 n"), x("2 1")),
                op("floorDivide", (a, b) -> a.floorDivide(b), x("2 n"), x(Samples.NONZERO, "n"))
                        .constant(),
                op("logAddExp", Tensor::logAddExp, x("2 n"), x("n")),
                op("logAddExp2", Tensor::logAddExp2, x("2 n"), x("n")),
                op("erfinv", Tensor::erfinv, x(new Samples(-0.9, 0.9, 0), "2 n")).within(64),
                op("erfinv far out", x -> x.mul(1e-4).rsub(1).erfinv(), x(Samples.POSITIVE, "2 n"))
                        .preparing()
                        .constant()
                        .within(4096),
                op("isClose", (a, b) -> a.isClose(b, 0.1, 0.2), x("2 n"), x("n")).constant(),
                op("xlogy", Tensor::xlogy, x("2 n"), x(Samples.POSITIVE, "n")),
                op("fmax", Tensor::fmax, x("2 n"), x("n")),
                op("fmin", Tensor::fmin, x("2 n"), x("n")),
                op("heaviside", Tensor::heaviside, x("2 n"), x("n")).constant(),
                op("lgamma", Tensor::lgamma, x(Samples.POSITIVE, "2 n")),
                op("lgamma below zero", x -> x.sub(0.5).floor().add(0.3).lgamma(), x("2 n"))
                        .preparing()
                        .constant()
                        .within(1024),
                op("digamma", Tensor::digamma, x(Samples.POSITIVE, "2 n")).within(256),
                op("frac", Tensor::frac, x("2 n")),
                op("logit", Tensor::logit, x(new Samples(0.1, 0.9, 0), "2 n")).within(64),
                op("sinc", Tensor::sinc, x("2 n")),
                op("sinc at 0", x -> x.mul(0).sinc(), x("2 n")).preparing(),
                op("isNan", Tensor::isNan, x("2 n")).onnx("IsNaN").constant().takesAll(),
                op("isInf", Tensor::isInf, x("2 n")).onnx("IsInf").constant().takesAll(),
                op("isFinite", Tensor::isFinite, x("2 n")).constant().takesAll(),
                op("signBit", Tensor::signBit, x("2 n")).takesAll().constant(),
                op("clamp", x -> x.clamp(-1, 1), x("2 n")).onnx("Clip"),
                op("clamp below", x -> x.clamp(-2, Double.POSITIVE_INFINITY), x("2 n")),
                op(
                                "clamp to tensors",
                                (x, low, width) -> x.clamp(low, low.add(width)),
                                x("2 n"),
                                x("n"),
                                x(Samples.POSITIVE, "1"))
                        .preparing(),
                op("lerp", (a, b, w) -> a.lerp(b, w), x("2 n"), x("n"), x("2 1")),
                op("lerp by a number", (a, b) -> a.lerp(b, 0.3), x("2 n"), x("n")),
                op("addcmul", (a, b, c) -> a.addcmul(b, c, 0.3), x("2 n"), x("n"), x("2 1")),
                op(
                        "addcdiv",
                        (a, b, c) -> a.addcdiv(b, c, 0.3),
                        x("2 n"),
                        x("n"),
                        x(Samples.POSITIVE, "2 1")),
                op("nanToNum", x -> x.nanToNum(0, Optional.empty(), Optional.empty()), x("2 n")),
                op(
                                "nanToNum of what is not finite",
                                x ->
                                        x.div(x.trunc())
                                                .nanToNum(0.5, Optional.of(2.0), Optional.empty()),
                                x("2 n"))
                        .preparing()
                        .constant());
    }
}
