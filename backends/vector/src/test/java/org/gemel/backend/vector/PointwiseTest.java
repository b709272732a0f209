package org.gemel.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.TensorType;
import org.gemel.ir.Graph;
import org.gemel.ir.Node;
import org.gemel.op.Binary;
import org.gemel.op.Cast;
import org.gemel.op.Compare;
import org.gemel.op.Dense;
import org.gemel.op.Logical;
import org.gemel.op.Pointwise;
import org.gemel.op.Select;
import org.gemel.op.Unary;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every row of the tables of point-wise operations against its reference meaning.
final class PointwiseTest {
    private static final int[] SIZES = {0, 1, 3, 17, 64, 207, 4098};
    private static final double[] EDGES = {
        0.0,
        -0.0,
        1,
        -1,
        0.5,
        -0.5,
        1.5,
        2.5,
        -2.5,
        1e-3,
        -1e-3,
        1e-20,
        -1e-30,
        1e-40,
        0x1p-149,
        3e38,
        -3e38,
        88.5,
        89.5,
        -87.5,
        -90,
        -103,
        -105,
        20,
        -20,
        700,
        709.9,
        -740,
        -750,
        1e5,
        1e9,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.NaN,
        2147483647,
        -2147483648.0,
        4e9,
        -4e9,
        9e18,
        1e19,
        123456.789,
        Math.PI,
        4.5,
        0.9999999,
        1.0000001,
        8388609,
        16777216
    };

    @RegisterExtension private static final RunningBackend BACKEND = new RunningBackend();

    /// An operation on inputs of some types.
    record Case(Pointwise op, List<DType> dtypes) {}

    static Stream<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (DType dtype : DType.values()) {
            for (Unary op : Unary.values()) {
                if (op.accepts(dtype)) {
                    cases.add(new Case(op, List.of(dtype)));
                }
            }
            for (Binary op : Binary.values()) {
                if (op.accepts(dtype)) {
                    cases.add(new Case(op, List.of(dtype, dtype)));
                }
            }
            for (Compare op : Compare.values()) {
                cases.add(new Case(op, List.of(dtype, dtype)));
            }
            for (Logical op : Logical.values()) {
                if (!dtype.isFloating()) {
                    cases.add(new Case(op, List.of(dtype, dtype)));
                }
            }
            for (DType to : DType.values()) {
                cases.add(new Case(new Cast(to), List.of(dtype)));
            }
            cases.add(new Case(Select.WHERE, List.of(DType.BOOL, dtype, dtype)));
        }
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheReference(Case each) {
        for (int size : SIZES) {
            List<Dense> inputs = new ArrayList<>();
            for (DType dtype : each.dtypes) {
                inputs.add(samples(TensorType.of(dtype, size), 7L * inputs.size() + size));
            }
            check(each.op, inputs);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void broadcasts(Case each) {
        int[][][] shapes = {
            {{5, 1, 33}, {4, 1}, {5, 4, 33}},
            {{1}, {3, 70}, {70}},
            {{2, 3, 1, 5}, {3, 7, 1}, {1, 5}},
            {{}, {9}, {2, 1}}
        };
        for (int[][] shape : shapes) {
            List<Dense> inputs = new ArrayList<>();
            for (DType dtype : each.dtypes) {
                TensorType type = new TensorType(dtype, Shape.of(shape[inputs.size()]));
                inputs.add(samples(type, 11L * inputs.size()));
            }
            check(each.op, inputs);
        }
    }

    private static void check(Pointwise op, List<Dense> inputs) {
        List<Node.Input> nodes = inputs.stream().map(in -> new Node.Input("x", in.type())).toList();
        Node node = Node.Apply.of(op, List.copyOf(nodes), Optional.empty());
        try (Programs programs = new Programs(BACKEND.get(), true)) {
            Dense actual = programs.run(new Graph(nodes, List.of(node)), inputs).getFirst();
            Dense expected = op.reference(inputs);
            assertEquals(expected.type(), actual.type());
            for (int i = 0; i < expected.size(); i++) {
                compare(op, inputs, expected, actual, i);
            }
        }
    }

    private static void compare(
            Pointwise op, List<Dense> inputs, Dense expected, Dense actual, int i) {
        StringBuilder where = new StringBuilder(op + " element " + i + ":");
        for (Dense input : inputs) {
            int at = input.broadcastIndex(expected.type().shape(), i);
            where.append(' ').append(input.real(at));
        }
        if (!expected.type().dtype().isFloating()) {
            assertEquals(expected.integer(i), actual.integer(i), where::toString);
            return;
        }
        double e = expected.real(i);
        double a = actual.real(i);
        int ulps = tolerance(op);
        if (ulps > 0 && expected.type().dtype().isNarrow()) {
            int places = places(expected.type().dtype(), e, a);
            assertTrue(places <= 1, () -> where + " " + e + " " + a + ": " + places + " ulp");
            return;
        }
        if (ulps == 0 || Double.isNaN(e) || e == 0 || Double.isInfinite(e)) {
            boolean overflows = ulps > 0 && Double.isInfinite(e) && Math.abs(a) >= 3.4e38;
            assertTrue(Double.compare(e, a) == 0 || overflows, () -> where + " " + e + " " + a);
            return;
        }
        double ulp = expected.type().dtype() == DType.F32 ? Math.ulp((float) e) : Math.ulp(e);
        double error = Math.abs(a - e) / ulp;
        assertTrue(error <= ulps, () -> where + " " + e + " " + a + ": " + error + " ulp");
    }

    // How many numbers of a type of 16 bits lie between the two; no sign has zero.
    private static int places(DType dtype, double a, double b) {
        return Math.abs(place(dtype, a) - place(dtype, b));
    }

    private static int place(DType dtype, double x) {
        int size = dtype.toBits((float) Math.abs(x)) & 0x7FFF;
        return x < 0 ? -size : size;
    }

    // What is no single rounding, in units of the last place.
    private static int tolerance(Pointwise op) {
        if (op instanceof Cast) {
            // Long to float: the reference rounds twice.
            return 1;
        }
        return op.ulps();
    }

    static Dense samples(TensorType type, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return switch (type.dtype()) {
            case F32, F64, F16, BF16 ->
                    Dense.of(
                            type,
                            i ->
                                    random.nextInt(4) == 0
                                            ? EDGES[random.nextInt(EDGES.length)]
                                            : random.nextGaussian()
                                                    * Math.pow(10, random.nextInt(-3, 3)));
            case I32, I64, I8, U8 ->
                    Dense.ofLongs(
                            type,
                            i ->
                                    switch (random.nextInt(8)) {
                                        case 0 -> Long.MIN_VALUE;
                                        case 1 -> Integer.MIN_VALUE;
                                        case 2 -> -1;
                                        case 3 -> 0;
                                        case 4 -> random.nextLong();
                                        case 5 -> random.nextLong() >> random.nextInt(64);
                                        default -> random.nextInt(-100, 100);
                                    });
            case BOOL -> Dense.ofLongs(type, i -> random.nextInt(2));
        };
    }
}
