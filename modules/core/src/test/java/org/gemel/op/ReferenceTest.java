package org.gemel.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.TensorType;
import org.gemel.TypeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The reference meanings against values worked out by hand or published.
final class ReferenceTest {
    private static final double NAN = Double.NaN;

    private static Dense reals(Shape shape, double... values) {
        return Dense.of(new TensorType(DType.F32, shape), i -> values[i]);
    }

    private static Dense longs(DType dtype, long... values) {
        return Dense.ofLongs(TensorType.of(dtype, values.length), i -> values[i]);
    }

    // 0, 1, 2, ...
    private static Dense counting(int... dims) {
        return Dense.of(TensorType.of(DType.F32, dims), i -> i);
    }

    private static List<Double> values(Dense dense) {
        return IntStream.range(0, dense.size()).mapToObj(dense::real).toList();
    }

    private static List<Double> list(double... values) {
        return Arrays.stream(values).boxed().toList();
    }

    private static Slice slice(List<Integer> starts, List<Integer> counts, List<Integer> steps) {
        return new Slice(starts, counts, steps);
    }

    static Stream<Arguments> structured() {
        Dense x = counting(2, 3);
        Shape square = Shape.of(2, 2);
        return Stream.of(
                Arguments.of(new Reduce(Reduce.Kind.SUM, List.of(1)), x, "[2, 1]", list(3, 12)),
                Arguments.of(new Reduce(Reduce.Kind.SUM, List.of(0)), x, "[1, 3]", list(3, 5, 7)),
                Arguments.of(new Reduce(Reduce.Kind.SUM, List.of(0, 1)), x, "[1, 1]", list(15)),
                Arguments.of(new Reduce(Reduce.Kind.PROD, List.of(1)), x, "[2, 1]", list(0, 60)),
                Arguments.of(new Reduce(Reduce.Kind.MAX, List.of(0)), x, "[1, 3]", list(3, 4, 5)),
                Arguments.of(new Reduce(Reduce.Kind.MIN, List.of(1)), x, "[2, 1]", list(0, 3)),
                Arguments.of(
                        new Reduce(Reduce.Kind.MAX, List.of(1)),
                        reals(square, -1, NAN, -3, -2),
                        "[2, 1]",
                        list(NAN, -2)),
                Arguments.of(
                        new Reduce(Reduce.Kind.MIN, List.of(1)),
                        reals(square, 1, NAN, 3, 2),
                        "[2, 1]",
                        list(NAN, 2)),
                Arguments.of(
                        new Reduce(Reduce.Kind.SUM, List.of(1)),
                        counting(2, 0),
                        "[2, 1]",
                        list(0, 0)),
                Arguments.of(
                        new Reduce(Reduce.Kind.PROD, List.of(1)),
                        counting(2, 0),
                        "[2, 1]",
                        list(1, 1)),
                Arguments.of(
                        slice(List.of(1, 2), List.of(1, 2), List.of(1, -2)),
                        x,
                        "[1, 2]",
                        list(5, 3)),
                Arguments.of(
                        slice(List.of(0, 0), List.of(2, 0), List.of(1, 1)), x, "[2, 0]", list()),
                Arguments.of(
                        slice(List.of(1, 2), List.of(2, 3), List.of(-1, -1)),
                        x,
                        "[2, 3]",
                        list(5, 4, 3, 2, 1, 0)),
                Arguments.of(
                        Pad.around(Shape.of(2), new int[] {1}, new int[] {2}),
                        reals(Shape.of(2), 8, 9),
                        "[5]",
                        list(0, 8, 9, 0, 0)),
                Arguments.of(
                        new Pad(Shape.of(2, 3), List.of(1, 2), List.of(1, -2)),
                        reals(Shape.of(1, 2), 8, 9),
                        "[2, 3]",
                        list(0, 0, 0, 9, 0, 8)),
                Arguments.of(new Permute(List.of(1, 0)), x, "[3, 2]", list(0, 3, 1, 4, 2, 5)),
                Arguments.of(
                        new Permute(List.of(2, 0, 1)),
                        counting(2, 1, 3),
                        "[3, 2, 1]",
                        list(0, 3, 1, 4, 2, 5)),
                Arguments.of(new Reshape(Shape.of(6)), x, "[6]", list(0, 1, 2, 3, 4, 5)),
                Arguments.of(
                        new Expand(Shape.of(2, 2, 3)),
                        counting(2, 1),
                        "[2, 2, 3]",
                        list(0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1)),
                Arguments.of(
                        new Cast(DType.I32),
                        reals(Shape.of(3), -1.5, 1e10, NAN),
                        "[3]",
                        list(-1, Integer.MAX_VALUE, 0)),
                Arguments.of(
                        new Cast(DType.BOOL),
                        reals(Shape.of(3), -0.0, NAN, 2),
                        "[3]",
                        list(0, 1, 1)),
                Arguments.of(
                        Unary.ROUND,
                        reals(Shape.of(4), 0.5, 1.5, -2.5, 2.6),
                        "[4]",
                        list(0, 2, -2, 3)),
                Arguments.of(Unary.RELU, reals(Shape.of(3), -1, NAN, 2), "[3]", list(0, NAN, 2)));
    }

