package org.gemel.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.op.Conv;
import org.gemel.op.Dense;
import org.gemel.op.Permute;
import org.gemel.op.Pool;
import org.gemel.op.Primitive;
import org.gemel.op.Windows;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Convolutions and poolings on generated windows against their reference meaning: dense inputs and
/// views, one and several threads, whose bits are the same.
final class WindowsTest {
    // For one, two and three threads.
    private static List<VectorBackend> backends;

    @BeforeAll
    static void start() {
        backends = List.of(new VectorBackend(), new VectorBackend(), new VectorBackend());
        for (int i = 0; i < backends.size(); i++) {
            backends.get(i).threads(i + 1);
        }
    }

    @AfterAll
    static void stop() {
        backends.forEach(backend -> backend.workers().close());
    }

    /// A generated operation on inputs of some types.
    record Case(Primitive op, List<TensorType> inputs, int seed) {}

    private static List<Integer> list(int rank, java.util.function.IntUnaryOperator value) {
        return IntStream.range(0, rank).map(value).boxed().toList();
    }

    private static Windows windows(SplittableRandom random, int largest) {
        int rank = random.nextInt(1, 4);
        int most = rank == 3 ? Math.min(5, largest) : largest;
        List<Integer> input = list(rank, _ -> random.nextInt(1, most + 1));
        List<Integer> kernel = list(rank, _ -> random.nextInt(1, 5));
        List<Integer> stride = list(rank, _ -> random.nextInt(1, 4));
        List<Integer> before = list(rank, _ -> random.nextInt(-1, 4));
        List<Integer> dilation = list(rank, _ -> random.nextInt(1, 4));
        List<Integer> output =
                list(
                        rank,
                        d -> {
                            int span = dilation.get(d) * (kernel.get(d) - 1) + 1;
                            int after = random.nextInt(-1, 4);
                            int room = input.get(d) + before.get(d) + after - span;
                            return room < 0 ? random.nextInt(0, 2) : room / stride.get(d) + 1;
                        });
        return new Windows(input, output, kernel, stride, before, dilation);
    }

    private static TensorType type(DType dtype, int first, int second, List<Integer> spatial) {
        int[] dims = new int[2 + spatial.size()];
        dims[0] = first;
        dims[1] = second;
        IntStream.range(0, spatial.size()).forEach(d -> dims[2 + d] = spatial.get(d));
        return TensorType.of(dtype, dims);
    }

    static Stream<Case> convolutions() {
        return IntStream.range(0, 240)
                .boxed()
                .flatMap(seed -> {
                    SplittableRandom random = new SplittableRandom(seed);
                    Windows w = windows(random, seed % 10 == 0 ? 40 : 9);
                    DType dtype = random.nextBoolean() ? DType.F32 : DType.F64;
                    int groups = random.nextInt(1, 4);
                    int channels = random.nextInt(1, 4) * groups;
                    int outputs = random.nextInt(1, seed % 10 == 1 ? 30 : 6) * groups;
                    int n = random.nextInt(0, 4);
                    return convolutions(w, dtype, groups, channels, outputs, n, seed);
                });
    }

    private static Stream<Case> convolutions(
            Windows w, DType dtype, int groups, int channels, int outputs, int n, int seed) {
        TensorType x = type(dtype, n, channels, w.input());
        TensorType weight = type(dtype, outputs, channels / groups, w.kernel());
        TensorType y = type(dtype, n, outputs, w.output());
        return Stream.of(
                new Case(new Conv(Conv.Kind.OUTPUT, w, groups), List.of(x, weight), seed),
                new Case(new Conv(Conv.Kind.INPUT, w, groups), List.of(y, weight), seed),
                new Case(new Conv(Conv.Kind.WEIGHT, w, groups), List.of(x, y), seed));
    }

