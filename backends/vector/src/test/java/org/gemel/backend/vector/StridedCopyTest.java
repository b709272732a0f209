package org.gemel.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Collections;
import java.util.Random;
import org.gemel.backend.Workers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every copy is compared with index arithmetic, the bytes around the destination included.
final class StridedCopyTest {
    private static final int[][] SHAPES = {
        {},
        {1},
        {0},
        {7},
        {3, 0, 2},
        {1, 5, 1},
        {4, 6},
        {17, 33},
        {64, 48},
        {100, 3},
        {3, 100},
        {2, 3, 4},
        {5, 16, 16},
        {2, 31, 3, 17},
        {3, 1, 40, 20},
        {300, 700}
    };

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void equalsIndexArithmeticForAllOrdersOfDimensions(int bytes) {
        Random random = new Random(bytes);
        try (Workers workers = Workers.of(3)) {
            for (int[] dims : SHAPES) {
                for (int round = 0; round < 12; round++) {
                    View source = View.of(dims, random, true);
                    View destination = View.of(dims, random, false);
                    check(workers, bytes, dims, source, destination);
                }
            }
        }
    }

    @Test
    void transposesAndSharesLargePlanes() {
        int[] dims = {2, 500, 301};
        View turned = new View(new long[] {500 * 301, 1, 500}, 0, 2 * 500 * 301);
        View dense = new View(new long[] {500 * 301, 301, 1}, 0, 2 * 500 * 301);
        try (Workers workers = Workers.of(3)) {
            for (int bytes : new int[] {1, 2, 4, 8}) {
                check(workers, bytes, dims, turned, dense);
                check(workers, bytes, dims, dense, turned);
                check(workers, bytes, dims, dense, dense);
            }
        }
    }

    /// Strides, the position of the element with all indices 0, and how many elements they span.
    private record View(long[] strides, long zero, int span) {
        /// A random order of dimensions with random gaps; of a source, also broadcast or flipped.
        static View of(int[] dims, Random random, boolean source) {
            long[] strides = new long[dims.length];
            Integer[] order = new Integer[dims.length];
            Arrays.setAll(order, i -> i);
            Collections.shuffle(Arrays.asList(order), random);
            long span = random.nextInt(3) == 0 ? 2 : 1;
            long zero = 0;
            for (int i : order) {
                int kind = source ? random.nextInt(6) : 5;
                if (kind == 0) {
                    continue;
                }
                strides[i] = kind == 1 ? -span : span;
                zero += kind == 1 ? span * Math.max(0, dims[i] - 1) : 0;
                span *= Math.max(1, dims[i]);
                span += random.nextInt(4) == 0 ? 5 : 0;
            }
            return new View(strides, zero, (int) span + 1);
        }

        long at(int[] index) {
            long at = zero;
            for (int i = 0; i < index.length; i++) {
                at += index[i] * strides[i];
            }
            return at;
        }
    }

    private static void check(Workers workers, int bytes, int[] dims, View source, View target) {
        Random random = new Random(1);
        byte[] from = new byte[source.span * bytes];
        random.nextBytes(from);
        byte[] expected = new byte[target.span * bytes];
        Arrays.fill(expected, (byte) 7);
        try (Arena arena = Arena.ofConfined()) {
            long a = arena.allocate(from.length, 8).address();
            long b = arena.allocate(expected.length, 8).address();
            for (int i = 0; i < from.length; i++) {
                Memory.setByte(a + i, from[i]);
            }
            for (int i = 0; i < expected.length; i++) {
                Memory.setByte(b + i, (byte) 7);
            }
            StridedCopy.copy(
                    workers,
                    bytes,
                    dims,
                    a + source.zero * bytes,
                    source.strides,
                    b + target.zero * bytes,
                    target.strides);
            int elements = Arrays.stream(dims).reduce(1, (x, y) -> x * y);
            for (int i = 0; i < elements; i++) {
                int[] index = index(i, dims);
                int to = (int) target.at(index) * bytes;
                System.arraycopy(from, (int) source.at(index) * bytes, expected, to, bytes);
            }
            for (int i = 0; i < expected.length; i++) {
                int at = i;
                assertEquals(
                        expected[i],
                        Memory.getByte(b + i),
                        () ->
                                "byte "
                                        + at
                                        + " of "
                                        + bytes
                                        + "-byte "
                                        + Arrays.toString(dims)
                                        + " from "
                                        + Arrays.toString(source.strides)
                                        + " to "
                                        + Arrays.toString(target.strides));
            }
        }
    }

    private static int[] index(int element, int[] dims) {
        int[] index = new int[dims.length];
        int rest = element;
        for (int i = dims.length - 1; i >= 0; i--) {
            index[i] = rest % dims[i];
            rest /= dims[i];
        }
        return index;
    }
}
