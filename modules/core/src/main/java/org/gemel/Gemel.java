package org.gemel;

import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/// Where a program starts: `import static org.gemel.Gemel.*`.
public final class Gemel {
    /// More threads than any machine has use for; a number above is a mistake.
    public static final int MOST_THREADS = 1024;

    private Gemel() {}

    private static Tensor constant(DType dtype, MemorySegment elements, long count, int[] dims) {
        Shape shape = dims.length == 0 ? Shape.of(Math.toIntExact(count)) : Shape.of(dims);
        if (shape.size() != count) {
            throw new TypeException(
                    "tensor: expects as many elements as the shape %s has (%d), but got %d; check"
                                    .formatted(shape, shape.size(), count)
                            + " the dimensions");
        }
        Context context = Context.current();
        return context.interpreter().constant(new TensorType(dtype, shape), elements).owned(null);
    }

    /// An f32 vector.
    public static Tensor tensor(float... elements) {
        return tensor(elements, elements.length);
    }

    /// An f32 tensor of row-major elements; the array is copied.
    public static Tensor tensor(float[] elements, int... dims) {
        return constant(DType.F32, MemorySegment.ofArray(elements), elements.length, dims);
    }

    /// An f64 tensor of row-major elements; the array is copied.
    public static Tensor tensor(double[] elements, int... dims) {
        return constant(DType.F64, MemorySegment.ofArray(elements), elements.length, dims);
    }

    /// An i64 tensor of row-major elements; the array is copied.
    public static Tensor tensor(long[] elements, int... dims) {
        return constant(DType.I64, MemorySegment.ofArray(elements), elements.length, dims);
    }

    /// An i32 tensor of row-major elements; the array is copied.
    public static Tensor tensor(int[] elements, int... dims) {
        return constant(DType.I32, MemorySegment.ofArray(elements), elements.length, dims);
    }

    /// An i8 tensor of row-major elements; the array is copied.
    public static Tensor tensor(byte[] elements, int... dims) {
        return constant(DType.I8, MemorySegment.ofArray(elements), elements.length, dims);
    }

    /// A u8 tensor of row-major elements, the bytes taken as 0 to 255; the array is copied.
    public static Tensor unsigned(byte[] elements, int... dims) {
        return constant(DType.U8, MemorySegment.ofArray(elements), elements.length, dims);
    }

    /// A tensor of the bits of row-major elements; the array is copied. [DType#toBits] makes them.
    ///
    /// @param dtype f16 or bf16
    /// @throws TypeException if it is another
    public static Tensor fromBits(DType dtype, short[] elements, int... dims) {
        if (dtype != DType.F16 && dtype != DType.BF16) {
            throw new TypeException(
                    "fromBits: expects f16 or bf16, but got %s; pass the numbers, as in"
                                    .formatted(dtype)
                            + " tensor(1f, 2f)");
        }
        return constant(dtype, MemorySegment.ofArray(elements), elements.length, dims);
    }

    /// A `bool` tensor of row-major elements; the array is copied.
    public static Tensor tensor(boolean[] elements, int... dims) {
        byte[] bytes = new byte[elements.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (elements[i] ? 1 : 0);
        }
        return constant(DType.BOOL, MemorySegment.ofArray(bytes), bytes.length, dims);
    }

    /// An f32 matrix from its rows, all of one length.
    public static Tensor tensor(float[][] rows) {
        int columns = rows.length == 0 ? 0 : rows[0].length;
        float[] all = new float[rows.length * columns];
        for (int i = 0; i < rows.length; i++) {
            if (rows[i].length != columns) {
                throw new TypeException(
                        "tensor: expects rows of one length, but row 0 has %d and row %d has %d;"
                                        .formatted(columns, i, rows[i].length)
                                + " pad the shorter ones");
            }
            System.arraycopy(rows[i], 0, all, i * columns, columns);
        }
        return tensor(all, rows.length, columns);
    }

    /// An f32 scalar.
    public static Tensor scalar(double value) {
        return Tensor.full(new TensorType(DType.F32, Shape.SCALAR), value);
    }

    /// f32 zeros.
    public static Tensor zeros(int... dims) {
        return Tensor.full(TensorType.of(DType.F32, dims), 0);
    }

    /// f32 ones.
    public static Tensor ones(int... dims) {
        return Tensor.full(TensorType.of(DType.F32, dims), 1);
    }

    /// The f32 tensor of one repeated value.
    public static Tensor full(double value, int... dims) {
        return Tensor.full(TensorType.of(DType.F32, dims), value);
    }

    /// The key of a seed, for random numbers.
    public static Key key(long seed) {
        return Key.of(seed);
    }

    /// Runs `body` without recording for derivatives.
    public static <T> T noGrad(Supplier<T> body) {
        return Context.current().recording(false).call(body);
    }

    /// Runs `body` without recording for derivatives.
    public static void noGrad(Runnable body) {
        Context.current().recording(false).run(body);
    }

    /// Sets how many threads kernels may use, from 1 to [#MOST_THREADS].
    public static void threads(int count) {
        if (count < 1 || count > MOST_THREADS) {
            throw new GemelException(
                    "threads: expects 1 to %d, but got %d; this machine has %d processors"
                            .formatted(
                                    MOST_THREADS,
                                    count,
                                    Runtime.getRuntime().availableProcessors()));
        }
        Context.current().interpreter().threads(count);
    }

    /// Prints a value on standard output.
    public static void println(Object value) {
        System.out.println(value);
    }
}
