package org.gemel.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.TensorType;
import org.gemel.ir.Region.Loop;
import org.gemel.op.Dense;
import org.gemel.op.Reduce;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every reduction, bit for bit, against the order that the operation's contract states.
final class ReductionTest {
    @RegisterExtension private static final RunningBackend BACKEND = new RunningBackend();

    /// A reduction and the loop it is compiled to.
    record Case(Loop loop, List<Integer> dims, List<Integer> axes) {}

    static Stream<Case> cases() {
        return Stream.of(
                new Case(Loop.ROWS, List.of(3, 2), List.of(1)),
                new Case(Loop.ROWS, List.of(5, 63), List.of(1)),
                new Case(Loop.ROWS, List.of(2, 64), List.of(1)),
                new Case(Loop.ROWS, List.of(5, 128), List.of(1)),
                new Case(Loop.ROWS, List.of(300, 207), List.of(1)),
                new Case(Loop.ROWS, List.of(3, 16, 65), List.of(1, 2)),
                new Case(Loop.ROWS, List.of(3, 16_384), List.of(1)),
                new Case(Loop.ROWS, List.of(1000), List.of(0)),
                new Case(Loop.COLUMNS, List.of(2, 3), List.of(0)),
                new Case(Loop.COLUMNS, List.of(63, 300), List.of(0)),
                new Case(Loop.COLUMNS, List.of(65, 17), List.of(0)),
                new Case(Loop.COLUMNS, List.of(66, 4200), List.of(0)),
                new Case(Loop.COLUMNS, List.of(207, 5, 110), List.of(0)),
                new Case(Loop.COLUMNS, List.of(9, 30, 33), List.of(0, 1)),
                new Case(Loop.CALL, List.of(3, 20_000), List.of(1)),
                new Case(Loop.CALL, List.of(40_000), List.of(0)),
                new Case(Loop.CALL, List.of(4, 7, 5), List.of(1)),
                new Case(Loop.CALL, List.of(3, 1, 5), List.of(1)),
                new Case(Loop.CALL, List.of(3, 4, 5, 6), List.of(0, 2)),
                new Case(Loop.CALL, List.of(20_000, 3), List.of(0)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void keepsTheOrder(Case each) {
        for (DType dtype : List.of(DType.F32, DType.F64, DType.I32, DType.I64)) {
            TensorType type =
                    TensorType.of(dtype, each.dims.stream().mapToInt(Integer::intValue).toArray());
            Dense input = samples(type);
            for (Reduce.Kind kind : Reduce.Kind.values()) {
                Reduce reduce = new Reduce(kind, each.axes);
                try (Programs programs = new Programs(BACKEND.get(), true)) {
                    Dense actual =
                            programs.run(
                                            List.of(input),
                                            in -> List.of(in.getFirst().reduce(reduce)))
                                    .getFirst();
                    assertEquals(List.of(each.loop), programs.loops());
                    compare(each + " " + dtype + " " + kind, reduce, input, actual);
                }
            }
        }
    }

    private static void compare(String what, Reduce reduce, Dense input, Dense actual) {
        List<List<Integer>> members = new ArrayList<>();
        for (int o = 0; o < actual.size(); o++) {
            members.add(new ArrayList<>());
        }
        int[] dims = input.type().shape().dims();
        for (int i = 0; i < input.size(); i++) {
            int rest = i;
            int index = 0;
            int stride = 1;
            for (int d = dims.length - 1; d >= 0; d--) {
                if (!reduce.axes().contains(d)) {
                    index += rest % dims[d] * stride;
                    stride *= dims[d];
                }
                rest /= dims[d];
            }
            members.get(index).add(i);
        }
        boolean real = input.type().dtype().isFloating();
        for (int o = 0; o < actual.size(); o++) {
            List<Integer> row = members.get(o);
            int at = o;
            if (real) {
                double[] values = row.stream().mapToDouble(input::real).toArray();
                double expected = reals(reduce.kind(), input.type().dtype(), values);
                double got = actual.real(o);
                assertTrue(
                        Double.compare(expected, got) == 0,
                        () -> what + " result " + at + ": " + expected + " but " + got);
            } else {
                long expected = integers(reduce.kind(), input.type().dtype(), input, row);
                assertEquals(expected, actual.integer(o), () -> what + " result " + at);
            }
        }
    }

    private static double reals(Reduce.Kind kind, DType dtype, double[] values) {
        if (values.length > Reduce.BLOCK) {
            double[] blocks = new double[(values.length - 1) / Reduce.BLOCK + 1];
            for (int b = 0; b < blocks.length; b++) {
                int end = Math.min(values.length, (b + 1) * Reduce.BLOCK);
                blocks[b] = reals(kind, dtype, Arrays.copyOfRange(values, b * Reduce.BLOCK, end));
            }
            return reals(kind, dtype, blocks);
        }
        double[] lanes = new double[Reduce.LANES];
        Arrays.fill(
                lanes,
                switch (kind) {
                    case SUM -> 0;
                    case PROD -> 1;
                    case MAX -> Double.NEGATIVE_INFINITY;
                    case MIN -> Double.POSITIVE_INFINITY;
                });
        for (int i = 0; i < values.length; i++) {
            int l = i % Reduce.LANES;
            lanes[l] = combine(kind, dtype, lanes[l], values[i]);
        }
        for (int s = Reduce.LANES / 2; s >= 1; s /= 2) {
            for (int l = 0; l < s; l++) {
                lanes[l] = combine(kind, dtype, lanes[l], lanes[l + s]);
            }
        }
        return lanes[0];
    }

    private static double combine(Reduce.Kind kind, DType dtype, double a, double b) {
        return dtype.round(
                switch (kind) {
                    case SUM -> a + b;
                    case PROD -> a * b;
                    case MAX -> Math.max(a, b);
                    case MIN -> Math.min(a, b);
                });
    }

    private static long integers(Reduce.Kind kind, DType dtype, Dense input, List<Integer> row) {
        long result =
                switch (kind) {
                    case SUM -> 0;
                    case PROD -> 1;
                    case MAX -> Long.MIN_VALUE;
                    case MIN -> Long.MAX_VALUE;
                };
        for (int i : row) {
            long value = input.integer(i);
            result =
                    switch (kind) {
                        case SUM -> result + value;
                        case PROD -> result * value;
                        case MAX -> Math.max(result, value);
                        case MIN -> Math.min(result, value);
                    };
        }
        return dtype == DType.I32 ? (int) result : result;
    }

    private static Dense samples(TensorType type) {
        SplittableRandom random = new SplittableRandom(type.hashCode());
        if (!type.dtype().isFloating()) {
            return Dense.ofLongs(type, i -> random.nextLong() >> random.nextInt(64));
        }
        double[] rare = {0.0, -0.0, Double.NaN, Double.POSITIVE_INFINITY};
        return Dense.of(
                type,
                i ->
                        random.nextInt(500) == 0
                                ? rare[random.nextInt(rare.length)]
                                : random.nextGaussian() * (1 + random.nextInt(2) * 0.01));
    }
}