    @ParameterizedTest
    @MethodSource("structured")
    void hasTheValuesWorkedOutByHand(
            Primitive op, Dense input, String shape, List<Double> expected) {
        Dense result = op.reference(List.of(input));
        assertEquals(shape, result.type().shape().toString());
        assertEquals(op.type(List.of(input.type())), result.type());
        assertEquals(expected, values(result).stream().map(v -> v + 0.0).toList());
    }

    static Stream<Arguments> indexed() {
        Dense x = counting(2, 3);
        Dense column = Dense.ofLongs(TensorType.of(DType.I64, 2, 1), i -> 2 - i);
        Dense row = Dense.ofLongs(TensorType.of(DType.I64, 3, 1), i -> i % 2);
        Dense twice = Dense.ofLongs(TensorType.of(DType.I64, 2, 2), i -> i < 2 ? 1 : i - 2);
        Dense source = reals(Shape.of(2, 2), 10, 20, 30, 40);
        Scatter set = new Scatter(Scatter.Kind.SET, 1);
        Scatter add = new Scatter(Scatter.Kind.ADD, 1);
        Dense numbers = reals(Shape.of(2, 3), 2, 0, 3, 1, NAN, 4);
        Dense factors = reals(Shape.of(3), 5, 2, 3);
        Dense terms = reals(Shape.of(3), 1, 1, 1);
        return Stream.of(
                Arguments.of(new Gather(1), List.of(x, column), list(2, 4)),
                Arguments.of(new Gather(0), List.of(x, row), list(0, 1, 2, 3, 4, 5, 0, 1, 2)),
                Arguments.of(set, List.of(x, twice, source), list(0, 20, 2, 30, 40, 5)),
                Arguments.of(add, List.of(x, twice, source), list(0, 31, 2, 33, 44, 5)),
                Arguments.of(
                        new Scan(Scan.Kind.SUM, 1, false), List.of(x), list(0, 1, 3, 3, 7, 12)),
                Arguments.of(new Scan(Scan.Kind.SUM, 0, true), List.of(x), list(3, 5, 7, 3, 4, 5)),
                Arguments.of(
                        new Scan(Scan.Kind.PROD, 1, false),
                        List.of(numbers),
                        list(2, 0, 0, 1, NAN, NAN)),
                Arguments.of(
                        new Scan(Scan.Kind.MAX, 1, false),
                        List.of(numbers),
                        list(2, 2, 3, 1, NAN, NAN)),
                Arguments.of(
                        new Scan(Scan.Kind.MIN, 1, true),
                        List.of(numbers),
                        list(0, 0, 3, NAN, NAN, 4)),
                Arguments.of(new Recurrence(0, false), List.of(factors, terms), list(1, 3, 10)),
                Arguments.of(new Recurrence(0, true), List.of(factors, terms), list(16, 3, 1)),
                Arguments.of(new ArgSort(1, false, 3), List.of(numbers), list(1, 0, 2, 0, 2, 1)),
                Arguments.of(new ArgSort(1, true, 2), List.of(numbers), list(2, 0, 1, 2)));
    }

