package org.gemel.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What every operation answers to inputs that do not fit: the rule, the facts, the remedy.
final class OpErrorsTest {
    /// One program that must fail.
    ///
    /// @param op the operation
    /// @param inputs what it gets
    /// @param message the first line of the answer
    record Case(Op op, List<TensorType> inputs, String message) {
        @Override
        public String toString() {
            return op + " of " + inputs;
        }
    }

    private static Case primitive(String message, Primitive op, String... inputs) {
        return new Case(op, types(inputs), message);
    }

    private static Case composite(
            String message, UnaryOperator<List<Tensor>> body, String... inputs) {
        return new Case(Composite.of("test", List.of(), body), types(inputs), message);
    }

    // As in "f32 2 3".
    private static List<TensorType> types(String... texts) {
        return Arrays.stream(texts)
                .map(text -> {
                    String[] words = text.split(" ");
                    int[] dims = Arrays.stream(words).skip(1).mapToInt(Integer::parseInt).toArray();
                    DType dtype =
                            Arrays.stream(DType.values())
                                    .filter(d -> d.toString().equals(words[0]))
                                    .findFirst()
                                    .orElseThrow();
                    return TensorType.of(dtype, dims);
                })
                .toList();
    }

    static Stream<Case> primitives() {
        List<Case> cases = new ArrayList<>();
        for (Unary op : Unary.values()) {
            String numbers = op.accepts(DType.I32) ? "a number type" : "f32 or f64";
            cases.add(
                    primitive(
                            "%s: expects %s, but got bool[2]; convert it first, as in x.to(DType.F32)"
                                    .formatted(op, numbers),
                            op,
                            "bool 2"));
        }
        for (Pointwise op : pairs()) {
            cases.add(
                    primitive(
                            op.label()
                                    + ": shapes [2, 2] and [3] do not broadcast: dimension 1 is 2"
                                    + " against 3; reshape one of them, or give the dimension size 1",
                            op,
                            op instanceof Logical ? "bool 2 2" : "f32 2 2",
                            op instanceof Logical ? "bool 3" : "f32 3"));
            if (!(op instanceof Logical)) {
                cases.add(
                        primitive(
                                op.label()
                                        + ": expects one dtype, but got f32[2] and i64[2]; convert"
                                        + " one, as in b.to(DType.F32)",
                                op,
                                "f32 2",
                                "i64 2"));
            }
        }
        cases.addAll(
                List.of(
                        primitive(
                                "add: expects a number type, but got bool[2] and bool[2]; convert"
                                        + " them first, as in x.to(DType.F32)",
                                Binary.ADD,
                                "bool 2",
                                "bool 2"),
                        primitive(
                                "pow: expects f32 or f64, but got i32[2] and i32[2]; convert them"
                                        + " first, as in x.to(DType.F32)",
                                Binary.POW,
                                "i32 2",
                                "i32 2"),
                        primitive(
                                "logical_and: expects bool and bool, but got f32[2] and bool[2];"
                                        + " compare first, as in x.ne(0)",
                                Logical.AND,
                                "f32 2",
                                "bool 2"),
                        primitive(
                                "where: expects a bool condition, but got f32[2]; compare first, as"
                                        + " in x.ne(0)",
                                Select.WHERE,
                                "f32 2",
                                "f32 2",
                                "f32 2"),
                        primitive(
                                "where: expects one dtype, but got f32[2] and f64[2]; convert one,"
                                        + " as in b.to(DType.F32)",
                                Select.WHERE,
                                "bool 2",
                                "f32 2",
                                "f64 2"),
                        primitive(
                                "where: shapes [3] and [2] do not broadcast: dimension 0 is 3 against"
                                        + " 2; reshape one of them, or give the dimension size 1",
                                Select.WHERE,
                                "bool 3",
                                "f32 2",
                                "f32"),
                        primitive(
                                "reshape: expects as many elements as the input has, but got f32[2,"
                                        + " 3] (6) to [4, 2] (8); give one dimension as -1 to have it"
                                        + " worked out",
                                new Reshape(Shape.of(4, 2)),
                                "f32 2 3"),
                        primitive(
                                "permute: expects each of the 2 dimensions of f32[2, 3] once, but got"
                                        + " [0, 0]; name every dimension, as in permute(1, 0)",
                                new Permute(List.of(0, 0)),
                                "f32 2 3"),
                        primitive(
                                "permute: expects each of the 2 dimensions of f32[2, 3] once, but got"
                                        + " [2, 0]; name every dimension, as in permute(1, 0)",
                                new Permute(List.of(2, 0)),
                                "f32 2 3"),
                        primitive(
                                "expand: expects a shape that f32[2, 3] broadcasts to, but got [3];"
                                        + " only dimensions of size 1 can grow",
                                new Expand(Shape.of(3)),
                                "f32 2 3"),
                        primitive(
                                "expand: expects a shape that f32[3] broadcasts to, but got [2, 1];"
                                        + " only dimensions of size 1 can grow",
                                new Expand(Shape.of(2, 1)),
                                "f32 3"),
                        primitive(
                                "slice: expects indices inside f32[4], but got start [2], count [3],"
                                        + " step [1]; indices run from 0 to the dimension less 1",
                                new Slice(List.of(2), List.of(3), List.of(1)),
                                "f32 4"),
                        primitive(
                                "slice: expects indices inside f32[4], but got start [1], count [3],"
                                        + " step [-1]; indices run from 0 to the dimension less 1",
                                new Slice(List.of(1), List.of(3), List.of(-1)),
                                "f32 4"),
                        primitive(
                                "slice: expects indices inside f32[4], but got start [0], count [0],"
                                        + " step [0]; indices run from 0 to the dimension less 1",
                                new Slice(List.of(0), List.of(0), List.of(0)),
                                "f32 4"),
                        primitive(
                                "pad: expects a place in [3] for every element of f32[2], but got"
                                        + " start [2], step [1]; make the output larger",
                                new Pad(Shape.of(3), List.of(2), List.of(1)),
                                "f32 2"),
                        primitive(
                                "pad: expects one start and dimension for each dimension of f32[2],"
                                        + " but got [0, 0] in [3, 3]; give all 1",
                                new Pad(Shape.of(3, 3), List.of(0, 0), List.of(1, 1)),
                                "f32 2"),
                        primitive(
                                "concat: expects shapes that differ only in dimension 0, but got"
                                        + " f32[2, 3] and f32[2, 4]; reshape or slice one of them",
                                new Concat(0),
                                "f32 2 3",
                                "f32 2 4"),
                        primitive(
                                "concat: expects shapes that differ only in dimension 1, but got"
                                        + " f32[2, 3] and f32[2]; reshape or slice one of them",
                                new Concat(1),
                                "f32 2 3",
                                "f32 2"),
                        primitive(
                                "concat: expects one dtype, but got f32[2] and i32[2]; convert one,"
                                        + " as in b.to(DType.F32)",
                                new Concat(0),
                                "f32 2",
                                "i32 2"),
                        primitive(
                                "sum: expects a number type, but got bool[2]; convert it first, as in"
                                        + " x.to(DType.I64)",
                                new Reduce(Reduce.Kind.SUM, List.of(0)),
                                "bool 2"),
                        primitive(
                                "max: expects at least one element to choose from, but got f32[2, 0]"
                                        + " along [1]; check for an empty tensor before",
                                new Reduce(Reduce.Kind.MAX, List.of(1)),
                                "f32 2 0"),
                        primitive(
                                "argmax: expects numbers to choose from, but got f32[0] along"
                                        + " dimension 0; check for an empty tensor, convert bool"
                                        + " first",
                                new ArgReduce(ArgReduce.Kind.ARGMAX, 0),
                                "f32 0"),
                        primitive(
                                "matmul: expects [.., m, k] x [.., k, n], but got [64, 784] x [256,"
                                        + " 784]; did you mean b.transpose()?",
                                MatMul.MATMUL,
                                "f32 64 784",
                                "f32 256 784"),
                        primitive(
                                "matmul: expects [.., m, k] x [.., k, n], but got [2, 3] x [4, 5];"
                                        + " the inner dimensions must be equal",
                                MatMul.MATMUL,
                                "f32 2 3",
                                "f32 4 5"),
                        primitive(
                                "matmul: expects [.., m, k] x [.., k, n], but got [3] x [3, 2];"
                                        + " reshape vectors to matrices first",
                                MatMul.MATMUL,
                                "f32 3",
                                "f32 3 2"),
                        primitive(
                                "matmul: expects f32 or f64, but got i32[2, 2]; convert both, as in"
                                        + " x.to(DType.F32)",
                                MatMul.MATMUL,
                                "i32 2 2",
                                "i32 2 2"),
                        primitive(
                                "matmul: shapes [2] and [3] do not broadcast: dimension 0 is 2"
                                        + " against 3; reshape one of them, or give the dimension"
                                        + " size 1",
                                MatMul.MATMUL,
                                "f32 2 4 4",
                                "f32 3 4 4"),
                        primitive(
                                "random: expects a key i64[2], but got i64[3]; make one with"
                                        + " Gemel.key(seed)",
                                new Random(Shape.of(4)),
                                "i64 3"),
                        primitive(
                                "cholesky: expects square matrices [.., n, n] of f32 or f64, but got"
                                        + " f32[2, 3]; matrices lie in the last two dimensions",
                                Cholesky.CHOLESKY,
                                "f32 2 3"),
                        primitive(
                                "log_abs_det: expects square matrices [.., n, n] of f32 or f64, but"
                                        + " got i64[2, 2]; convert it, as in x.to(DType.F64)",
                                Determinant.LOG_ABS_DET,
                                "i64 2 2"),
                        primitive(
                                "solve: expects one dtype, but got f32[2, 2] and f64[2, 1]; convert"
                                        + " one, as in b.to(DType.F32)",
                                Solve.SOLVE,
                                "f32 2 2",
                                "f64 2 1"),
                        primitive(
                                "triangular_solve: expects right-hand sides [.., n, k] for matrices"
                                        + " [.., n, n], but got f32[2, 2] and f32[2]; make a vector a"
                                        + " column, as in b.unsqueeze(-1)",
                                new TriangularSolve(true, false),
                                "f32 2 2",
                                "f32 2"),
                        primitive(
                                "crossEntropy: expects indices of type i64, but got i32[2]; did you"
                                        + " mean x.to(DType.I64)?",
                                new CheckIndex(10, "crossEntropy"),
                                "i32 2")));
        return cases.stream();
    }

