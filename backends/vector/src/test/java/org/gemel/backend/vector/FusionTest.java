package org.gemel.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.op.Dense;
import org.gemel.op.Reduce;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Programs as fused kernels give the bits they give operation by operation, on any number of
/// threads.
final class FusionTest {
    private static VectorBackend one;
    private static VectorBackend two;

    @BeforeAll
    static void start() {
        one = new VectorBackend();
        one.threads(1);
        two = new VectorBackend();
        two.threads(2);
    }

    @AfterAll
    static void stop() {
        one.workers().close();
        two.workers().close();
    }

    /// A program and what it takes.
    record Case(String name, List<TensorType> inputs, UnaryOperator<List<Tensor>> body) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Tensor total(Tensor x, int axis) {
        return x.reduce(new Reduce(Reduce.Kind.SUM, List.of(axis)));
    }

    private static Tensor largest(Tensor x, int axis) {
        return x.reduce(new Reduce(Reduce.Kind.MAX, List.of(axis)));
    }

    private static Tensor normalized(Tensor x, Tensor scale, Tensor shift) {
        double n = x.shape().dim(1);
        Tensor centered = x.sub(total(x, 1).mul(1 / n));
        Tensor variance = total(centered.square(), 1).mul(1 / n);
        return centered.mul(variance.add(1e-5).rsqrt()).mul(scale).add(shift);
    }

    private static TensorType f32(int... dims) {
        return TensorType.of(DType.F32, dims);
    }

    private static TensorType f64(int... dims) {
        return TensorType.of(DType.F64, dims);
    }

    static Stream<Case> cases() {
        Map<String, Case> cases = new LinkedHashMap<>();
        for (int n : new int[] {2, 10, 64, 207, 1024}) {
            add(cases, "softmax " + n, List.of(f32(133, n)), in -> List.of(in.get(0).softmax(1)));
            add(
                    cases,
                    "log softmax " + n,
                    List.of(f64(33, n)),
                    in -> List.of(in.get(0).logSoftmax(1)));
            add(
                    cases,
                    "norm " + n,
                    List.of(f32(65, n), f32(n), f32(n)),
                    in -> List.of(normalized(in.get(0), in.get(1), in.get(2))));
            add(
                    cases,
                    "two reductions " + n,
                    List.of(f32(9, n)),
                    in -> {
                        Tensor e = in.get(0).exp();
                        return List.of(total(e, 1), largest(in.get(0), 1).log(), e);
                    });
        }
        for (int rows : new int[] {2, 63, 64, 207}) {
            add(
                    cases,
                    "sums along and across " + rows,
                    List.of(f32(rows, 130), f32(rows, 130)),
                    in -> {
                        Tensor y = in.get(0).sub(largest(in.get(0), 1));
                        Tensor z = y.mul(in.get(1)).sub(total(in.get(1), 1));
                        Tensor bias = total(in.get(1), 0);
                        return List.of(z, total(z, 0), largest(y, 0), z.sub(bias));
                    });
        }
        add(
                cases,
                "sums across rows of rows",
                List.of(f64(5, 30, 33)),
                in -> {
                    Tensor y = in.get(0).div(total(in.get(0).square(), 2).add(1));
                    Reduce both = new Reduce(Reduce.Kind.SUM, List.of(0, 1));
                    return List.of(y.reduce(both), in.get(0).reduce(both));
                });
        add(
                cases,
                "gather",
                List.of(f32(7, 33), TensorType.of(DType.I64, 7, 12)),
                in -> List.of(in.get(0).gather(1, in.get(1).mul(0)).neg()));
        add(
                cases,
                "cross entropy",
                List.of(f32(128, 10), TensorType.of(DType.I64, 128)),
                in -> List.of(in.get(0).crossEntropy(in.get(1).mul(0))));
        add(
                cases,
                "columns",
                List.of(f32(300, 700), f32(700), f32(300, 1)),
                in -> {
                    Tensor y = in.get(0).mul(in.get(1)).add(in.get(2)).relu();
                    return List.of(total(y, 0), y);
                });
        add(
                cases,
                "chain",
                List.of(f32(70, 65), f32(65), f32(70, 1), f32(70, 65)),
                in ->
                        List.of(
                                in.get(0)
                                        .mul(in.get(1))
                                        .add(in.get(2))
                                        .gelu()
                                        .mul(in.get(3))
                                        .tanh()));
        add(
                cases,
                "long chain",
                List.of(f32(5000)),
                in -> {
                    Tensor x = in.get(0);
                    List<Tensor> results = new ArrayList<>();
                    for (int i = 0; i < 12; i++) {
                        x = x.sin().mul(1.1).exp().add(i);
                        results.add(x);
                    }
                    return results;
                });
        add(
                cases,
                "mixed types",
                List.of(f32(300), TensorType.of(DType.I64, 300), f64(300)),
                in -> {
                    Tensor picked = in.get(1).gt(0).and(in.get(0).lt(0.5));
                    Tensor wide = in.get(0).to(DType.F64).mul(in.get(2));
                    return List.of(
                            Tensor.where(picked, wide, in.get(2)),
                            picked,
                            in.get(1).to(DType.F32).add(in.get(0)));
                });
        add(
                cases,
                "linear layer",
                List.of(f32(70, 50), f32(50, 40), f32(40)),
                in -> List.of(in.get(0).matmul(in.get(1)).add(in.get(2)).gelu()));
        add(
                cases,
                "linear layer twice used",
                List.of(f64(33, 20), f64(30, 20), f64(33, 1)),
                in -> {
                    Tensor p = in.get(0).matmul(in.get(1).transpose());
                    return List.of(p, p.add(in.get(2)).tanh(), p.gt(0));
                });
        add(
                cases,
                "batched product",
                List.of(f32(4, 1, 7, 9), f32(3, 9, 5), f32(5, 7)),
                in -> List.of(in.get(0).matmul(in.get(1)).sub(in.get(2).transpose()).relu()));
        add(
                cases,
                "transposed operands",
                List.of(f32(40, 30), f32(30, 40)),
                in -> List.of(in.get(0).transpose().add(in.get(1)), in.get(1).transpose().exp()));
        return cases.values().stream();
    }

