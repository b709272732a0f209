package org.gemel.testkit;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.op.Binary;
import org.gemel.op.Composite;
import org.gemel.op.Op;
import org.gemel.op.Samples;
import org.gemel.op.Unary;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class GradCheckTest {
    private static Tensor random(Samples samples, int seed, int... dims) {
        TensorType type = TensorType.of(DType.F64, dims);
        return HostTensors.tensor(HostTensors.random(type, samples, new SplittableRandom(seed)));
    }

    private static UnaryOperator<List<Tensor>> applying(Op op) {
        return inputs -> Tensor.apply(op, inputs);
    }

    /// A function and where it is checked.
    private record Row(String name, UnaryOperator<List<Tensor>> f, List<Tensor> at) {}

    private static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (Unary op : Unary.values()) {
            if (op.differentiable()) {
                List<Tensor> at = List.of(random(op.samples(), 1, 5));
                rows.add(new Row(op.label(), applying(op), at));
            }
        }
        for (Binary op : Binary.values()) {
            if (!op.accepts(DType.F64)) {
                continue;
            }
            Tensor a = random(op.samples(0), 1, 3, 2);
            Tensor b = random(op.samples(1), 2, 2);
            rows.add(new Row(op.label(), applying(op), List.of(a, b)));
        }
        Tensor x = random(Samples.ANY, 3, 3, 4);
        Tensor y = random(Samples.ANY, 4, 4, 2);
        rows.add(of("softmax", in -> in.get(0).softmax(1), x));
        rows.add(of("log_softmax", in -> in.get(0).logSoftmax(0), x));
        rows.add(of("gelu", in -> in.get(0).gelu(), x));
        rows.add(of("silu", in -> in.get(0).silu(), x));
        rows.add(of("softplus", in -> in.get(0).softplus(), x));
        rows.addAll(pointwise(x));
        rows.add(of("matmul", in -> in.get(0).matmul(in.get(1)), x, y));
        rows.add(of("sum", in -> in.get(0).sum(1), x));
        rows.add(of("mean", in -> in.get(0).mean(), x));
        rows.add(of("amax", in -> in.get(0).amax(1), x));
        rows.add(of("amin", in -> in.get(0).amin(0), x));
        rows.add(of("prod", in -> in.get(0).prod(1), x));
        rows.add(of("slice", in -> in.get(0).slice(1, 3, -1, -2), x));
        rows.add(of("permute", in -> in.get(0).transpose().square(), x));
        rows.add(of("concat", in -> Tensor.concat(List.of(in.get(0), in.get(0)), 0).square(), x));
        rows.add(
                of(
                        "cross_entropy",
                        in -> in.get(0).crossEntropy(in.get(1)),
                        x,
                        org.gemel.Gemel.tensor(new long[] {1, 0, 3})));
        rows.add(
                of(
                        "cross_entropy of probabilities",
                        in -> in.get(0).crossEntropy(in.get(1).softmax(1)),
                        x,
                        random(Samples.ANY, 5, 3, 4)));
        rows.add(
                of(
                        "binary_cross_entropy",
                        in -> in.get(0).binaryCrossEntropyWithLogits(in.get(1).sigmoid()),
                        x,
                        random(Samples.ANY, 6, 3, 4)));
        return rows;
    }

    private static List<Row> pointwise(Tensor x) {
        // away from the kinks, of which all lie at multiples of 1/2
        Tensor y = random(new Samples(1.6, 1.9, 0), 4, 4);
        Tensor signs = org.gemel.Gemel.tensor(new double[] {1, -1, -1, 1}, 4);
        Tensor z = y.mul(signs);
        return List.of(
                of("lgamma", in -> in.get(0).lgamma(), z),
                of("digamma", in -> in.get(0).digamma(), z),
                of("frac", in -> in.get(0).frac(), z),
                of("logit", in -> in.get(0).sigmoid().logit(), z),
                of("sinc", in -> in.get(0).sinc(), z),
                of("sinc at 0", in -> in.get(0).sinc(), z.mul(0)),
                of("logaddexp", in -> in.get(0).logAddExp(in.get(1)), x, z),
                of("xlogy", in -> in.get(0).xlogy(in.get(1)), x, y),
                of("fmax", in -> in.get(0).fmax(in.get(1)), z, y.neg()),
                of("fmin", in -> in.get(0).fmin(in.get(1)), z, y.neg()),
                of("clamp", in -> in.get(0).clamp(-1, 1), z),
                of("clamp inside", in -> in.get(0).clamp(-2, Double.POSITIVE_INFINITY), z),
                of("clamp to", in -> in.get(0).clamp(in.get(1), in.get(2)), x, z, y.add(0.05)),
                of("lerp", in -> in.get(0).lerp(in.get(1), in.get(2)), x, z, y),
                of("addcmul", in -> in.get(0).addcmul(in.get(1), in.get(2), 0.3), x, z, y),
                of("addcdiv", in -> in.get(0).addcdiv(in.get(1), in.get(2), 0.3), x, z, y),
                of("nan_to_num", in -> nanToNum(in.get(0)), z),
                of("log_sigmoid", in -> in.get(0).logSigmoid(), z),
                of("elu", in -> in.get(0).elu(0.7), z),
                of("celu", in -> in.get(0).celu(0.7), z),
                of("selu", in -> in.get(0).selu(), z),
                of("gelu_tanh", in -> in.get(0).geluTanh(), z),
                of("mish", in -> in.get(0).mish(), z),
                of("softplus of 3", in -> in.get(0).softplus(3, 5.2), z),
                of("softsign", in -> in.get(0).softsign(), z),
                of("hardtanh", in -> in.get(0).hardtanh(-1, 2), z),
                of("relu6", in -> in.get(0).relu6(), z),
                of("hardsigmoid", in -> in.get(0).hardSigmoid(), z),
                of("hardswish", in -> in.get(0).hardSwish(), z),
                of("leaky_relu", in -> in.get(0).leakyRelu(0.2), z),
                of("prelu", in -> in.get(0).prelu(in.get(1)), x, z),
                of("prelu of one", in -> in.get(0).prelu(in.get(1)), z, y.slice(0, 0, 1, 1)),
                of("glu", in -> in.get(0).glu(1), x),
                of("hardshrink", in -> in.get(0).hardShrink(0.5), z),
                of("softshrink", in -> in.get(0).softShrink(0.5), z),
                of("tanhshrink", in -> in.get(0).tanhShrink(), z),
                of("threshold", in -> in.get(0).threshold(1, -2), z));
    }

    private static Tensor nanToNum(Tensor x) {
        return x.nanToNum(0, Optional.empty(), Optional.empty());
    }

    private static Row of(
            String name, java.util.function.Function<List<Tensor>, Tensor> f, Tensor... at) {
        return new Row(name, in -> List.of(f.apply(in)), List.of(at));
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

    @Test
    void aWrongRuleIsCaught() {
        Composite wrong =
                Composite.of(
                        "wrong",
                        List.of(),
                        in -> List.of(in.getFirst().square()),
                        p -> p.give(0, () -> p.g().mul(p.x(0)).mul(1.99)));
        var error =
                assertThrows(
                        AssertionError.class,
                        () ->
                                GradCheck.in(Modes.EAGER)
                                        .first(
                                                applying(wrong),
                                                List.of(random(Samples.POSITIVE, 1, 3))));
        assertTrue(error.getMessage().startsWith("slope of input 0 at element 0"));
    }

    @Test
    void aWrongSecondDerivativeIsCaught() {
        // The slope is right, but it is cut off from its own derivative.
        Composite cut =
                Composite.of(
                        "cut",
                        List.of(),
                        in -> List.of(in.getFirst().square()),
                        p -> p.give(0, () -> p.g().mul(p.x(0).detach()).mul(2)));
        GradCheck check = GradCheck.in(Modes.EAGER);
        List<Tensor> at = List.of(random(Samples.POSITIVE, 1, 3));
        check.first(applying(cut), at);
        assertThrows(AssertionError.class, () -> check.second(applying(cut), at));
    }
}
