package org.gemel.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.gemel.Convolution;
import org.gemel.DType;
import org.gemel.Pooling;
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
        List<Case> cases = new ArrayList<>(narrow());
        for (Unary op : Unary.values()) {
            String numbers = op.accepts(DType.I32) ? "a number type" : "a floating-point type";
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
                            dtype(op) + " 2 2",
                            dtype(op) + " 3"));
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
                                "hypot: expects a floating-point type, but got i32[2] and i32[2]; convert them"
                                        + " first, as in x.to(DType.F32)",
                                Binary.HYPOT,
                                "i32 2",
                                "i32 2"),
                        primitive(
                                "shift_left: expects an integer type, but got f32[2] and f32[2];"
                                        + " convert them first, as in x.to(DType.I64)",
                                Binary.SHIFT_LEFT,
                                "f32 2",
                                "f32 2"),
                        primitive(
                                "and: expects bool or integers of one type, but got f32[2] and"
                                        + " bool[2]; compare first, as in x.ne(0)",
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
                                "matmul: expects a floating-point type, but got i32[2, 2]; convert both, as in"
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
                                "gather: expects indices of type i64, but got i32[2]; did you mean"
                                        + " index.to(DType.I64)?",
                                new Gather(0),
                                "f32 3",
                                "i32 2"),
                        primitive(
                                "gather: expects an index of the rank of f32[3, 2], but got i64[2];"
                                        + " reshape it, with size 1 where one index serves all",
                                new Gather(0),
                                "f32 3 2",
                                "i64 2"),
                        primitive(
                                "gather: expects an index whose dimensions other than 0 are those of"
                                        + " f32[3, 2] or 1, but got i64[4, 3]; slice or expand one of"
                                        + " them",
                                new Gather(0),
                                "f32 3 2",
                                "i64 4 3"),
                        primitive(
                                "scatter_set: expects one dtype, but got f32[3] and f64[2]; convert"
                                        + " one, as in b.to(DType.F32)",
                                new Scatter(Scatter.Kind.SET, 0),
                                "f32 3",
                                "i64 2",
                                "f64 2"),
                        primitive(
                                "scatter_add: expects a number type, but got bool[3]; convert it"
                                        + " first, as in x.to(DType.I64)",
                                new Scatter(Scatter.Kind.ADD, 0),
                                "bool 3",
                                "i64 2",
                                "bool 2"),
                        primitive(
                                "scatter_add: expects a source [2] for f32[3] and an index of that"
                                        + " shape, or of size 1 where it serves all, but got f32[4]"
                                        + " and i64[2]; slice or expand them",
                                new Scatter(Scatter.Kind.ADD, 0),
                                "f32 3",
                                "i64 2",
                                "f32 4"),
                        primitive(
                                "cumsum: expects a number type, but got bool[3]; convert it first, as"
                                        + " in x.to(DType.I64)",
                                new Scan(Scan.Kind.SUM, 0, false),
                                "bool 3"),
                        primitive(
                                "axis: expects one of -1..0, but got axis 1 of shape [3]; axes count"
                                        + " from 0, negative ones from the end",
                                new Scan(Scan.Kind.PROD, 1, false),
                                "f32 3"),
                        primitive(
                                "recurrence: expects two inputs of one floating-point type and shape,"
                                        + " but got f32[3] and f32[2]; expand or convert one of them",
                                new Recurrence(0, false),
                                "f32 3",
                                "f32 2"),
                        primitive(
                                "argsort: expects a count from 0 to 3 along dimension 0 of f32[3],"
                                        + " but got 4; take fewer",
                                new ArgSort(0, false, 4),
                                "f32 3"),
                        primitive(
                                "cholesky: expects square matrices [.., n, n] of a floating-point type, but got"
                                        + " f32[2, 3]; matrices lie in the last two dimensions",
                                Cholesky.CHOLESKY,
                                "f32 2 3"),
                        primitive(
                                "log_abs_det: expects square matrices [.., n, n] of a floating-point type, but"
                                        + " got i64[2, 2]; convert it, as in x.to(DType.F64)",
                                Determinant.LOG_ABS_DET,
                                "i64 2 2"),
                        primitive(
                                "eigh: expects square matrices [.., n, n] of a floating-point type, but got"
                                        + " f32[2, 3]; matrices lie in the last two dimensions",
                                Eigen.EIGENVALUES,
                                "f32 2 3"),
                        primitive(
                                "qr: expects matrices [.., m, n] of a floating-point type with m of at least n,"
                                        + " but got f32[2, 3]; matrices lie in the last two dimensions",
                                Qr.QR_R,
                                "f32 2 3"),
                        primitive(
                                "svd: expects matrices [.., m, n] of a floating-point type with m of at least n,"
                                        + " but got i32[3, 2]; convert it, as in x.to(DType.F64)",
                                SingularValues.SVD_S,
                                "i32 3 2"),
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
        cases.addAll(windowed());
        return cases.stream();
    }

    private static List<Case> windowed() {
        List<Integer> three = List.of(3);
        List<Integer> one = List.of(1);
        List<Integer> zero = List.of(0);
        Windows w = new Windows(List.of(5), three, three, one, zero, one);
        Conv conv = new Conv(Conv.Kind.OUTPUT, w, 2);
        return List.of(
                primitive(
                        "conv: expects one dtype, but got f32[1, 4, 5] and f64[2, 2, 3]; convert one,"
                                + " as in b.to(DType.F32)",
                        conv,
                        "f32 1 4 5",
                        "f64 2 2 3"),
                primitive(
                        "conv: expects a floating-point type, but got i32[1, 4, 5]; convert both, as in"
                                + " x.to(DType.F32)",
                        conv,
                        "i32 1 4 5",
                        "i32 2 2 3"),
                primitive(
                        "conv: expects [n, channels, 5] and [.., .., 3], but got [1, 4, 6] and [2, 2,"
                                + " 3]; check the spatial dimensions",
                        conv,
                        "f32 1 4 6",
                        "f32 2 2 3"),
                primitive(
                        "conv: expects [n, c, ..] and weight [o, c / groups, ..], but got [1, 4, 5]"
                                + " and [2, 3, 3] in 2 groups; check channels and groups",
                        conv,
                        "f32 1 4 5",
                        "f32 2 3 3"),
                primitive(
                        "conv_input: expects [n, o, ..] and weight [o, c / groups, ..], but got [1,"
                                + " 4, 3] and [2, 3, 3] in 2 groups; check channels and groups",
                        new Conv(Conv.Kind.INPUT, w, 2),
                        "f32 1 4 3",
                        "f32 2 3 3"),
                primitive(
                        "conv_weight: expects [n, c, ..] and [n, o, ..] in whole groups, but got [1,"
                                + " 4, 5] and [2, 4, 3] in 2 groups; check channels and groups",
                        new Conv(Conv.Kind.WEIGHT, w, 2),
                        "f32 1 4 5",
                        "f32 2 4 3"),
                primitive(
                        "max_pool: expects a floating-point type, but got i64[5]; convert it first, as in"
                                + " x.to(DType.F32)",
                        new Pool(Pool.Kind.MAX, w),
                        "i64 5"),
                primitive(
                        "sum_pool: expects the last dimensions [5], but got f32[2, 4]; check the"
                                + " windows",
                        new Pool(Pool.Kind.SUM, w),
                        "f32 2 4"),
                primitive(
                        "max_pool_take: expects f32[2, 5] for windows of f32[2, 5], but got f32[2,"
                                + " 3]; reshape or convert it",
                        new Pool(Pool.Kind.TAKE, w),
                        "f32 2 5",
                        "f32 2 3"));
    }

    static Stream<Case> windowedCalls() {
        return Stream.of(
                composite(
                        "conv2d: expects [n, channels, height, width] or one sample of it, and a"
                                + " weight [o, c / groups, kernel..], but got [3, 4] and [2, 3, 3, 3];"
                                + " reshape one of them",
                        in -> List.of(in.get(0).conv2d(in.get(1), Convolution.of())),
                        "f32 3 4",
                        "f32 2 3 3 3"),
                composite(
                        "conv2d: expects 4 channels that match the weight in 2 groups, but got 3"
                                + " channels and weight [2, 2, 3, 3]; check channels and groups",
                        in -> List.of(in.get(0).conv2d(in.get(1), Convolution.of().groups(2))),
                        "f32 1 3 8 8",
                        "f32 2 2 3 3"),
                composite(
                        "conv1d: expects a kernel that fits into the padded input, but got kernel [4]"
                                + " with dilation [1] over [3] with padding [0] and 0; pad more",
                        in -> List.of(in.get(0).conv1d(in.get(1), Convolution.of())),
                        "f32 1 1 3",
                        "f32 1 1 4"),
                composite(
                        "conv1d: expects stride 1 for same padding, but got stride [2]; give the"
                                + " padding in numbers",
                        in ->
                                List.of(
                                        in.get(0)
                                                .conv1d(
                                                        in.get(1),
                                                        Convolution.of().stride(2).same())),
                        "f32 1 1 9",
                        "f32 1 1 3"),
                composite(
                        "conv2d: expects a stride of at least 1 for each of 2 spatial dimensions, but"
                                + " got [1, 2, 3]; give one for all, or one for each",
                        in ->
                                List.of(
                                        in.get(0)
                                                .conv2d(
                                                        in.get(1),
                                                        Convolution.of().stride(1, 2, 3))),
                        "f32 1 1 9 9",
                        "f32 1 1 3 3"),
                composite(
                        "conv1d: expects a bias f32[2], one for each output channel, but got f32[3];"
                                + " reshape or convert it",
                        in -> List.of(in.get(0).conv1d(in.get(1), in.get(2), Convolution.of())),
                        "f32 1 1 9",
                        "f32 2 1 3",
                        "f32 3"),
                composite(
                        "convTranspose1d: expects an output padding smaller than stride or dilation,"
                                + " but got [2] with stride [2] and dilation [1]; make it smaller",
                        in ->
                                List.of(
                                        in.get(0)
                                                .convTranspose1d(
                                                        in.get(1),
                                                        Convolution.of()
                                                                .stride(2)
                                                                .outputPadding(2))),
                        "f32 1 1 9",
                        "f32 1 1 3"),
                composite(
                        "maxPool2d: expects padding of at most half the kernel, but got padding [2,"
                                + " 2] for kernel [2, 2]; pad the input itself",
                        in -> List.of(in.get(0).maxPool2d(Pooling.of(2).padding(2))),
                        "f32 1 1 9 9"),
                composite(
                        "avgPool1d: expects windows that fit into the padded input, but got kernel"
                                + " [4] with dilation [1] over [3] with padding [0]; make the kernel"
                                + " smaller",
                        in -> List.of(in.get(0).avgPool1d(Pooling.of(4))),
                        "f32 1 1 3"),
                composite(
                        "batchNorm: expects a weight f32[3], one for each channel of f32[2, 3], but"
                                + " got f32[2]; reshape or convert it",
                        in ->
                                List.of(
                                        in.get(0)
                                                .batchNorm(
                                                        Optional.of(in.get(1)),
                                                        Optional.empty(),
                                                        1e-5)
                                                .output()),
                        "f32 2 3",
                        "f32 2"),
                composite(
                        "groupNorm: expects groups that divide the 3 channels, but got 2 groups of"
                                + " f32[2, 3]; change the number of groups",
                        in ->
                                List.of(
                                        in.get(0)
                                                .groupNorm(
                                                        2,
                                                        Optional.empty(),
                                                        Optional.empty(),
                                                        1e-5)),
                        "f32 2 3"),
                composite(
                        "padReflect: expects 0 to 2 places on each side of dimension 0 of f32[3], but"
                                + " got 3 and 0; pad less, or in steps",
                        in -> List.of(in.get(0).padReflect(new int[] {3}, new int[] {0})),
                        "f32 3"),
                composite(
                        "pixelShuffle: expects [.., channels, height, width] with channels that 2^2"
                                + " divides, but got f32[3, 2, 2]; change the factor",
                        in -> List.of(in.get(0).pixelShuffle(2)),
                        "f32 3 2 2"));
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
                        "prelu: expects one slope, or one for each of dimension 1, but got f32[2, 3]"
                                + " and slopes f32[2]; reshape the slopes",
                        in -> List.of(in.get(0).prelu(in.get(1))),
                        "f32 2 3",
                        "f32 2"),
                composite(
                        "glu: expects a dimension that splits in halves, but got 3 of dimension 1 of"
                                + " f32[2, 3]; name another one",
                        in -> List.of(in.get(0).glu(-1)),
                        "f32 2 3"),
                composite(
                        "celu: expects alpha other than 0, but got 0; use relu instead",
                        in -> List.of(in.get(0).celu(0)),
                        "f32 2"),
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

    // What computes in the wide type alone, given narrow inputs without casts around it.
    private static List<Case> narrow() {
        List<Case> cases = new ArrayList<>();
        for (DType dtype : DType.values()) {
            if (!dtype.isNarrow()) {
                continue;
            }
            String x = dtype + " 2 3";
            for (Reduce.Kind kind : Reduce.Kind.values()) {
                cases.add(narrow(new Reduce(kind, List.of(0)), dtype, x));
            }
            for (Scan.Kind kind : Scan.Kind.values()) {
                cases.add(narrow(new Scan(kind, 0, false), dtype, x));
            }
            for (ArgReduce.Kind kind : ArgReduce.Kind.values()) {
                cases.add(narrow(new ArgReduce(kind, 0), dtype, x));
            }
            Scatter add = new Scatter(Scatter.Kind.ADD, 0);
            cases.add(narrow(add, dtype, x, "i64 2 1", x));
            if (dtype.isFloating()) {
                cases.add(narrow(MatMul.MATMUL, dtype, x, dtype + " 3 2"));
                cases.add(narrow(new Recurrence(0, false), dtype, x, x));
                cases.add(narrow(Determinant.LOG_ABS_DET, dtype, dtype + " 3 3"));
            }
        }
        return cases;
    }

    private static Case narrow(Primitive op, DType dtype, String... inputs) {
        return primitive(
                "%s: expects inputs in the type they are computed in, but got %s; cast them before,"
                                .formatted(op.label(), types(inputs).getFirst())
                        + " as in x.to(DType.%s)".formatted(dtype.wide().name()),
                op,
                inputs);
    }

    // A type that the operation takes.
    private static String dtype(Pointwise op) {
        boolean reals =
                !(op instanceof Logical) && !(op instanceof Binary b && !b.accepts(DType.F32));
        return reals ? "f32" : "i32";
    }

    private static List<Pointwise> pairs() {
        List<Pointwise> pairs = new ArrayList<>(List.of(Binary.values()));
        pairs.addAll(List.of(Compare.values()));
        pairs.addAll(List.of(Logical.values()));
        return pairs;
    }

    @ParameterizedTest
    @MethodSource({"primitives", "composites", "windowedCalls"})
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