    static Stream<Case> composites() {
        return Stream.of(
                composite(
                        "crossEntropy: expects class indices i64[64] or probabilities f32[64, 10],"
                                + " but got logits f32[64, 10] and labels f32[64]; labels are floats;"
                                + " did you mean labels.to(DType.I64)?",
                        in -> List.of(in.get(0).crossEntropy(in.get(1))),
                        "f32 64 10",
                        "f32 64"),
                composite(
                        "crossEntropy: expects class indices i64[4] or probabilities f32[4, 3], but"
                                + " got logits f32[4, 3] and labels i64[5]; one label for each row of"
                                + " the logits",
                        in -> List.of(in.get(0).crossEntropy(in.get(1))),
                        "f32 4 3",
                        "i64 5"),
                composite(
                        "reshape: expects dimensions that divide the 10 elements of f32[10], one of"
                                + " them -1, but got [-1, 3]; name the sizes",
                        in -> List.of(in.get(0).reshape(-1, 3)),
                        "f32 10"),
                composite(
                        "reshape: expects dimensions that divide the 10 elements of f32[10], one of"
                                + " them -1, but got [-1, -1]; name the sizes",
                        in -> List.of(in.get(0).reshape(-1, -1)),
                        "f32 10"),
                composite(
                        "transpose: expects at least two dimensions, but got f32[3]; reshape it first",
                        in -> List.of(in.get(0).transpose()),
                        "f32 3"),
                composite(
                        "axis: expects one of -2..1, but got axis 2 of shape [2, 3]; axes count from"
                                + " 0, negative ones from the end",
                        in -> List.of(in.get(0).softmax(2)),
                        "f32 2 3"),
                composite(
                        "axis: expects one of -2..1, but got axis 5 of shape [2, 3]; axes count from"
                                + " 0, negative ones from the end",
                        in -> List.of(in.get(0).sum(5)),
                        "f32 2 3"));
    }

