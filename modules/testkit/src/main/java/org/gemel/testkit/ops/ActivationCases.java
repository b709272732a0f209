package org.gemel.testkit.ops;

import static org.gemel.testkit.ops.OpCase.op;
import static org.gemel.testkit.ops.Operand.x;

import java.util.List;
import org.gemel.Tensor;
import org.gemel.op.Samples;

/// Activations.
final class ActivationCases {
    private ActivationCases() {}

    static List<OpCase> rows() {
        return List.of(
                op("softmax", x -> x.softmax(1), x("3 n")).onnx("Softmax"),
                op("softmax first", x -> x.softmax(0), x("n 2")),
                op("logSoftmax", x -> x.logSoftmax(-1), x("3 n")).onnx("LogSoftmax"),
                op("logSoftmax first", x -> x.logSoftmax(0), x("n 2")),
                op("gelu", Tensor::gelu, x("2 n")).onnx("Gelu"),
                op("geluTanh", Tensor::geluTanh, x("2 n")),
                op("silu", Tensor::silu, x("2 n")),
                op("softplus", x -> x.softplus(), x("2 n")).onnx("Softplus"),
                op("softplus of 3", x -> x.softplus(3, 5.2), x("2 n")),
                op("logSigmoid", Tensor::logSigmoid, x("2 n")),
                op("elu", x -> x.elu(0.7), x(Samples.NONZERO, "2 n")).onnx("Elu"),
                op("celu", x -> x.celu(0.7), x(Samples.NONZERO, "2 n")).onnx("Celu"),
                op("selu", Tensor::selu, x(Samples.NONZERO, "2 n")).onnx("Selu"),
                op("mish", Tensor::mish, x("2 n")).onnx("Mish"),
                op("softsign", Tensor::softsign, x(Samples.NONZERO, "2 n")).onnx("Softsign"),
                op("hardtanh", x -> x.hardtanh(-1, 2), x("2 n")),
                op("relu6", Tensor::relu6, x(new Samples(-2, 9, 0), "2 n")),
                op("hardSigmoid", Tensor::hardSigmoid, x(new Samples(-5, 5, 0), "2 n"))
                        .onnx("HardSigmoid"),
                op("hardSwish", Tensor::hardSwish, x(new Samples(-5, 5, 0), "2 n"))
                        .onnx("HardSwish"),
                op("leakyRelu", x -> x.leakyRelu(0.2), x("2 n")).onnx("LeakyRelu"),
                op("prelu", (x, w) -> x.prelu(w), x("2 n 2"), x("n")).onnx("PRelu"),
                op("prelu of one", (x, w) -> x.prelu(w), x("2 n"), x("1")),
                op("glu", x -> x.glu(0), x("4 n")),
                op("hardShrink", x -> x.hardShrink(0.5), x("2 n")),
                op("softShrink", x -> x.softShrink(0.5), x("2 n")),
                op("tanhShrink", Tensor::tanhShrink, x("2 n")),
                op("threshold", x -> x.threshold(1, -2), x("2 n")));
    }
}
