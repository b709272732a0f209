package org.gemel.backend.ffm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.TensorType;
import org.gemel.backend.Backend;
import org.gemel.backend.Kernel;
import org.gemel.backend.vector.VectorBackend;
import org.gemel.ir.Graph;
import org.gemel.ir.Layout;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.Conv;
import org.gemel.op.Dense;
import org.gemel.op.Unary;
import org.gemel.op.Windows;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Convolutions of this machine's oneDNN, if it has one, against the vector backend.
class ConvolutionKernelTest {
    private static final NativeBackend NATIVE = new NativeBackend();
    private static final Backend VECTOR = new VectorBackend();

    /// A convolution or a cotangent of one, and its operands.
    record Case(Conv op, List<TensorType> inputs, int products) {
        @Override
        public String toString() {
            return op + " " + inputs;
        }
    }

    @BeforeAll
    static void needsOneDnn() {
        Search search = Search.here();
        assumeTrue(
                search.find(Kind.ONEDNN).flatMap(Library::convolutions).isPresent(),
                () -> String.join("; ", search.ladder()));
    }

    private static List<Integer> all(int rank, int value) {
        return IntStream.range(0, rank).map(_ -> value).boxed().toList();
    }

    // Stride, zeros on both sides and dilation are those of every dimension.
    private static Windows windows(
            List<Integer> input, int kernel, int stride, int before, int dilation) {
        int rank = input.size();
        List<Integer> output =
                input.stream()
                        .map(n -> (n + 2 * before - dilation * (kernel - 1) - 1) / stride + 1)
                        .toList();
        return new Windows(
                input,
                output,
                all(rank, kernel),
                all(rank, stride),
                all(rank, before),
                all(rank, dilation));
    }

    static Stream<Case> cases() {
        return Stream.of(
                        cases(windows(List.of(28, 30), 3, 1, 1, 1), 1, 16, 24, 1),
                        cases(windows(List.of(28, 30), 3, 1, 1, 1), 1, 16, 24, 5),
                        cases(windows(List.of(29, 30), 3, 2, 1, 1), 1, 17, 33, 3),
                        cases(windows(List.of(40, 40), 7, 2, 3, 1), 1, 3, 40, 1),
                        cases(windows(List.of(20, 20), 1, 1, 0, 1), 1, 64, 70, 2),
                        cases(windows(List.of(30, 30), 3, 1, 2, 2), 2, 16, 12, 3),
                        cases(windows(List.of(40, 41), 3, 1, 1, 1), 24, 24, 24, 4),
                        cases(windows(List.of(500), 5, 2, 2, 1), 1, 16, 48, 3),
                        cases(windows(List.of(9, 10, 11), 3, 1, 1, 1), 1, 8, 12, 2),
                        // left to the vector backend
                        cases(windows(List.of(5, 5), 3, 1, 1, 1), 1, 2, 3, 1))
                .flatMap(s -> s);
    }

    private static Stream<Case> cases(Windows w, int groups, int channels, int outputs, int n) {
        TensorType x = type(n, channels, w.input());
        TensorType weight = type(outputs, channels / groups, w.kernel());
        TensorType y = type(n, outputs, w.output());
        int taps = w.kernel().stream().reduce(1, (a, b) -> a * b);
        int count = w.output().stream().reduce(1, (a, b) -> a * b);
        return Stream.of(
                new Case(
                        new Conv(Conv.Kind.OUTPUT, w, groups),
                        List.of(x, weight),
                        channels / groups * taps),
                new Case(
                        new Conv(Conv.Kind.INPUT, w, groups),
                        List.of(y, weight),
                        outputs / groups * taps),
                new Case(new Conv(Conv.Kind.WEIGHT, w, groups), List.of(x, y), n * count));
    }

    private static TensorType type(int first, int second, List<Integer> spatial) {
        int[] dims = new int[2 + spatial.size()];
        dims[0] = first;
        dims[1] = second;
        IntStream.range(0, spatial.size()).forEach(d -> dims[2 + d] = spatial.get(d));
        return TensorType.of(DType.F32, dims);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void areThoseOfTheVectorBackendUpToRounding(Case test) {
        double[] want = values(Regions.run(VECTOR, region(test, false, false)).getLast());
        double[] got = values(Regions.run(NATIVE, region(test, false, false)).getLast());
        assertArrayEquals(want, got, (test.products + 1) * Math.ulp(1f), test::toString);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void bitsDependNeitherOnThreadsNorOnHowTheOperandsLie(Case test) {
        NATIVE.threads(1);
        double[] want = values(Regions.run(NATIVE, region(test, false, false)).getLast());
        for (int threads = 2; threads <= 3; threads++) {
            NATIVE.threads(threads);
            for (boolean turned : new boolean[] {false, true}) {
                double[] got = values(Regions.run(NATIVE, region(test, turned, false)).getLast());
                assertArrayEquals(want, got, 0, () -> test + " turned " + turned);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whatFollowsIsThatOfTheConvolutionAlone(Case test) {
        double[] alone = values(Regions.run(NATIVE, region(test, false, false)).getLast());
        if (Region.isProduct(test.op)) {
            double[] relu = values(Regions.run(NATIVE, region(test, false, true)).getLast());
            for (int i = 0; i < alone.length; i++) {
                assertEquals(Math.max(alone[i], 0), relu[i], 0);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void onlySmallOnesAreLeftToTheVectorBackend(Case test) {
        Kernel kernel = NATIVE.compile(region(test, false, false));
        boolean small = test.op.windows().input().equals(List.of(5, 5));
        if (!small) {
            assertInstanceOf(ConvolutionKernel.class, kernel);
        } else {
            assertEquals(false, kernel instanceof ConvolutionKernel);
        }
    }

    private static double[] values(Dense x) {
        return IntStream.range(0, x.size()).mapToDouble(x::real).toArray();
    }

    // Turned, the last dimension of the operands is the slowest.
    private static Region region(Case test, boolean turned, boolean relu) {
        List<Node.Input> inputs = new ArrayList<>();
        List<Layout> layouts = new ArrayList<>();
        for (TensorType type : test.inputs) {
            inputs.add(new Node.Input("x" + inputs.size(), type));
            layouts.add(turned ? turned(type.shape()) : Layout.contiguous(type.shape()));
        }
        Node result = Node.Apply.of(test.op, List.copyOf(inputs), Optional.empty());
        Node last = relu ? Node.Apply.of(Unary.RELU, List.of(result), Optional.empty()) : result;
        return new Region(
                Region.Loop.CALL,
                last.type().shape(),
                new Graph(List.copyOf(inputs), List.of(last)),
                layouts);
    }

    private static Layout turned(Shape shape) {
        List<Long> strides = new ArrayList<>();
        long stride = 1;
        for (int axis = 0; axis < shape.rank(); axis++) {
            strides.add(stride);
            stride *= shape.dim(axis);
        }
        return new Layout(0, strides);
    }
}
