package org.gemel.testkit;

import static org.gemel.Gemel.fromBits;
import static org.gemel.Gemel.tensor;
import static org.gemel.Gemel.unsigned;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.gemel.Convolution;
import org.gemel.DType;
import org.gemel.Grad;
import org.gemel.Pooling;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;
import org.gemel.op.Dense;
import org.gemel.op.Samples;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Programs on narrow types: the same bits in all modes, and what the wide type gives, rounded
/// where the rule says.
final class NarrowTypesTest {
    private static final List<DType> REALS = List.of(DType.F16, DType.BF16);
    private static final List<DType> INTEGERS = List.of(DType.I8, DType.U8);

    /// A program of one tensor `[9, 23]`, or as the shape says.
    private record Row(String name, UnaryOperator<Tensor> program, int... dims) {}

    private static Row row(String name, UnaryOperator<Tensor> program, int... dims) {
        return new Row(name, program, dims.length == 0 ? new int[] {9, 23} : dims);
    }

    // For numbers of all kinds.
    private static List<Row> programs() {
        return List.of(
                row("chain", x -> x.mul(3).add(x).sub(1).mul(x).neg().maximum(x)),
                row("chain that is used twice", x -> x.mul(3).add(x.mul(3).mul(x))),
                row("sum", x -> x.sum(1)),
                row("sum of columns", x -> x.mul(x).sum(0)),
                row("sum of many", x -> x.sum(), 40_000),
                row("prod", x -> x.prod(1)),
                row("centered", x -> x.sub(x.amax(1).unsqueeze(1)).mul(2)),
                row("least", x -> x.amin(0)),
                row("argmax", x -> x.argmax(1)),
                row("cumsum", x -> x.cumsum(1)),
                row("sort", x -> x.sort(1, false).values()),
                row("turned", x -> x.transpose().mul(2).flip(0)),
                row("parts", x -> Tensor.concat(List.of(x.slice(1, 3, 20, 2), x.mul(x)), 1)),
                row("where", x -> Tensor.where(x.gt(1), x.add(1), x.zerosLike())),
                row("by number", x -> x.div(x.add(101)).add(x)),
                row("to f64 and back", x -> x.to(DType.F64).mul(1.37).to(x.dtype()).add(x)),
                row("to i64 and back", x -> x.to(DType.I64).mul(77).to(x.dtype()).mul(x)),
                row("to each other", x -> x.to(DType.U8).to(DType.I8).to(DType.BF16).to(DType.F16)),
                row("few", x -> x.mul(x).add(5), 3),
                row("one", x -> x.mul(x).add(5).sum(), 1),
                row("none", x -> x.mul(x).add(5).sum(), 0));
    }

    private static List<Row> realPrograms() {
        return List.of(
                row("functions", x -> x.tanh().exp().mul(x.abs().add(1).log()).sin()),
                row("softmax", x -> x.softmax(1)),
                row("mean", x -> x.mul(1000).mean(1)),
                row("matmul", x -> x.matmul(x.transpose())),
                row("matmul and more", x -> x.matmul(x.transpose()).add(1).relu().sum(1)),
                row("layer norm", x -> x.layerNorm(1, Optional.empty(), Optional.empty(), 1e-5)),
                row(
                        "convolution",
                        x -> x.conv2d(x.slice(2, 0, 3, 1).slice(3, 0, 3, 1), Convolution.of()),
                        2,
                        2,
                        9,
                        8),
                row("pooling", x -> x.maxPool2d(Pooling.of(2)), 1, 3, 8, 8),
                row("gradient", x -> Grad.grad(y -> y.mul(y).tanh().sum()).apply(x)),
                row(
                        "gradient of softmax",
                        x -> Grad.grad(y -> y.softmax(1).square().sum()).apply(x)));
    }