    private static void add(
            Map<String, Case> cases,
            String name,
            List<TensorType> inputs,
            UnaryOperator<List<Tensor>> body) {
        cases.put(name, new Case(name, inputs, body));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void sameBits(Case each) {
        List<Dense> inputs = new ArrayList<>();
        for (TensorType type : each.inputs) {
            SplittableRandom random = new SplittableRandom(type.hashCode() + inputs.size());
            inputs.add(
                    type.dtype().isFloating()
                            ? Dense.of(type, i -> random.nextGaussian())
                            : Dense.ofLongs(type, i -> random.nextInt(-5, 5)));
        }
        List<Dense> single = run(one, false, inputs, each.body);
        same(single, run(one, true, inputs, each.body));
        same(single, run(two, false, inputs, each.body));
        same(single, run(two, true, inputs, each.body));
    }

    private static List<Dense> run(
            VectorBackend backend,
            boolean join,
            List<Dense> inputs,
            UnaryOperator<List<Tensor>> body) {
        try (Programs programs = new Programs(backend, join)) {
            return programs.run(inputs, body);
        }
    }

    private static void same(List<Dense> expected, List<Dense> actual) {
        assertEquals(expected.size(), actual.size());
        for (int k = 0; k < expected.size(); k++) {
            Dense e = expected.get(k);
            Dense a = actual.get(k);
            assertEquals(e.type(), a.type());
            for (int i = 0; i < e.size(); i++) {
                int at = i;
                assertTrue(
                        Double.compare(e.real(i), a.real(i)) == 0 && e.integer(i) == a.integer(i),
                        () -> "element " + at + ": " + e.real(at) + " but " + a.real(at));
            }
        }
    }
}
