package org.gemel.backend.ffm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.TensorType;
import org.gemel.backend.Backend;
import org.gemel.backend.vector.VectorBackend;
import org.gemel.ir.Graph;
import org.gemel.ir.Layout;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.Binary;
import org.gemel.op.Dense;
import org.gemel.op.MatMul;
import org.gemel.op.Primitive;
import org.gemel.op.Unary;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Products of whatever libraries this machine has, against the vector backend.
class ProductKernelTest {
    private static final NativeBackend NATIVE = new NativeBackend();
    private static final Backend VECTOR = new VectorBackend();

    /// How both matrices lie.
    private enum Lie {
        PLAIN,
        TRANSPOSED,
        GAPS,
        REVERSED
    }

    /// A product of two shapes.
    record Case(DType dtype, Shape a, Shape b) {
        @Override
        public String toString() {
            return dtype + " " + a + " x " + b;
        }
    }

    @BeforeAll
    static void needsALibrary() {
        Search search = Search.here();
        boolean any =
                Stream.of(Kind.BLAS, Kind.ONEDNN).map(search::find).anyMatch(Optional::isPresent);
        assumeTrue(any, () -> String.join("; ", search.ladder()));
    }

    static Stream<Case> cases() {
        List<List<Shape>> shapes =
                List.of(
                        List.of(Shape.of(64, 784), Shape.of(784, 256)),
                        List.of(Shape.of(33, 1025), Shape.of(1025, 47)),
                        List.of(Shape.of(257, 129), Shape.of(129, 255)),
                        List.of(Shape.of(2, 4099), Shape.of(4099, 1003)),
                        List.of(Shape.of(1031, 517), Shape.of(517, 3)),
                        List.of(Shape.of(500, 1), Shape.of(1, 701)),
                        List.of(Shape.of(5, 3, 65, 70), Shape.of(70, 40)),
                        List.of(Shape.of(3, 65, 70), Shape.of(3, 70, 40)),
                        List.of(Shape.of(64, 200), Shape.of(7, 200, 40)),
                        List.of(Shape.of(2, 1, 65, 70), Shape.of(4, 70, 40)),
                        // left to the vector backend
                        List.of(Shape.of(4, 5), Shape.of(5, 6)),
                        List.of(Shape.of(1, 500), Shape.of(500, 300)),
                        List.of(Shape.of(500, 0), Shape.of(0, 300)));
        return Stream.of(DType.F32, DType.F64)
                .flatMap(dtype -> shapes.stream().map(s -> new Case(dtype, s.get(0), s.get(1))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void productsAreThoseOfTheVectorBackendUpToRounding(Case product) {
        Region region = region(product, Lie.PLAIN, false);
        Dense want = Regions.run(VECTOR, region).getLast();
        Dense got = Regions.run(NATIVE, region).getLast();
        int k = product.a().dim(-1);
        double unit = product.dtype() == DType.F32 ? Math.ulp(1f) : Math.ulp(1.0);
        for (int i = 0; i < want.size(); i++) {
            assertEquals(want.real(i), got.real(i), (k + 1) * unit, product + " at " + i);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void bitsDoNotDependOnHowTheMatricesLie(Case product) {
        double[] want = bits(product, Lie.PLAIN, false, 2);
        for (Lie lie : Lie.values()) {
            assertArrayEquals(want, bits(product, lie, false, 2), 0, product + " " + lie);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void bitsDoNotDependOnTheNumberOfThreads(Case product) {
        double[] want = bits(product, Lie.PLAIN, false, 1);
        for (int threads = 2; threads <= 3; threads++) {
            double[] got = bits(product, Lie.PLAIN, false, threads);
            assertArrayEquals(want, got, 0, product + ", threads " + threads);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whatFollowsIsThatOfTheProductAlone(Case product) {
        double[] alone = bits(product, Lie.PLAIN, false, 2);
        for (boolean keep : new boolean[] {false, true}) {
            Region region = region(product, Lie.PLAIN, true, keep);
            List<Dense> results = Regions.run(NATIVE, region);
            for (int i = 0; i < alone.length; i++) {
                double doubled = 2 * Math.max(alone[i], 0);
                assertEquals(doubled, results.getLast().real(i), 0, product + " at " + i);
                if (keep) {
                    assertEquals(alone[i], results.getFirst().real(i), 0, product + " at " + i);
                }
            }
        }
    }

    private static double[] bits(Case product, Lie lie, boolean epilogue, int threads) {
        NATIVE.threads(threads);
        Dense result = Regions.run(NATIVE, region(product, lie, epilogue)).getLast();
        double[] values = new double[result.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = result.real(i);
        }
        return values;
    }

    private static Region region(Case product, Lie lie, boolean epilogue) {
        return region(product, lie, epilogue, false);
    }

    private static Region region(Case product, Lie lie, boolean epilogue, boolean keep) {
        Node.Input a = new Node.Input("a", new TensorType(product.dtype(), product.a()));
        Node.Input b = new Node.Input("b", new TensorType(product.dtype(), product.b()));
        Node c = apply(MatMul.MATMUL, a, b);
        Node last = c;
        if (epilogue) {
            Node relu = apply(Unary.RELU, c);
            last = apply(Binary.ADD, relu, relu);
        }
        return new Region(
                Region.Loop.CALL,
                c.type().shape(),
                new Graph(List.of(a, b), keep ? List.of(c, last) : List.of(last)),
                List.of(layout(a.type().shape(), lie), layout(b.type().shape(), lie)));
    }

    private static Node apply(Primitive op, Node... inputs) {
        return Node.Apply.of(op, List.of(inputs), Optional.empty());
    }

    private static Layout layout(Shape shape, Lie lie) {
        long[] dense = shape.rowMajorStrides();
        List<Long> strides = new ArrayList<>();
        for (long stride : dense) {
            strides.add(lie == Lie.GAPS ? 2 * stride : lie == Lie.REVERSED ? -stride : stride);
        }
        if (lie == Lie.TRANSPOSED) {
            int rank = shape.rank();
            strides.set(rank - 2, 1L);
            strides.set(rank - 1, (long) shape.dim(-2));
        }
        long last = Math.max(0, shape.size() - 1);
        return new Layout(lie == Lie.REVERSED ? last : 0, strides);
    }
}