    @ParameterizedTest
    @MethodSource("indexed")
    void indexedOperationsHaveTheValuesWorkedOutByHand(
            Primitive op, List<Dense> inputs, List<Double> expected) {
        assertEquals(expected, values(op.reference(inputs)));
    }

    static Stream<Arguments> searches() {
        return Stream.of(
                Arguments.of(ArgReduce.Kind.ARGMAX, list(1, 3, 3, 2), 1),
                Arguments.of(ArgReduce.Kind.ARGMIN, list(2, 1, 1, 2), 1),
                Arguments.of(ArgReduce.Kind.ARGMAX, list(1, NAN, 9, NAN), 1),
                Arguments.of(ArgReduce.Kind.ARGMIN, list(-9, 4, NAN, NAN), 2),
                Arguments.of(ArgReduce.Kind.ARGMAX, list(NAN, 9), 0),
                Arguments.of(ArgReduce.Kind.ARGMAX, list(-0.0, 0.0), 0),
                Arguments.of(
                        ArgReduce.Kind.ARGMAX,
                        list(Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY),
                        0));
    }

    @ParameterizedTest
    @MethodSource("searches")
    void findsTheFirstAtATieAndNanAboveAll(ArgReduce.Kind kind, List<Double> values, int expected) {
        Dense x = Dense.of(TensorType.of(DType.F64, values.size()), values::get);
        Dense found = new ArgReduce(kind, 0).reference(List.of(x));
        assertEquals(TensorType.of(DType.I64, 1), found.type());
        assertEquals(expected, found.integer(0));
    }

    @Test
    void searchesAlongTheNamedDimension() {
        Dense x = reals(Shape.of(2, 3), 1, 5, 2, 4, 0, 3);
        Dense columns = new ArgReduce(ArgReduce.Kind.ARGMAX, 0).reference(List.of(x));
        assertEquals(list(1, 0, 1), values(columns));
        Dense rows = new ArgReduce(ArgReduce.Kind.ARGMIN, 1).reference(List.of(x));
        assertEquals(list(0, 1), values(rows));
    }

    @Test
    void comparesLargeIntegersExactly() {
        long large = 1L << 53;
        Dense x = longs(DType.I64, large, large + 1);
        Dense found = new ArgReduce(ArgReduce.Kind.ARGMAX, 0).reference(List.of(x));
        assertEquals(1, found.integer(0));
        Dense less = Compare.LT.reference(List.of(x, longs(DType.I64, large + 1, large + 1)));
        assertEquals(list(1, 0), values(less));
    }

    @Test
    void joinsAlongADimension() {
        Dense a = counting(2, 2);
        Dense b = reals(Shape.of(2, 1), 8, 9);
        Dense empty = counting(2, 0);
        Dense joined = new Concat(1).reference(List.of(a, empty, b));
        assertEquals(Shape.of(2, 3), joined.type().shape());
        assertEquals(list(0, 1, 8, 2, 3, 9), values(joined));
    }

    @Test
    void multipliesMatricesOfBroadcastBatches() {
        Dense a = counting(2, 1, 2);
        Dense b = reals(Shape.of(2, 2), 1, 2, 3, 4);
        Dense product = MatMul.MATMUL.reference(List.of(a, b));
        assertEquals(Shape.of(2, 1, 2), product.type().shape());
        assertEquals(list(3, 4, 11, 16), values(product));
    }

    /// Two's complement, as Java has it, also where a `double` no longer holds the number.
    @ParameterizedTest
    @CsvSource({
        "SQUARE, I32, 2147483647, 1",
        "SQUARE, I64, 3037000501, -9223372030635300615",
        "SQUARE, I64, 94906267, 9007199515875289",
        "ABS, I32, -2147483648, -2147483648",
        "NEG, I64, -9223372036854775808, -9223372036854775808",
        "NEG, I64, 9007199254740993, -9007199254740993",
        "SIGN, I64, -9007199254740993, -1",
        "RELU, I64, 9007199254740993, 9007199254740993",
        "RELU, I32, -5, 0"
    })
    void integersAreExactAndWrapAround(Unary op, DType dtype, long x, long expected) {
        assertEquals(expected, op.reference(List.of(longs(dtype, x))).integer(0));
    }

