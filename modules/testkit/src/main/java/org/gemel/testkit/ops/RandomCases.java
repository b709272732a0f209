package org.gemel.testkit.ops;

import static org.gemel.testkit.ops.OpCase.op;
import static org.gemel.testkit.ops.Operand.x;

import java.util.List;
import org.gemel.Gemel;
import org.gemel.Tensor;

/// What is made from nothing, or at random.
final class RandomCases {
    private RandomCases() {}

    static List<OpCase> rows() {
        return List.of(
                op("full", x -> Tensor.full(x.type(), 1.5), x("2 n")).constant().takesAll(),
                op("arange", x -> Tensor.arange(Math.toIntExact(x.size()), x.dtype()), x("n"))
                        .constant()
                        .takesAll(),
                op(
                                "linspace",
                                x -> Tensor.linspace(-1, 2, Math.toIntExact(x.size()), x.dtype()),
                                x("n"))
                        .constant()
                        .takesAll(),
                op("logspace", x -> Tensor.logspace(0, 1, (int) x.size(), 2, x.dtype()), x("n"))
                        .constant()
                        .takesAll(),
                op("lowerTriangleIndices", x -> Tensor.lowerTriangleIndices(3, 4, -1), x("n"))
                        .constant()
                        .takesAll(),
                op("upperTriangleIndices", x -> Tensor.upperTriangleIndices(3, 4, 1), x("n"))
                        .constant()
                        .takesAll(),
                op("zerosLike", Tensor::zerosLike, x("2 n")).constant().takesAll(),
                op("onesLike", Tensor::onesLike, x("2 n")).constant().takesAll(),
                op("uniform", x -> Gemel.key(7).uniform(x.shape().dims()), x("2 n"))
                        .onnx("RandomUniform")
                        .constant()
                        .takesAll(),
                op("normal", x -> Gemel.key(7).normal(x.shape().dims()), x("2 n"))
                        .onnx("RandomNormal")
                        .constant()
                        .takesAll(),
                op("bernoulli", x -> Gemel.key(7).bernoulli(0.3, x.shape().dims()), x("2 n"))
                        .onnx("Bernoulli")
                        .constant()
                        .takesAll(),
                op("categorical", x -> Gemel.key(7).categorical(x), x("3 n")).constant().from(1),
                op("permutation", x -> Gemel.key(7).permutation(Math.toIntExact(x.size())), x("n"))
                        .constant()
                        .from(1)
                        .upTo(207),
                op("dropout", x -> Gemel.key(7).dropout(x, 0.4), x("2 n")).onnx("Dropout"),
                op("split of a key", x -> Gemel.key(7).split(Math.toIntExact(x.size())), x("n"))
                        .constant()
                        .from(1),
                op("fold", x -> Gemel.key(7).fold(x.size()).uniform(3), x("n"))
                        .constant()
                        .takesAll());
    }
}
