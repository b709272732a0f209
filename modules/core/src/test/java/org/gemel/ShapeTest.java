package org.gemel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class ShapeTest {
    private static Shape shape(String text) {
        return Shape.of(
                text.isEmpty()
                        ? new int[0]
                        : Arrays.stream(text.split(" ")).mapToInt(Integer::parseInt).toArray());
    }

    @ParameterizedTest
    @CsvSource({
        "'', '', ''",
        "'', 3, 3",
        "2 3, 2 3, 2 3",
        "2 3, 3, 2 3",
        "2 1, 1 3, 2 3",
        "4 1 3, 2 1, 4 2 3",
        "1, 0, 0",
        "2 0 3, 2 1 3, 2 0 3",
        "5 1, 1, 5 1"
    })
    void broadcastsByTheRuleOfNumPy(String a, String b, String expected) {
        assertEquals(shape(expected), Shape.broadcast("add", shape(a), shape(b)));
        assertEquals(shape(expected), Shape.broadcast("add", shape(b), shape(a)));
    }

    @ParameterizedTest
    @CsvSource({
        "2 2, 3, 'dimension 1 is 2 against 3'",
        "3, 2 2, 'dimension 1 is 3 against 2'",
        "2 3, 4 3, 'dimension 0 is 2 against 4'",
        "0, 2, 'dimension 0 is 0 against 2'",
        "7 2 3, 4 3, 'dimension 1 is 2 against 4'"
    })
    void namesTheDimensionThatDoesNotBroadcast(String a, String b, String fact) {
        TypeException error =
                assertThrows(TypeException.class, () -> Shape.broadcast("add", shape(a), shape(b)));
        assertEquals(
                "add: shapes %s and %s do not broadcast: %s; reshape one of them, or give the dimension size 1"
                        .formatted(shape(a), shape(b), fact),
                error.getMessage().lines().findFirst().orElseThrow());
    }

    @Test
    void errorsEndWithTheUsersLine() {
        TypeException error = assertThrows(TypeException.class, () -> Shape.of(2).axis(1));
        String last = error.getMessage().lines().skip(1).findFirst().orElseThrow();
        assertEquals(true, last.matches("  at ShapeTest\\..*\\(ShapeTest\\.java:\\d+\\)"), last);
    }

    static Stream<Arguments> invalid() {
        return Stream.of(
                Arguments.of(
                        "shape: expects dimensions of at least 0, but got [2, -3]; use 0 for an empty"
                                + " tensor",
                        new int[] {2, -3}),
                Arguments.of(
                        "shape: expects at most 2^59 elements, but got [2147483647, 2147483647]; check"
                                + " the dimensions",
                        new int[] {Integer.MAX_VALUE, Integer.MAX_VALUE}),
                // 2^64 elements: the product of the dimensions wraps around to 0
                Arguments.of(
                        "shape: expects at most 2^59 elements, but got [65536, 65536, 65536, 65536];"
                                + " check the dimensions",
                        new int[] {65536, 65536, 65536, 65536}));
    }

    @ParameterizedTest
    @MethodSource("invalid")
    void rejectsDimensionsThatNoTensorCanHave(String message, int[] dims) {
        GemelException error = assertThrows(GemelException.class, () -> Shape.of(dims));
        assertEquals(message, error.getMessage());
    }

    @Test
    void countsElements() {
        assertEquals(1, Shape.SCALAR.size());
        assertEquals(24, Shape.of(2, 3, 4).size());
        int most = Integer.MAX_VALUE;
        assertEquals(0, Shape.of(most, most, most, 0).size(), "empty, whatever the others");
        assertEquals(1L << 59, Shape.of(1 << 30, 1 << 29).size());
    }

    @Test
    void isAValue() {
        int[] dims = {2, 3};
        Shape shape = Shape.of(dims);
        dims[0] = 9;
        shape.dims()[1] = 9;
        assertEquals(Shape.of(2, 3), shape);
        assertEquals(Shape.of(2, 3).hashCode(), shape.hashCode());
        assertEquals("[2, 3]", shape.toString());
        assertEquals("[]", Shape.SCALAR.toString());
    }

    @Test
    void resolvesAxesFromEitherEnd() {
        Shape shape = Shape.of(2, 3, 4);
        assertEquals(2, shape.axis(-1));
        assertEquals(0, shape.axis(-3));
        assertEquals(1, shape.axis(1));
        assertEquals(4, shape.dim(-1));
    }

    @ParameterizedTest
    @CsvSource({
        "2 3, 2, 'one of -2..1, but got axis 2 of shape [2, 3]'",
        "2 3, -3, 'one of -2..1, but got axis -3 of shape [2, 3]'",
        "'', 0, 'a tensor with dimensions, but got axis 0 of shape []'"
    })
    void rejectsAnAxisThatIsNotThere(String dims, int axis, String facts) {
        TypeException error = assertThrows(TypeException.class, () -> shape(dims).axis(axis));
        assertEquals(
                "axis: expects " + facts + "; axes count from 0, negative ones from the end",
                error.getMessage().lines().findFirst().orElseThrow());
    }

    @Test
    void stridesAreRowMajor() {
        assertArrayEquals(new long[] {12, 4, 1}, Shape.of(2, 3, 4).rowMajorStrides());
        assertArrayEquals(new long[0], Shape.SCALAR.rowMajorStrides());
    }
}