    @ParameterizedTest
    @CsvSource({
        "ADD, I32, 2147483647, 1, -2147483648",
        "MUL, I64, 9007199254740993, 3, 27021597764222979",
        "DIV, I32, 7, -2, -3",
        "DIV, I32, 7, 0, 0",
        "DIV, I32, -2147483648, -1, -2147483648",
        "MAX, I64, 9007199254740993, 9007199254740992, 9007199254740993",
        "POW, I32, 3, 4, 81",
        "POW, I32, -3, 21, -1870418611",
        "POW, I64, 3, 40, -6289078614652622815",
        "POW, I64, 7, 0, 1",
        "POW, I64, 0, -1, 0",
        "POW, I64, -1, -3, -1",
        "FMOD, I32, -7, 3, -1",
        "FMOD, I32, 7, 0, 0",
        "REMAINDER, I32, -7, 3, 2",
        "REMAINDER, I64, 7, -3, -2",
        "REMAINDER, I64, -9223372036854775808, -1, 0",
        "REMAINDER, I64, 7, 0, 0",
        "SHIFT_LEFT, I32, 3, 31, -2147483648",
        "SHIFT_LEFT, I32, 3, 32, 0",
        "SHIFT_LEFT, I64, 3, 64, 0",
        "SHIFT_LEFT, I64, 3, -1, 0",
        "SHIFT_RIGHT, I32, -9, 1, -5",
        "SHIFT_RIGHT, I32, -9, 40, -1",
        "SHIFT_RIGHT, I64, 9, 77, 0"
    })
    void integerPairsAreExactAndWrapAround(Binary op, DType dtype, long a, long b, long expected) {
        List<Dense> inputs = List.of(longs(dtype, a), longs(dtype, b));
        assertEquals(expected, op.reference(inputs).integer(0));
    }

    /// Known answers for philox4x32 with 10 rounds, published with Random123.
    @ParameterizedTest
    @CsvSource({
        "0000000000000000, 0000000000000000, 0000000000000000, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
        "ffffffffffffffff, ffffffffffffffff, ffffffffffffffff, 408f276d 41c83b0e a20bc7c6 6d5451fd",
        "299f31d0a4093822, 0370734413198a2e, 85a308d3243f6a88, d16cfe09 94fdcceb 5001e420 24126ea1"
    })
    void philoxGivesThePublishedWords(String key, String stream, String counter, String words) {
        int[] block =
                Random.block(
                        Long.parseUnsignedLong(key, 16),
                        Long.parseUnsignedLong(stream, 16),
                        Long.parseUnsignedLong(counter, 16));
        List<Integer> expected =
                Arrays.stream(words.split(" ")).map(w -> Integer.parseUnsignedInt(w, 16)).toList();
        assertEquals(expected, Arrays.stream(block).boxed().toList());
    }

    @Test
    void randomWordsFollowTheBlocksInOrder() {
        Dense key = longs(DType.I64, 42, 7);
        Dense words = new Random(Shape.of(2, 3)).reference(List.of(key));
        assertEquals(TensorType.of(DType.I32, 2, 3), words.type());
        for (int i = 0; i < 6; i++) {
            assertEquals(Random.block(42, 7, i / 4)[i % 4], words.integer(i), "element " + i);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1e-300, 1.1283791670955126e-300",
        "0.1, 0.1124629160182849",
        "0.5, 0.5204998778130465",
        "1, 0.8427007929497149",
        "1.5, 0.9661051464753108",
        "2, 0.9953222650189527",
        "2.4999, 0.9995928300996666",
        "2.5, 0.999593047982555",
        "3, 0.9999779095030014",
        "4, 0.9999999845827421",
        "5, 0.9999999999984626",
        "7, 1",
        "Infinity, 1",
        "NaN, NaN"
    })
    void erfHasTheKnownValues(double x, double expected) {
        double tolerance = 4 * Math.ulp(expected);
        if (Double.isNaN(x)) {
            assertEquals(expected, ErrorFunction.erf(x));
        } else {
            assertEquals(expected, ErrorFunction.erf(x), tolerance);
            assertEquals(-expected, ErrorFunction.erf(-x), tolerance);
        }
    }