    @Test
    void boundsBeyondTheRangeDoNotWrap() {
        Tensor signed = tensor(new byte[] {-100, 0, 100}, 3);
        Tensor counts = unsigned(new byte[] {0, 7, (byte) 200}, 3);
        for (Modes mode : Modes.values()) {
            List<Tensor> found =
                    mode.run(
                            in ->
                                    List.of(
                                            in.get(0).clamp(1, Double.POSITIVE_INFINITY),
                                            in.get(0).clamp(-1000, 50),
                                            in.get(1).clamp(-5, 300),
                                            in.get(1).clamp(Double.NEGATIVE_INFINITY, 9)),
                            List.of(signed, counts));
            assertArrayEquals(new double[] {1, 1, 100}, found.get(0).toDoubleArray());
            assertArrayEquals(new double[] {-100, 0, 50}, found.get(1).toDoubleArray());
            assertArrayEquals(new double[] {0, 7, 200}, found.get(2).toDoubleArray());
            assertArrayEquals(new double[] {0, 7, 9}, found.get(3).toDoubleArray());
        }
    }

    @TestFactory
    Stream<DynamicTest> modesGiveTheSameBits() {
        List<DynamicTest> tests = new ArrayList<>();
        for (DType dtype : DType.values()) {
            if (!dtype.isNarrow()) {
                continue;
            }
            List<Row> rows = new ArrayList<>(programs());
            rows.addAll(dtype.isFloating() ? realPrograms() : List.of());
            for (Row row : rows) {
                String name = dtype + " " + row.name;
                tests.add(DynamicTest.dynamicTest(name, () -> sameBits(row, dtype)));
            }
        }
        return tests.stream();
    }

    private static Tensor input(DType dtype, int... dims) {
        SplittableRandom random = new SplittableRandom(11);
        return HostTensors.tensor(
                HostTensors.random(TensorType.of(dtype, dims), Samples.ANY, random));
    }

    private static void sameBits(Row row, DType dtype) {
        Tensor x = input(dtype, row.dims);
        List<byte[]> found = new ArrayList<>();
        for (Modes mode : Modes.values()) {
            UnaryOperator<List<Tensor>> program =
                    mode.of(in -> List.of(row.program.apply(in.getFirst())));
            Tensor once = program.apply(List.of(x)).getFirst();
            assertEquals(row.program.apply(x).type(), once.type());
            found.add(bytes(once));
            found.add(bytes(program.apply(List.of(x)).getFirst()));
        }
        found.forEach(bits -> assertArrayEquals(found.getFirst(), bits));
    }

    private static byte[] bytes(Tensor tensor) {
        byte[] bytes = new byte[(int) tensor.type().bytes()];
        tensor.value().copyTo(MemorySegment.ofArray(bytes));
        return bytes;
    }

    /// Each operation of a chain rounds: what it gives is what its parts give one by one.
    @Test
    void everyStepOfAChainRounds() {
        for (DType dtype : REALS) {
            Tensor x = input(dtype, 207);
            Tensor wide = x.to(DType.F32);
            Tensor expected = rounded(rounded(wide.mul(1.5f), dtype).exp(), dtype).add(wide);
            for (Modes mode : Modes.values()) {
                Tensor y =
                        mode.run(
                                        in ->
                                                List.of(
                                                        in.getFirst()
                                                                .mul(1.5)
                                                                .exp()
                                                                .add(in.getFirst())),
                                        List.of(x))
                                .getFirst();
                assertEquals(dtype, y.dtype());
                assertArrayEquals(
                        rounded(expected, dtype).toFloatArray(), y.toFloatArray(), mode.name());
            }
        }
    }

