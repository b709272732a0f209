package org.gemel.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.gemel.Between;
import org.gemel.DType;
import org.gemel.Gemel;
import org.gemel.GemelException;
import org.gemel.GridSampling;
import org.gemel.Linalg;
import org.gemel.Shape;
import org.gemel.Special;
import org.gemel.State;
import org.gemel.Tensor;
import org.gemel.Vmap;
import org.gemel.nn.ClassLosses;
import org.gemel.nn.Reduction;
import org.gemel.op.Binary;
import org.gemel.op.Pad;
import org.gemel.op.Samples;
import org.gemel.op.Unary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every operation for many examples at once against one example after the other.
class VmapTest {
    private static final int EXAMPLES = 3;

    private static Tensor numbers(double phase, int... dims) {
        double[] all = new double[Math.toIntExact(Shape.of(dims).size())];
        Arrays.setAll(all, i -> Math.sin(phase + 1.7 * i) + 1.2);
        return Gemel.tensor(all, dims);
    }

    /// A function of two tensors: one of `[2, 3]` and one of the given shape.
    record Case(String name, UnaryOperator<List<Tensor>> f, int... other) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case one(String name, UnaryOperator<Tensor> f) {
        return new Case(name, in -> List.of(f.apply(in.getFirst())));
    }

    static Stream<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (Unary op : Unary.values()) {
            if (op.samples() == Samples.ANY || op.accepts(DType.F64)) {
                cases.add(one(op.label(), x -> x.apply(op)));
            }
        }
        for (Binary op : Binary.values()) {
            if (op.accepts(DType.F64)) {
                cases.add(new Case(op.label() + " broadcast", in -> Tensor.apply(op, in), 3));
                cases.add(
                        new Case(
                                op.label() + " broadcast the other way",
                                in -> Tensor.apply(op, in),
                                2,
                                2,
                                1));
            }
        }
        cases.addAll(
                List.of(
                        one("cast", x -> x.mul(3).to(DType.I64)),
                        one("where", x -> Tensor.where(x.gt(1), x, x.sum())),
                        one("reshape", x -> x.reshape(3, 2)),
                        one("permute", Tensor::transpose),
                        one("expand", x -> x.expand(Shape.of(4, 2, 3))),
                        one("slice", x -> x.slice(1, 2, -1, -2)),
                        one(
                                "pad",
                                x ->
                                        x.padded(
                                                Pad.around(
                                                        x.shape(),
                                                        new int[] {1, 0},
                                                        new int[] {0, 2}))),
                        one("sum", x -> x.sum(0)),
                        one("max", x -> x.amax(1)),
                        one("argmax", x -> x.argmax(1)),
                        one("softmax", x -> x.softmax(0)),
                        one("constant", x -> Gemel.ones(2)),
                        one("det", x -> Linalg.det(x.slice(1, 0, 2, 1))),
                        new Case("concat", in -> List.of(Tensor.concat(in, 0)), 1, 3),
                        new Case("matmul", in -> List.of(in.get(0).matmul(in.get(1))), 3, 2),
                        new Case("matmul vector", in -> List.of(in.get(0).matmul(in.get(1))), 3),
                        new Case(
                                "matmul many", in -> List.of(in.get(0).matmul(in.get(1))), 4, 3, 2),
                        new Case(
                                "solve",
                                in -> List.of(Linalg.solve(in.get(0).slice(1, 0, 2, 1), in.get(1))),
                                2,
                                2),
                        new Case(
                                "einsum",
                                in -> List.of(Linalg.einsum("ij,jk->ki", in.get(0), in.get(1))),
                                3,
                                2),
                        one(
                                "cross entropy",
                                x ->
                                        ClassLosses.crossEntropy(
                                                x,
                                                Gemel.tensor(new long[] {2, 0}, 2),
                                                ClassLosses.Settings.USUAL,
                                                Reduction.MEAN)),
                        one("erfinv", x -> x.sub(1.2).mul(0.9).erfinv()),
                        one("polygamma", x -> Special.polygamma(1, x)),
                        one("besselI", x -> Special.besselI(1, x)),
                        one("nanQuantile", x -> x.nanQuantile(0.3, 1, Between.LINEAR)),
                        one("singularValues", Linalg::singularValues),
                        one("qr", x -> Linalg.qr(x).r()),
                        one("matrixExp", x -> Linalg.matrixExp(x.slice(1, 0, 2, 1))),
                        one("mode", x -> x.floor().mode(1).values()),
                        one("correlation", Linalg::correlation),
                        one("isIn", x -> x.isIn(x.slice(1, 0, 2, 1)).to(DType.F64)),
                        new Case(
                                "grid sample",
                                in ->
                                        List.of(
                                                in.get(0)
                                                        .reshape(1, 1, 2, 3)
                                                        .gridSample(
                                                                in.get(1).sub(1.2),
                                                                GridSampling.USUAL)),
                                1,
                                2,
                                2,
                                2),
                        one(
                                "unpooling",
                                x ->
                                        x.maxUnpool1d(
                                                Gemel.tensor(new long[] {4, 0, 2, 1, 3, 0}, 2, 3),
                                                5)),
                        one(
                                "ctc",
                                x ->
                                        ClassLosses.ctc(
                                                x.reshape(2, 1, 3).logSoftmax(2),
                                                Gemel.tensor(new long[] {1, 2}, 1, 2),
                                                Gemel.tensor(new long[] {2}, 1),
                                                Gemel.tensor(new long[] {2}, 1),
                                                0,
                                                false,
                                                Reduction.MEAN)),
                        one("random", x -> Gemel.key(3).uniform(2, 3).to(DType.F64).add(x))));
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void manyAtOnceAreOneAfterTheOther(Case c) {
        int[][] choices =
                c.other().length == 0
                        ? new int[][] {{0}}
                        : new int[][] {{0, 0}, {0, Vmap.SAME}, {Vmap.SAME, 0}, {2, 0}};
        for (Modes mode : Modes.values()) {
            for (int[] axes : choices) {
                List<Tensor> inputs = new ArrayList<>();
                for (int i = 0; i < axes.length; i++) {
                    int[] own = i == 0 ? new int[] {2, 3} : c.other();
                    inputs.add(numbers(i + 0.2, with(own, axes[i])));
                }
                List<Tensor> wanted = new ArrayList<>();
                for (int e = 0; e < EXAMPLES; e++) {
                    List<Tensor> example = new ArrayList<>();
                    for (int i = 0; i < axes.length; i++) {
                        Tensor x = inputs.get(i);
                        example.add(
                                axes[i] == Vmap.SAME
                                        ? x
                                        : x.slice(axes[i], e, e + 1, 1).squeeze(axes[i]));
                    }
                    wanted.add(c.f().apply(example).getFirst().unsqueeze(0));
                }
                Tensor all = Tensor.concat(wanted, 0);
                Tensor found = mode.run(Vmap.ofAll(c.f(), axes), inputs).getFirst();
                assertEquals(all.type(), found.type());
                assertArrayEquals(all.toDoubleArray(), found.toDoubleArray(), 1e-12);
            }
        }
    }

