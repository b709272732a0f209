package org.gemel.testkit.ops;

import static org.gemel.testkit.ops.OpCase.op;
import static org.gemel.testkit.ops.OpCase.ops;
import static org.gemel.testkit.ops.Operand.x;

import java.util.List;
import org.gemel.Between;
import org.gemel.Indexed;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.op.Recurrence;
import org.gemel.op.Reduce;
import org.gemel.op.Samples;

/// Reductions and running reductions.
final class ReductionCases {
    // Products of thousands stay finite.
    private static final Samples NEAR_ONE = new Samples(0.97, 1.03, 0);

    private ReductionCases() {}

    static List<OpCase> rows() {
        return List.of(
                op("sum", x -> x.sum(1), x("3 n")),
                op("sum of columns", x -> x.sum(0), x("n 3")),
                op("sum of all", x -> x.sum(), x("2 n")),
                op("sum in the middle", x -> x.sum(1), x("2 n 3")),
                op("reduce", x -> x.reduce(new Reduce(Reduce.Kind.SUM, List.of(0))), x("n 2")),
                op("mean", x -> x.mean(1), x("3 n")).onnx("ReduceMean"),
                op("mean of all", x -> x.mean(), x("2 n")),
                op("nanSum", x -> x.nanSum(1), x("3 n")),
                op("nanSum of roots", x -> x.sqrt().nanSum(0), x("n 3")).preparing().constant(),
                op("nanMean", x -> x.nanMean(1), x("3 n")),
                op("trapezoid", x -> x.trapezoid(0.5, 1), x("3 n")),
                op("trapezoid between places", (y, x) -> y.trapezoid(x, 0), x("n 3"), x("n")),
                op("cumulativeTrapezoid", x -> x.cumulativeTrapezoid(0.5, 0), x("n 3")).curvedAt(4),
                op(
                                "cumulativeTrapezoid between places",
                                (y, x) -> y.cumulativeTrapezoid(x, 1),
                                x("2 n"),
                                x("2 n"))
                        .curvedAt(4),
                op("renorm", x -> x.renorm(2, 0, 1.5), x("n 3")),
                op("amax", x -> x.amax(1), x("3 n")).from(1),
                op("amin", x -> x.amin(0), x("n 3")).from(1),
                op("prod", x -> x.prod(1), x(NEAR_ONE, "2 n")).within(4096),
                op("prod of zeros", x -> x.relu().prod(1), x("2 n"))
                        .preparing()
                        .curvedAt(4)
                        .upTo(17),
                op("sumTo", x -> x.sumTo(Shape.of(1, 3)), x("n 3")),
                op("keep", (x, y) -> x.keep(y, 1), x("3 n"), x("3")),
                op("all", x -> x.all(1), x("3 n")).constant(),
                op("any", x -> x.any(1), x("3 n")).constant(),
                op("argmax", x -> x.argmax(1), x("3 n")).constant().from(1),
                op("argmin", x -> x.argmin(0), x("n 3")).constant().from(1),
                op("argmax of all", x -> x.argmax(), x("2 n")).constant().from(1),
                op("argmin of all", x -> x.argmin(), x("2 n")).constant().from(1),
                op("logSumExp", x -> x.logSumExp(1), x("3 n")).onnx("ReduceLogSumExp"),
                op("logSumExp of columns", x -> x.logSumExp(0), x("n 3")),
                op("variance", x -> x.variance(1, 1), x("2 n")).curvedAt(4),
                op("variance of all", x -> x.variance(0), x("2 n")),
                op("deviation", x -> x.deviation(0, 1), x("2 n")).curvedAt(4),
                op("norm", x -> x.norm(2, 1), x("3 n")),
                op("norm 1", x -> x.norm(1, 0), x("n 3")),
                op("norm 3", x -> x.norm(3, 1), x(Samples.NONZERO, "3 n")),
                op("norm infinite", x -> x.norm(Double.POSITIVE_INFINITY, 1), x("3 n")).from(1),
                op("norm 0", x -> x.norm(0, 1), x("3 n")).constant(),
                op("quantile", x -> x.quantile(0.3, 1), x("3 n")).from(1),
                op("quantile nearest", x -> x.quantile(0.3, 1, Between.NEAREST), x("3 n")).from(1),
                op("quantile midpoint", x -> x.quantile(0.3, 0, Between.MIDPOINT), x("n 2"))
                        .from(1),
                op("nanQuantile", x -> x.nanQuantile(0.7, 1, Between.LINEAR), x("3 n")).from(1),
                op(
                                "nanQuantile of few",
                                x -> x.sqrt().nanQuantile(0.7, 0, Between.HIGHER),
                                x("n 3"))
                        .preparing()
                        .constant()
                        .from(1),
                op("histogram", x -> x.histogram(4, -3, 3), x("2 n")).constant(),
                op("cumsum", x -> x.cumsum(1), x("3 n")),
                op("cumsum of columns", x -> x.cumsum(0), x("n 3")),
                op("cumprod", x -> x.cumprod(1), x(NEAR_ONE, "2 n")),
                op("cumprod of zeros", x -> x.relu().cumprod(1), x("2 n"))
                        .preparing()
                        .curvedAt(4)
                        .upTo(17),
                ops("cummax", in -> pair(in.getFirst().cummax(1)), x("3 n")),
                ops("cummin", in -> pair(in.getFirst().cummin(0)), x("n 3")),
                op("logCumSumExp", x -> x.logCumSumExp(1), x("2 n")),
                recurrence("recurrence", new Recurrence(1, false), "3 n"),
                recurrence("recurrence backwards", new Recurrence(0, true), "n 3"));
    }

    private static OpCase recurrence(String name, Recurrence op, String dims) {
        return op(
                name,
                (a, b) -> Tensor.apply(op, List.of(a, b)).getFirst(),
                x(Samples.UNIT, dims),
                x(dims));
    }

    static List<Tensor> pair(Indexed found) {
        return List.of(found.values(), found.indices());
    }
}