    /// Sizes with several blocks of rows, columns and depth, and the ways around them.
    static Stream<Case> large() {
        List<Integer> one = List.of(1, 1);
        List<Integer> two = List.of(2, 2);
        List<Integer> three = List.of(3, 3);
        List<Integer> none = List.of(0, 0);
        List<Integer> place = List.of(20, 23);
        Windows same = new Windows(place, place, three, one, one, one);
        Windows point = new Windows(place, place, one, one, none, one);
        Windows half = new Windows(place, List.of(10, 12), three, two, one, one);
        Windows sparse = new Windows(place, List.of(10, 12), one, two, none, one);
        List<Integer> small = List.of(4, 5);
        Windows few = new Windows(small, small, three, one, one, one);
        Windows line =
                new Windows(
                        List.of(5000),
                        List.of(4998),
                        List.of(3),
                        List.of(1),
                        List.of(0),
                        List.of(1));
        Windows wide =
                new Windows(List.of(17_000, 17_000), List.of(8_499, 8_500), three, two, none, one);
        return Stream.of(
                        convolutions(same, DType.F32, 1, 67, 29, 1, 1),
                        convolutions(same, DType.F64, 1, 67, 29, 3, 2),
                        convolutions(same, DType.F32, 13, 13, 13, 2, 3),
                        convolutions(point, DType.F32, 1, 40, 50, 2, 4),
                        convolutions(half, DType.F32, 2, 24, 30, 3, 5),
                        convolutions(sparse, DType.F32, 1, 10, 7, 2, 6),
                        convolutions(line, DType.F32, 1, 3, 5, 1, 7),
                        // channels of their own, one and two results each
                        convolutions(same, DType.F32, 19, 19, 19, 2, 9),
                        convolutions(half, DType.F32, 35, 35, 70, 2, 10),
                        // several blocks of taps, of rows and of windows; samples side by side
                        convolutions(same, DType.F32, 1, 70, 30, 1, 11),
                        convolutions(few, DType.F32, 1, 70, 60, 3, 12),
                        convolutions(few, DType.F64, 2, 26, 80, 2, 13),
                        convolutions(half, DType.F64, 1, 61, 15, 1, 14),
                        // no samples, of planes that would not fit
                        convolutions(wide, DType.F32, 1, 33, 2, 0, 8))
                .flatMap(s -> s);
    }

    static Stream<Case> poolings() {
        return IntStream.range(0, 200)
                .boxed()
                .flatMap(seed -> {
                    SplittableRandom random = new SplittableRandom(seed);
                    // some rows of windows are longer than vectors
                    Windows generated = windows(random, seed % 10 == 7 ? 70 : 12);
                    Windows w =
                            seed % 3 == 0
                                    ? Windows.adaptive(
                                            generated.input(),
                                            list(generated.rank(), _ -> random.nextInt(1, 6)))
                                    : generated;
                    DType dtype = random.nextBoolean() ? DType.F32 : DType.F64;
                    TensorType x = type(dtype, random.nextInt(0, 3), 3, w.input());
                    TensorType y = x.with(type(dtype, x.shape().dim(0), 3, w.output()).shape());
                    return Stream.of(
                            new Case(new Pool(Pool.Kind.MAX, w), List.of(x), seed),
                            new Case(new Pool(Pool.Kind.MAX_PLACE, w), List.of(x), seed),
                            new Case(new Pool(Pool.Kind.TAKE, w), List.of(x, x), seed),
                            new Case(new Pool(Pool.Kind.PUT, w), List.of(x, y), seed),
                            new Case(new Pool(Pool.Kind.SUM, w), List.of(x), seed),
                            new Case(new Pool(Pool.Kind.SPREAD, w), List.of(y), seed));
                });
    }

    // Small whole numbers and a few NaN make ties and sums that are exact in any order.
    private static List<Dense> inputs(Case test, boolean whole) {
        SplittableRandom random = new SplittableRandom(test.seed);
        boolean holes = whole && test.seed % 4 == 0;
        return test.inputs.stream()
                .map(type ->
                        Dense.of(
                                type,
                                _ ->
                                        holes && random.nextInt(9) == 0
                                                ? Double.NaN
                                                : whole
                                                        ? random.nextInt(-3, 4)
                                                        : random.nextDouble(-1, 1)))
                .toList();
    }

    private static Dense run(Case test, List<Dense> inputs, int threads, boolean views) {
        VectorBackend backend = backends.get(threads - 1);
        try (Programs programs = new Programs(backend, false)) {
            List<Dense> given = views ? inputs.stream().map(WindowsTest::turned).toList() : inputs;
            return programs.run(
                            given,
                            in ->
                                    Tensor.apply(
                                            test.op,
                                            in.stream()
                                                    .map(t -> views ? t.permute(back(t)) : t)
                                                    .toList()))
                    .getFirst();
        }
    }

