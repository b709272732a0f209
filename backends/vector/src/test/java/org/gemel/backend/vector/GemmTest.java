package org.gemel.backend.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.gemel.backend.Workers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Every product is compared, bit for bit, with the chain of fma that defines it.
final class GemmTest {
    private static final int[] SIZES = {0, 1, 3, 4, 5, 8, 13, 17, 31, 32, 33, 64, 207};
    private static final int GAP = 3;

    private static Workers[] workers = {};

    @BeforeAll
    static void start() {
        workers = new Workers[] {Workers.of(1), Workers.of(2), Workers.of(3)};
    }

    @AfterAll
    static void stop() {
        for (Workers pool : workers) {
            pool.close();
        }
    }

    /// How a matrix lies in memory.
    enum Layout {
        ROWS,
        COLUMNS,
        SPREAD_ROWS,
        SPREAD_COLUMNS,
        BACKWARDS,
        SAME_ROW;

        long rowStride(int rows, int columns) {
            return switch (this) {
                case ROWS -> columns;
                case COLUMNS -> 1;
                case SPREAD_ROWS -> columns * 2L + GAP;
                case SPREAD_COLUMNS -> 2;
                case BACKWARDS -> -columns;
                case SAME_ROW -> 0;
            };
        }

        long columnStride(int rows, int columns) {
            return switch (this) {
                case ROWS, SAME_ROW -> 1;
                case COLUMNS -> rows;
                case SPREAD_ROWS -> 2;
                case SPREAD_COLUMNS -> rows * 2L + GAP;
                case BACKWARDS -> -1;
            };
        }
    }