    // Known to more digits than a double has: DLMF, Abramowitz and Stegun.
    @ParameterizedTest
    @CsvSource({
        "-7, 2",
        "-1, 1.8427007929497148",
        "0.25, 0.7236736098317631",
        "0.5, 0.4795001221869535",
        "1, 0.15729920705028513",
        "2, 4.677734981047266e-3",
        "3, 2.209049699858544e-5",
        "5, 1.5374597944280349e-12",
        "10, 2.0884875837625447e-45",
        "26, 5.663192408856143e-296",
        "30, 0"
    })
    void erfcHasTheKnownValues(double x, double expected) {
        assertEquals(expected, ErrorFunction.erfc(x), 4 * Math.ulp(expected));
    }

    @ParameterizedTest
    @CsvSource({
        "POW, 1, NaN, 1",
        "POW, NaN, 0, 1",
        "POW, NaN, 1, NaN",
        "POW, -1, -Infinity, 1",
        "POW, 1, Infinity, 1",
        "POW, -8, 0.3, NaN",
        "POW, -0.0, -3, -Infinity",
        "POW, -0.0, -2, Infinity",
        "POW, -Infinity, 0.5, Infinity",
        "POW, -Infinity, -3, -0.0",
        "HYPOT, 3e200, 4e200, 4.9999999999999995e200",
        "HYPOT, NaN, -Infinity, Infinity",
        "FMOD, -7.5, 2, -1.5",
        "FMOD, 1e20, 3, 1",
        "FMOD, 1, Infinity, 1",
        "FMOD, 1, 0, NaN",
        "REMAINDER, -7.5, 2, 0.5",
        "REMAINDER, 7.5, -2, -0.5",
        "REMAINDER, -1, Infinity, Infinity",
        "COPYSIGN, 3, -0.0, -3",
        "ATAN2, -0.0, -1, -3.141592653589793",
        "ATAN2, 0, -0.0, 3.141592653589793"
    })
    void realPairsFollowTheirStandard(Binary op, double a, double b, double expected) {
        TensorType type = TensorType.of(DType.F64);
        Dense y = op.reference(List.of(Dense.of(type, i -> a), Dense.of(type, i -> b)));
        assertEquals(expected, y.real(0));
    }

    @ParameterizedTest
    @CsvSource({
        "LOG2, 8, 3",
        "LOG2, 536870912, 29",
        "LOG2, 4.9e-324, -1074",
        "LOG2, 0, -Infinity",
        "LOG2, -1, NaN",
        "LOG10, 1000, 3",
        "EXP2, -3, 0.125",
        "CBRT, -27, -3",
        "TRUNC, -1.5, -1",
        "TRUNC, -0.5, -0.0",
        "ACOSH, 0.5, NaN",
        "ACOSH, 1, 0",
        "ATANH, -1, -Infinity",
        "ATANH, 1.5, NaN",
        "ASINH, -0.0, -0.0",
        "ASINH, 1, 0.881373587019543"
    })
    void realsFollowTheirStandard(Unary op, double x, double expected) {
        Dense y = op.reference(List.of(Dense.of(TensorType.of(DType.F64), i -> x)));
        assertEquals(expected, y.real(0));
    }

    @Test
    void checksIndices() {
        CheckIndex check = new CheckIndex(3, "crossEntropy");
        Dense good = longs(DType.I64, 0, 2, 1);
        assertEquals(values(good), values(check.reference(List.of(good))));
        for (long bad : new long[] {3, -1}) {
            TypeException error =
                    assertThrows(
                            TypeException.class,
                            () -> check.reference(List.of(longs(DType.I64, 0, bad))));
            assertEquals(
                    "crossEntropy: expects indices from 0 to 2, but got %d at place 1; check the data"
                            .formatted(bad),
                    error.getMessage().lines().findFirst().orElseThrow());
        }
    }
}
