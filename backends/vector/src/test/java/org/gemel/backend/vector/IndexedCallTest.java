package org.gemel.backend.vector;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.TensorType;
import org.gemel.op.ArgSort;
import org.gemel.op.Dense;
import org.gemel.op.Gather;
import org.gemel.op.Primitive;
import org.gemel.op.Recurrence;
import org.gemel.op.Scan;
import org.gemel.op.Scatter;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Gather, scatter, scans and sorts give the bits of their reference meaning, at awkward sizes,
/// along every dimension, on what lies densely and on views.
final class IndexedCallTest {
    private static final int[] SIZES = {0, 1, 3, 17, 207, 4098};

    @RegisterExtension private static final RunningBackend BACKEND = new RunningBackend();

    /// An operation, the dtype and shape of its data, and the shape of its index.
    record Case(Primitive op, DType dtype, Shape shape, Shape index) {}

    static Stream<Case> indexed() {
        List<Case> cases = new ArrayList<>();
        for (DType dtype : DType.values()) {
            for (int size : SIZES) {
                List<Shape> shapes =
                        List.of(Shape.of(5, size), Shape.of(size, 6), Shape.of(2, size, 3));
                for (Shape shape : shapes) {
                    for (int axis = 0; axis < shape.rank(); axis++) {
                        if (shape.dim(axis) == 0 || (size > 300 && dtype.bytes() == 1)) {
                            continue;
                        }
                        Shape full = shape.with(axis, 9);
                        int at = axis;
                        int[] others =
                                java.util.stream.IntStream.range(0, shape.rank())
                                        .filter(d -> d != at)
                                        .toArray();
                        for (Shape index :
                                List.of(full, full.reduced(others), full.with(axis, 0))) {
                            cases.add(new Case(new Gather(axis), dtype, shape, index));
                            for (Scatter.Kind kind : Scatter.Kind.values()) {
                                if (dtype != DType.BOOL || kind == Scatter.Kind.SET) {
                                    cases.add(
                                            new Case(new Scatter(kind, axis), dtype, shape, index));
                                }
                            }
                        }
                    }
                }
            }
        }
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("indexed")
    void takesAndPutsAsTheReference(Case each) {
        Dense x = random(new TensorType(each.dtype, each.shape));
        int axis =
                switch (each.op) {
                    case Gather(var along) -> along;
                    case Scatter(_, var along) -> along;
                    default -> throw new AssertionError(each.op);
                };
        SplittableRandom random = new SplittableRandom(7);
        Dense index =
                Dense.ofLongs(
                        new TensorType(DType.I64, each.index),
                        _ -> random.nextInt(each.shape.dim(axis)));
        List<Dense> inputs = new ArrayList<>(List.of(x, index));
        if (each.op instanceof Scatter) {
            Shape source = each.shape.with(axis, each.index.dim(axis));
            inputs.add(random(new TensorType(each.dtype, source)));
        }
        for (boolean views : new boolean[] {false, true}) {
            CallTest.check(BACKEND.get(), each.op, inputs, views);
        }
    }

    /// An operation along a dimension.
    record Row(Primitive op, TensorType type) {}

    static Stream<Row> along() {
        List<Row> rows = new ArrayList<>();
        for (DType dtype : DType.values()) {
            for (int size : SIZES) {
                for (Shape shape : List.of(Shape.of(2, size), Shape.of(size, 3))) {
                    for (int axis = 0; axis < 2; axis++) {
                        TensorType type = new TensorType(dtype, shape);
                        addScans(rows, type, axis);
                        if (size <= 207) {
                            addSorts(rows, type, axis);
                        }
                    }
                }
            }
            rows.add(new Row(new ArgSort(0, true, 5), TensorType.of(dtype, 300)));
        }
        return rows.stream();
    }

    private static void addScans(List<Row> rows, TensorType type, int axis) {
        for (boolean reverse : new boolean[] {false, true}) {
            for (Scan.Kind kind : Scan.Kind.values()) {
                if (type.dtype() != DType.BOOL) {
                    rows.add(new Row(new Scan(kind, axis, reverse), type));
                }
            }
            if (type.dtype().isFloating()) {
                rows.add(new Row(new Recurrence(axis, reverse), type));
            }
        }
    }

    private static void addSorts(List<Row> rows, TensorType type, int axis) {
        int size = type.shape().dim(axis);
        for (boolean descending : new boolean[] {false, true}) {
            for (int count : List.of(size, Math.min(2, size))) {
                rows.add(new Row(new ArgSort(axis, descending, count), type));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("along")
    void runsAndSortsAsTheReference(Row row) {
        List<Dense> inputs = new ArrayList<>(List.of(random(row.type)));
        if (row.op instanceof Recurrence) {
            inputs.add(random(row.type));
        }
        for (boolean views : new boolean[] {false, true}) {
            CallTest.check(BACKEND.get(), row.op, inputs, views);
        }
    }

    // With ties, both zeros, infinities and, at times, NaN.
    private static Dense random(TensorType type) {
        SplittableRandom random = new SplittableRandom(type.hashCode());
        double[] special = {Double.NaN, 0.0, -0.0, Double.POSITIVE_INFINITY, -1e30};
        return switch (type.dtype()) {
            case F32, F64, F16, BF16 ->
                    Dense.of(
                            type,
                            _ -> {
                                int choice = random.nextInt(400);
                                return choice < special.length
                                        ? special[choice]
                                        : random.nextInt(-40, 40) / 32.0;
                            });
            case I32, I64, I8, U8 ->
                    Dense.ofLongs(type, _ -> random.nextLong() >> random.nextInt(64));
            case BOOL -> Dense.ofLongs(type, _ -> random.nextInt(2));
        };
    }
}