    private static List<Pointwise> pairs() {
        List<Pointwise> pairs = new ArrayList<>(List.of(Binary.values()));
        pairs.addAll(List.of(Compare.values()));
        pairs.addAll(List.of(Logical.values()));
        return pairs;
    }

    @ParameterizedTest
    @MethodSource({"primitives", "composites"})
    void saysRuleFactsAndRemedy(Case wrong) {
        TypeException error =
                assertThrows(TypeException.class, () -> wrong.op().infer(wrong.inputs()));
        assertEquals(wrong.message(), error.getMessage().lines().findFirst().orElseThrow());
        assertTrue(wrong.message().matches("\\w+: .+; .+"), "three parts: " + wrong.message());
    }

    @Test
    void everyOperationThatCanFailIsInTheTable() {
        Set<Class<?>> missing = new HashSet<>();
        collect(Primitive.class, missing);
        primitives().forEach(wrong -> missing.removeIf(type -> type.isInstance(wrong.op())));
        // These take whatever they get.
        assertEquals(Set.of(Cast.class, Fill.class, Iota.class), missing);
    }

    private static void collect(Class<?> type, Set<Class<?>> leaves) {
        Class<?>[] permitted = type.getPermittedSubclasses();
        if (permitted == null || type.isEnum()) {
            leaves.add(type);
            return;
        }
        for (Class<?> part : permitted) {
            collect(part, leaves);
        }
    }
}