    // The dimensions of `x` in reverse, so that the view that turns them back is strided.
    private static Dense turned(Dense x) {
        List<Integer> order = new ArrayList<>();
        for (int d = x.type().shape().rank() - 1; d >= 0; d--) {
            order.add(d);
        }
        return new Permute(order).reference(List.of(x));
    }

    private static int[] back(Tensor x) {
        int rank = x.shape().rank();
        return IntStream.range(0, rank).map(d -> rank - 1 - d).toArray();
    }

    private static void agree(Case test, boolean whole) {
        List<Dense> inputs = inputs(test, whole);
        Dense want = test.op.reference(inputs);
        Dense one = run(test, inputs, 1, false);
        Dense three = run(test, inputs, 3, false);
        Dense view = run(test, inputs, 2, true);
        double limit = want.type().dtype() == DType.F32 ? 1e-4 : 1e-12;
        for (int i = 0; i < want.size(); i++) {
            double expected = want.real(i);
            boolean near =
                    whole
                            ? Double.compare(expected + 0.0, one.real(i) + 0.0) == 0
                            : Math.abs(expected - one.real(i)) <= limit * (1 + Math.abs(expected));
            int at = i;
            assertTrue(near, () -> test + " " + at + ": " + expected + " but " + one.real(at));
            assertEquals(bits(one, i), bits(three, i), () -> "threads: " + test);
            assertEquals(bits(one, i), bits(view, i), () -> "view: " + test);
        }
    }

    private static long bits(Dense x, int i) {
        return x.type().dtype().isFloating() ? Double.doubleToLongBits(x.real(i)) : x.integer(i);
    }

    @ParameterizedTest
    @MethodSource({"convolutions", "large"})
    void convolutionsMeanWhatTheirReferenceSays(Case test) {
        agree(test, false);
    }

    @ParameterizedTest
    @MethodSource("poolings")
    void poolingsMeanWhatTheirReferenceSays(Case test) {
        agree(test, true);
    }

    @Test
    void anOutputIsOneChainOverChannelsAndTaps() {
        List<Integer> place = List.of(6, 7);
        List<Integer> three = List.of(3, 3);
        List<Integer> one = List.of(1, 1);
        Windows w = new Windows(place, place, three, one, one, one);
        Case test = convolutions(w, DType.F32, 1, 61, 3, 1, 9).findFirst().orElseThrow();
        List<Dense> inputs = inputs(test, false);
        Dense x = inputs.getFirst();
        Dense weight = inputs.getLast();
        Dense got = run(test, inputs, 1, false);
        for (int o = 0; o < 3; o++) {
            for (int i = 0; i < 42; i++) {
                float sum = 0;
                for (int q = 0; q < 61 * 9; q++) {
                    int row = i / 7 - 1 + q % 9 / 3;
                    int column = i % 7 - 1 + q % 3;
                    boolean inside = row >= 0 && row < 6 && column >= 0 && column < 7;
                    double value = inside ? x.real((q / 9 * 6 + row) * 7 + column) : 0;
                    sum = Math.fma((float) weight.real(o * 549 + q), (float) value, sum);
                }
                assertEquals(sum, (float) got.real(o * 42 + i));
            }
        }
    }

    @Test
    void theFirstOfEqualElementsIsTheLargestAndNaNIsLargerThanAll() {
        Windows w = Windows.adaptive(List.of(4), List.of(1));
        Shape four = Shape.of(1, 1, 4);
        TensorType type = new TensorType(DType.F32, four);
        double infinite = Double.POSITIVE_INFINITY;
        double[][] rows = {
            {1, 3, 3, 2},
            {1, Double.NaN, 3, Double.NaN},
            {-1, -0.0, 0.0, -0.0},
            {-infinite, -infinite, -3, -2},
            {Double.NaN, infinite, 3, infinite}
        };
        int[] places = {1, 3, 1, 3, 0};
        for (int i = 0; i < rows.length; i++) {
            double[] row = rows[i];
            Dense x = Dense.of(type, at -> row[at]);
            Case test = new Case(new Pool(Pool.Kind.MAX_PLACE, w), List.of(type), 0);
            assertEquals(places[i], run(test, List.of(x), 1, false).integer(0));
        }
    }
}