    // By the host, which shares no code with the kernels.
    private static Tensor rounded(Tensor x, DType dtype) {
        float[] values = x.toFloatArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = dtype.fromBits(dtype.toBits(values[i]));
        }
        return tensor(values, x.shape().dims());
    }

    /// What is no step of a chain is computed in f32 and rounded once.
    @Test
    void sumsAndProductsRoundOnce() {
        List<Function<Tensor, Tensor>> programs =
                List.of(
                        x -> x.sum(1),
                        x -> x.prod(1),
                        x -> x.mean(0),
                        x -> x.cumsum(1),
                        x -> x.softmax(1),
                        x -> x.variance(1, 1),
                        x -> x.matmul(x.transpose()));
        for (DType dtype : REALS) {
            Tensor x = input(dtype, 17, 207);
            for (Function<Tensor, Tensor> program : programs) {
                Tensor narrow = program.apply(x);
                Tensor wide = program.apply(x.to(DType.F32));
                assertEquals(dtype, narrow.dtype());
                assertArrayEquals(rounded(wide, dtype).toFloatArray(), narrow.toFloatArray());
            }
        }
    }

    @Test
    void aMeanDoesNotOverflowWhereItsSumWould() {
        Tensor x = Tensor.full(TensorType.of(DType.F16, 100), 60_000);
        assertEquals(Double.POSITIVE_INFINITY, x.sum().item());
        assertEquals(60_000, x.mean().item(), 16);
    }

    @Test
    void integersWrapAround() {
        byte[] elements = {100, 100, -128, 127, -1};
        Tensor x = tensor(elements);
        assertArrayEquals(new double[] {-56, -56, 0, -2, -2}, x.add(x).toDoubleArray());
        assertArrayEquals(new double[] {100, 100, -128, 127, 1}, x.abs().toDoubleArray());
        assertEquals(-58, x.sum().item());
        assertEquals(198, x.to(DType.I32).sum().item());
        Tensor y = unsigned(elements);
        assertArrayEquals(new double[] {100, 100, 128, 127, 255}, y.toDoubleArray());
        assertArrayEquals(new double[] {156, 156, 128, 129, 1}, y.neg().toDoubleArray());
        assertArrayEquals(new double[] {200, 200, 0, 254, 254}, y.add(y).toDoubleArray());
        assertEquals(255, y.amax().item());
        assertEquals(4, y.argmax(0).item());
    }

    @Test
    void everyHalfComesBackFromF32() {
        short[] all = new short[1 << 16];
        for (int i = 0; i < all.length; i++) {
            all[i] = (short) i;
        }
        for (DType dtype : REALS) {
            Tensor x = fromBits(dtype, all);
            double[] back = x.to(DType.F32).to(dtype).toDoubleArray();
            float[] wide = x.to(DType.F32).toFloatArray();
            for (int i = 0; i < all.length; i++) {
                float expected = dtype.fromBits((short) i);
                assertEquals(expected, wide[i]);
                assertEquals(expected, back[i]);
            }
        }
    }

    @Test
    void theKernelRoundsAsTheHost() {
        SplittableRandom random = new SplittableRandom(5);
        float[] values = new float[1 << 20];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(random.nextInt());
        }
        Tensor x = tensor(values);
        for (DType dtype : REALS) {
            byte[] bits = bytes(x.to(dtype));
            ShortBuffer found =
                    ByteBuffer.wrap(bits).order(ByteOrder.nativeOrder()).asShortBuffer();
            for (int i = 0; i < values.length; i++) {
                assertEquals(dtype.toBits(values[i]), found.get(i), dtype + " of " + values[i]);
            }
        }
    }

    @Test
    void printsAndRefuses() {
        assertEquals("[  1, 255]  u8[2]", unsigned(new byte[] {1, -1}).toString());
        assertEquals(
                "[   1.5000, -Infinity]  f16[2]", tensor(1.5f, -1e9f).to(DType.F16).toString());
        Tensor half = tensor(1f, 2f).to(DType.F16);
        for (Function<Tensor, Tensor> mixed :
                List.<Function<Tensor, Tensor>>of(
                        x -> x.add(tensor(1f, 2f)),
                        x -> x.reshape(1, 2).matmul(tensor(1f, 2f).reshape(2, 1)))) {
            TypeException thrown = assertThrows(TypeException.class, () -> mixed.apply(half));
            assertTrue(thrown.getMessage().contains("one dtype"), thrown::getMessage);
        }
        for (DType dtype : INTEGERS) {
            TypeException thrown = assertThrows(TypeException.class, () -> half.to(dtype).sqrt());
            assertTrue(
                    thrown.getMessage()
                            .contains("expects a floating-point type, but got " + dtype));
        }
    }

    /// Whatever is not for narrow types says so; all that is takes part in programs of the host.
    @Test
    void elementsComeBackFromTheHost() {
        for (DType dtype : DType.values()) {
            Dense dense =
                    HostTensors.random(
                            TensorType.of(dtype, 3, 17), Samples.ANY, new SplittableRandom(1));
            Dense back = HostTensors.dense(HostTensors.tensor(dense));
            for (int i = 0; i < dense.size(); i++) {
                assertEquals(dense.real(i), back.real(i));
            }
        }
    }
}