    private static int[] with(int[] dims, int axis) {
        if (axis == Vmap.SAME) {
            return dims;
        }
        List<Integer> all = new ArrayList<>(Arrays.stream(dims).boxed().toList());
        all.add(axis, EXAMPLES);
        return all.stream().mapToInt(Integer::intValue).toArray();
    }

    @Test
    void noExamplesGiveAnEmptyResult() {
        Tensor none = Gemel.zeros(0, 2, 2);
        assertEquals(Shape.of(0, 2), Vmap.of(x -> x.exp().sum(0)).apply(none).shape());
    }

    static Stream<Object[]> errors() {
        Tensor x = numbers(0, 3, 2);
        State state = new State("state", x);
        return Stream.of(
                new Object[] {
                    "vmap: expects one axis for each of the 1 inputs, but got 2; give Vmap.SAME for"
                            + " what all examples share",
                    (Supplier<Object>) () -> Vmap.ofAll(in -> in, 0, 0).apply(List.of(x))
                },
                new Object[] {
                    "vmap: expects as many examples in each input, but got 3 and 2; check the axes",
                    (Supplier<Object>) () -> Vmap.ofAll(in -> in, 0, 1).apply(List.of(x, x))
                },
                new Object[] {
                    "vmap: expects an input with examples, but all axes are Vmap.SAME; call the"
                            + " function itself",
                    (Supplier<Object>) () -> Vmap.ofAll(in -> in, Vmap.SAME).apply(List.of(x))
                },
                new Object[] {
                    "vmap: expects a function that does not look at values, but it read a tensor of"
                            + " many examples; use tensor operations such as where instead",
                    (Supplier<Object>)
                            () -> Vmap.of(row -> row.sum().toBoolean() ? row : row.neg()).apply(x)
                },
                new Object[] {
                    "matmul: expects [.., m, k] x [.., k, n], but got [1, 2] x [3, 1]; the inner"
                            + " dimensions must be equal",
                    (Supplier<Object>) () -> Vmap.of(row -> row.matmul(numbers(0, 3))).apply(x)
                },
                new Object[] {
                    "vmap: expects assignments that are the same for every example, but state"
                            + " f64[3, 2] is to depend on it; return the value instead",
                    (Supplier<Object>)
                            () ->
                                    Vmap.of(
                                                    row -> {
                                                        state.assign(row.expand(Shape.of(3, 2)));
                                                        return row;
                                                    })
                                            .apply(x)
                });
    }

    @ParameterizedTest
    @MethodSource("errors")
    void whatDoesNotFitIsRefused(String message, Supplier<Object> program) {
        String found = assertThrows(GemelException.class, program::get).getMessage();
        assertEquals(message, found.lines().findFirst().orElse("").replaceAll("  at .*", ""));
    }

    @Test
    void readingWhatIsTheSameForAllIsAllowed() {
        State state = new State("state", numbers(0, 2));
        Tensor found = Vmap.of(row -> row.mul(state.value())).apply(numbers(1, 3, 2));
        assertEquals(Shape.of(3, 2), found.shape());
        assertEquals(Optional.empty(), Optional.ofNullable(found.requiresGrad() ? found : null));
    }
}
