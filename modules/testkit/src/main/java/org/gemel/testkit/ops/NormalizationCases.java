package org.gemel.testkit.ops;

import static org.gemel.testkit.ops.OpCase.op;
import static org.gemel.testkit.ops.OpCase.ops;
import static org.gemel.testkit.ops.Operand.x;

import java.util.List;
import java.util.Optional;
import org.gemel.Tensor;
import org.gemel.nn.VectorLosses;
import org.gemel.op.Samples;

/// Normalizations.
final class NormalizationCases {
    private NormalizationCases() {}

    static List<OpCase> rows() {
        return List.of(
                ops(
                                "batchNorm",
                                in -> {
                                    Tensor.BatchNorm y =
                                            in.get(0)
                                                    .batchNorm(
                                                            Optional.of(in.get(1)),
                                                            Optional.of(in.get(2)),
                                                            1e-3);
                                    return List.of(y.output(), y.mean(), y.variance());
                                },
                                x("n 2 2"),
                                x("2"),
                                x("2"))
                        .onnx("BatchNormalization")
                        .within(1024),
                ops(
                        "batchNorm by given values",
                        in ->
                                List.of(
                                        in.get(0)
                                                .batchNorm(
                                                        in.get(1),
                                                        in.get(2),
                                                        Optional.empty(),
                                                        Optional.of(in.get(1)),
                                                        1e-3)),
                        x("3 n"),
                        x("n"),
                        x(Samples.POSITIVE, "n")),
                op(
                                "groupNorm",
                                x -> x.groupNorm(2, Optional.empty(), Optional.empty(), 1e-2),
                                x("2 4 n"))
                        .onnx("GroupNormalization")
                        .within(1024),
                op(
                                "instanceNorm",
                                (x, w) -> x.instanceNorm(Optional.of(w), Optional.empty(), 1e-2),
                                x("2 2 n"),
                                x("2"))
                        .onnx("InstanceNormalization")
                        .within(1024),
                op(
                                "layerNorm",
                                (x, w, b) -> x.layerNorm(1, Optional.of(w), Optional.of(b), 1e-2),
                                x("3 n"),
                                x("n"),
                                x("n"))
                        .onnx("LayerNormalization")
                        .within(1024),
                op("rmsNorm", (x, w) -> x.rmsNorm(1, Optional.of(w), 1e-2), x("3 n"), x("n"))
                        .onnx("RMSNormalization")
                        .within(256),
                op("localResponseNorm", x -> x.localResponseNorm(3, 0.1, 0.75, 1), x("1 n 2"))
                        .onnx("LRN"),
                op("normalize", x -> VectorLosses.normalize(x, 2, 1, 1e-3), x("3 n")));
    }
}
