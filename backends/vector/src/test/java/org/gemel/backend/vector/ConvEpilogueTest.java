package org.gemel.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.ir.Region.Loop;
import org.gemel.op.Conv;
import org.gemel.op.Dense;
import org.gemel.op.Windows;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What follows a convolution, in its kernel and as kernels of its own: the same bits, on one
/// thread and on three.
final class ConvEpilogueTest {
    // For one and three threads.
    private static final int[] THREADS = {1, 3};
    private static List<VectorBackend> backends;

    @BeforeAll
    static void start() {
        backends = List.of(new VectorBackend(), new VectorBackend());
        for (int i = 0; i < THREADS.length; i++) {
            backends.get(i).threads(THREADS[i]);
        }
    }

    @AfterAll
    static void stop() {
        backends.forEach(backend -> backend.workers().close());
    }

    /// A convolution and what follows it.
    ///
    /// @param inputs of the convolution; then a bias, and an operand as large as the result
    record Case(String name, Conv op, List<TensorType> inputs, UnaryOperator<List<Tensor>> body) {
        @Override
        public String toString() {
            return name + " " + op + " " + inputs;
        }
    }

    private static Tensor conv(Conv op, List<Tensor> in) {
        return Tensor.apply(op, in.subList(0, 2)).getFirst();
    }

    private static Tensor bias(Tensor bias, int rank) {
        return bias.reshape(Shape.along(rank, 1, bias.shape().dim(0)));
    }

    static Stream<Case> cases() {
        List<Integer> one = List.of(1, 1);
        List<Integer> none = List.of(0, 0);
        List<Integer> three = List.of(3, 3);
        Windows same = new Windows(List.of(9, 7), List.of(9, 7), three, one, one, one);
        Windows wide = new Windows(List.of(60, 50), List.of(60, 50), three, one, one, one);
        Windows point = new Windows(List.of(9, 7), List.of(9, 7), one, one, none, one);
        Windows half = new Windows(List.of(9, 8), List.of(5, 4), three, List.of(2, 2), one, one);
        Windows apart = new Windows(List.of(9, 9), List.of(3, 3), one, three, none, one);
        Windows line =
                new Windows(
                        List.of(3000),
                        List.of(2998),
                        List.of(3),
                        List.of(1),
                        List.of(0),
                        List.of(1));
        // Planes that would not fit, of no samples.
        Windows huge =
                new Windows(List.of(17_000, 17_000), List.of(17_000, 17_000), three, one, one, one);
        return Stream.of(same, wide, point, half, apart, line, huge)
                .flatMap(w ->
                        Stream.of(Conv.Kind.OUTPUT, Conv.Kind.INPUT)
                                .flatMap(kind ->
                                        Stream.of(1, 2).map(groups -> new Conv(kind, w, groups))))
                .flatMap(op ->
                        (op.windows() == huge ? IntStream.of(0) : IntStream.of(0, 1, 5))
                                .boxed()
                                .flatMap(samples -> cases(op, samples, DType.F32)))
                .flatMap(test ->
                        test.name.equals("kept") ? Stream.of(test, wide(test)) : Stream.of(test));
    }

    private static Case wide(Case test) {
        List<TensorType> inputs =
                test.inputs.stream().map(type -> new TensorType(DType.F64, type.shape())).toList();
        return new Case(test.name, test.op, inputs, test.body);
    }

    private static Stream<Case> cases(Conv op, int samples, DType dtype) {
        boolean direct = op.kind() == Conv.Kind.OUTPUT;
        Windows w = op.windows();
        int channels = 6;
        int outputs = 4 * op.groups();
        TensorType first =
                type(dtype, samples, direct ? channels : outputs, direct ? w.input() : w.output());
        TensorType weight = type(dtype, outputs, channels / op.groups(), w.kernel());
        TensorType result = op.type(List.of(first, weight));
        TensorType bias = TensorType.of(dtype, result.shape().dim(1));
        List<TensorType> inputs = List.of(first, weight, bias, result);
        int rank = result.shape().rank();
        return Stream.of(
                new Case(
                        "bias and relu",
                        op,
                        inputs,
                        in -> List.of(conv(op, in).add(bias(in.get(2), rank)).relu())),
                new Case(
                        "kept",
                        op,
                        inputs,
                        in -> {
                            Tensor y = conv(op, in);
                            return List.of(y.mul(bias(in.get(2), rank)).add(in.get(3)).tanh(), y);
                        }),
                new Case(
                        "another type, and a last operand that is a view",
                        op,
                        inputs,
                        in -> {
                            Tensor y = conv(op, in);
                            int[] back = IntStream.range(0, rank).map(d -> rank - 1 - d).toArray();
                            int[] dims =
                                    IntStream.range(0, rank)
                                            .map(d -> y.shape().dim(rank - 1 - d))
                                            .toArray();
                            Tensor turned = in.get(3).reshape(dims).permute(back);
                            return List.of(y.gt(turned), y.sub(turned));
                        }));
    }

    private static TensorType type(DType dtype, int first, int second, List<Integer> spatial) {
        int[] dims = new int[2 + spatial.size()];
        dims[0] = first;
        dims[1] = second;
        IntStream.range(0, spatial.size()).forEach(d -> dims[2 + d] = spatial.get(d));
        return new TensorType(dtype, Shape.of(dims));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void hasTheBitsOfKernelsOfItsOwn(Case test) {
        SplittableRandom random = new SplittableRandom(test.toString().hashCode());
        List<Dense> inputs =
                test.inputs.stream()
                        .map(type -> Dense.of(type, _ -> random.nextDouble(-1, 1)))
                        .toList();
        List<Dense> apart = run(backends.getFirst(), false, test, inputs);
        for (VectorBackend backend : backends) {
            List<Dense> joined = run(backend, true, test, inputs);
            for (int i = 0; i < apart.size(); i++) {
                assertEquals(bits(apart.get(i)), bits(joined.get(i)));
            }
        }
    }

    private static List<Dense> run(
            VectorBackend backend, boolean join, Case test, List<Dense> inputs) {
        try (Programs programs = new Programs(backend, join)) {
            List<Dense> results = programs.run(inputs, test.body);
            assertEquals(join, programs.loops().equals(List.of(Loop.CALL)));
            return results;
        }
    }

    private static List<Long> bits(Dense x) {
        return IntStream.range(0, x.size())
                .mapToObj(i ->
                        x.type().dtype().isFloating()
                                ? Double.doubleToRawLongBits(x.real(i))
                                : x.integer(i))
                .toList();
    }
}