    static List<Arguments> shapes() {
        List<Arguments> shapes = new ArrayList<>();
        for (int m : SIZES) {
            for (int n : SIZES) {
                int k = SIZES[(m * 7 + n * 3) % SIZES.length];
                shapes.add(Arguments.of(m, n, k));
            }
        }
        // More than one block of k and of columns; one thread's worth and several.
        shapes.add(Arguments.of(13, 40, 528));
        shapes.add(Arguments.of(14, 40, 529));
        shapes.add(Arguments.of(70, 33, 1100));
        shapes.add(Arguments.of(1, 300, 600));
        shapes.add(Arguments.of(300, 1, 600));
        shapes.add(Arguments.of(2, 1100, 7));
        shapes.add(Arguments.of(100, 530, 64));
        // Few rows or columns, more than a block of the others.
        shapes.add(Arguments.of(300, 2, 129));
        shapes.add(Arguments.of(1100, 8, 65));
        shapes.add(Arguments.of(207, 4, 600));
        shapes.add(Arguments.of(5, 1100, 130));
        shapes.add(Arguments.of(13, 207, 64));
        shapes.add(Arguments.of(64, 10, 128));
        shapes.add(Arguments.of(784, 256, 64));
        shapes.add(Arguments.of(64, 256, 784));
        return shapes;
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void equalsTheChainOfFmaInEveryLayout(int m, int n, int k) {
        for (GemmLane lane : GemmLane.values()) {
            for (Layout a : new Layout[] {Layout.ROWS, Layout.COLUMNS}) {
                for (Layout b : new Layout[] {Layout.ROWS, Layout.COLUMNS}) {
                    check(lane, m, n, k, a, b, workers[(m + n + k) % workers.length]);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Layout.class)
    void takesAnyStrides(Layout layout) {
        for (GemmLane lane : GemmLane.values()) {
            for (int[] size : new int[][] {{2, 3, 4}, {5, 40, 20}, {27, 50, 33}, {66, 18, 600}}) {
                for (Layout other : Layout.values()) {
                    check(lane, size[0], size[1], size[2], layout, other, workers[1]);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(GemmLane.class)
    void doesNotDependOnTheNumberOfThreads(GemmLane lane) {
        for (Workers pool : workers) {
            check(lane, 130, 150, 200, Layout.ROWS, Layout.COLUMNS, pool);
            check(lane, 33, 1000, 120, Layout.COLUMNS, Layout.ROWS, pool);
            check(lane, 1000, 33, 120, Layout.COLUMNS, Layout.COLUMNS, pool);
            check(lane, 3, 4098, 1, Layout.ROWS, Layout.ROWS, pool);
            check(lane, 3, 2500, 4, Layout.COLUMNS, Layout.ROWS, pool);
        }
    }

    // The same with a B that was packed before; in place of the first result.
    private static void checkPacked(
            Arena arena, GemmLane lane, GemmTask task, double[] expected, Workers pool) {
        if (!Gemm.packsAhead(lane, task, 1)) {
            return;
        }
        int panel = task.withPacked(1).panel(lane);
        long elements = (long) task.k() * (task.n() + lane.length);
        long packed = arena.allocate(elements * lane.bytes, 64).address();
        PanelPack.packAll(lane, task, panel, packed);
        // What is packed is all that is read.
        Gemm.run(pool, lane, task.withB(0).withPacked(packed), Gemm.Epilogue.NONE);
        double[] actual = new double[expected.length];
        for (int i = 0; i < actual.length; i++) {
            actual[i] = get(lane, task.c(), i);
        }
        assertArrayEquals(bits(expected), bits(actual));
    }

    // The tiles that an epilogue sees are all there is.
    private static void checkTilesAlone(
            GemmLane lane, Matrix a, Matrix b, double[] expected, int ldc, Workers pool) {
        int m = a.rows;
        int n = b.columns;
        int k = a.columns;
        double[] seen = new double[m * ldc];
        Arrays.fill(seen, -7);
        Gemm.Epilogue collect =
                (r0, r1, c0, c1, at, row) -> {
                    for (int i = r0; i < r1; i++) {
                        for (int j = c0; j < c1; j++) {
                            long skip = (i - r0) * row / lane.bytes + j - c0;
                            seen[i * ldc + j] = get(lane, at, skip);
                        }
                    }
                };
        long to = Gemm.NOWHERE;
        Gemm.run(
                pool, lane, m, n, k, a.zero, a.row, a.column, b.zero, b.row, b.column, to, ldc,
                collect);
        assertArrayEquals(bits(expected), bits(seen));
    }

    private static void check(
            GemmLane lane, int m, int n, int k, Layout layoutA, Layout layoutB, Workers pool) {
        Random random = new Random(((m * 1000L + n) * 1000L + k) * 100L + layoutA.ordinal());
        int ldc = n + GAP;
        try (Arena arena = Arena.ofConfined()) {
            Matrix a = new Matrix(arena, lane, layoutA, m, k, random);
            Matrix b = new Matrix(arena, lane, layoutB, k, n, random);
            long c = arena.allocate(Math.max(1, (long) m * ldc * lane.bytes), 8).address();
            double[] expected = new double[m * ldc];
            for (int i = 0; i < m * ldc; i++) {
                expected[i] = -7;
                set(lane, c, i, -7);
            }
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    expected[i * ldc + j] = chain(lane, a, b, i, j, k);
                }
            }
            int[] tiles = new int[m * n];
            Gemm.Epilogue count = (r0, r1, c0, c1, at, row) -> countTile(tiles, n, r0, r1, c0, c1);
            Gemm.run(
                    pool, lane, m, n, k, a.zero, a.row, a.column, b.zero, b.row, b.column, c, ldc,
                    count);
            if (n > 0) {
                GemmTask task =
                        new GemmTask(
                                m,
                                n,
                                k,
                                a.zero,
                                a.row * lane.bytes,
                                a.column * lane.bytes,
                                b.zero,
                                b.row * lane.bytes,
                                b.column * lane.bytes,
                                c,
                                (long) ldc * lane.bytes);
                checkPacked(arena, lane, task, expected, pool);
            }
            if (Gemm.needsNoMemory(m, n, k)) {
                checkTilesAlone(lane, a, b, expected, ldc, pool);
            }
            double[] actual = new double[m * ldc];
            for (int i = 0; i < actual.length; i++) {
                actual[i] = get(lane, c, i);
            }
            assertArrayEquals(
                    bits(expected),
                    bits(actual),
                    () ->
                            lane
                                    + " m="
                                    + m
                                    + " n="
                                    + n
                                    + " k="
                                    + k
                                    + " "
                                    + layoutA
                                    + " x "
                                    + layoutB
                                    + " on "
                                    + pool.threads());
            for (int tile : tiles) {
                assertEquals(1, tile, "tiles that cover an element");
            }
        }
    }

    /// The elements of a tile are its own, so threads do not meet here.
    private static void countTile(int[] tiles, int n, int r0, int r1, int c0, int c1) {
        for (int i = r0; i < r1; i++) {
            for (int j = c0; j < c1; j++) {
                tiles[i * n + j]++;
            }
        }
    }

    private static double chain(GemmLane lane, Matrix a, Matrix b, int i, int j, int k) {
        float narrow = 0;
        double wide = 0;
        for (int p = 0; p < k; p++) {
            switch (lane) {
                case F32 -> narrow = Math.fma((float) a.get(i, p), (float) b.get(p, j), narrow);
                case F64 -> wide = Math.fma(a.get(i, p), b.get(p, j), wide);
            }
        }
        return switch (lane) {
            case F32 -> narrow;
            case F64 -> wide;
        };
    }

    private static long[] bits(double[] values) {
        long[] bits = new long[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Double.doubleToRawLongBits(values[i]);
        }
        return bits;
    }

    private static double get(GemmLane lane, long address, long index) {
        return switch (lane) {
            case F32 -> Memory.getFloat(address + index * 4);
            case F64 -> Memory.getDouble(address + index * 8);
        };
    }

    private static void set(GemmLane lane, long address, long index, double value) {
        switch (lane) {
            case F32 -> Memory.setFloat(address + index * 4, (float) value);
            case F64 -> Memory.setDouble(address + index * 8, value);
        }
    }

    private static final class Matrix {
        private final GemmLane lane;
        private final int rows;
        private final int columns;
        private final long zero;
        private final long row;
        private final long column;

        Matrix(Arena arena, GemmLane lane, Layout layout, int rows, int columns, Random random) {
            this.lane = lane;
            this.rows = rows;
            this.columns = columns;
            this.row = layout.rowStride(rows, columns);
            this.column = layout.columnStride(rows, columns);
            long reach =
                    Math.max(0, rows - 1) * Math.abs(row)
                            + Math.max(0, columns - 1) * Math.abs(column);
            // Exactly as long as the matrix: reading beyond it is an error, if a silent one.
            long start = arena.allocate((reach + 1) * lane.bytes, lane.bytes).address();
            this.zero = layout == Layout.BACKWARDS ? start + reach * lane.bytes : start;
            for (long i = 0; i <= reach; i++) {
                set(lane, start, i, sample(random));
            }
        }

        private static double sample(Random random) {
            return switch (random.nextInt(200)) {
                case 0 -> -0.0;
                case 1 -> 1e-30;
                case 2 -> -1e-30;
                default -> random.nextDouble() - 0.5;
            };
        }

        double get(int i, int j) {
            return GemmTest.get(lane, zero, i * row + j * column);
        }
    }
}
