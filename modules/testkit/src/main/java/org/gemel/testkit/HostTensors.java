package org.gemel.testkit;

import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.gemel.Context;
import org.gemel.DType;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.ir.Elements;
import org.gemel.op.Dense;
import org.gemel.op.Samples;

/// Tensors from plain arrays and back, and arrays of generated numbers.
public final class HostTensors {
    private HostTensors() {}

    /// A tensor of the elements of `dense`.
    public static Tensor tensor(Dense dense) {
        MemorySegment host = MemorySegment.ofArray(new byte[bytes(dense.type())]);
        Elements.write(dense, host);
        return Context.current().interpreter().constant(dense.type(), host);
    }

    /// The elements of `tensor`.
    public static Dense dense(Tensor tensor) {
        MemorySegment host = MemorySegment.ofArray(new byte[bytes(tensor.type())]);
        tensor.value().copyTo(host);
        return Elements.read(tensor.type(), host);
    }

    private static int bytes(TensorType type) {
        return Math.toIntExact(type.bytes());
    }

    /// Generated elements: reals from `samples`, integers from -50 to 50 or, without a sign, from 0
    /// to 100, `bool` either.
    public static Dense random(TensorType type, Samples samples, RandomGenerator random) {
        return switch (type.dtype()) {
            case F32, F64, F16, BF16 -> Dense.of(type, i -> samples.at(random.nextDouble()));
            case U8 -> Dense.ofLongs(type, i -> random.nextInt(0, 101));
            case I32, I64, I8 -> Dense.ofLongs(type, i -> random.nextInt(-50, 51));
            case BOOL -> Dense.ofLongs(type, i -> random.nextInt(2));
        };
    }

    /// The bits of every element, with one pattern for all NaN: which NaN an operation gives is not
    /// said, since a processor takes it from either operand and the JIT exchanges them freely.
    public static long[] bits(Tensor tensor) {
        Dense dense = dense(tensor);
        boolean real = tensor.dtype().isFloating();
        return IntStream.range(0, Math.toIntExact(tensor.shape().size()))
                .mapToLong(i -> real ? Double.doubleToLongBits(dense.real(i)) : dense.integer(i))
                .toArray();
    }

    /// How many representable numbers of `dtype` lie between `a` and `b`; 0 for two NaN and for
    /// equal numbers but for the sign of zero, which counts one.
    public static long ulps(DType dtype, double a, double b) {
        if (Double.isNaN(a) || Double.isNaN(b)) {
            return Double.isNaN(a) && Double.isNaN(b) ? 0 : Long.MAX_VALUE;
        }
        return Math.abs(ordered(dtype, a) - ordered(dtype, b));
    }

    private static long ordered(DType dtype, double x) {
        return switch (dtype) {
            case F32 -> ordered(Float.floatToRawIntBits((float) x));
            case F16, BF16 -> ordered(dtype.toBits((float) x) << 16) >> 16;
            case F64, I32, I64, I8, U8, BOOL -> ordered(Double.doubleToRawLongBits(x));
        };
    }

    // Bits as numbers in the order of what they stand for; -0 lies right below 0.
    private static long ordered(int bits) {
        return bits >= 0 ? bits : -1L - (bits & Integer.MAX_VALUE);
    }

    private static long ordered(long bits) {
        return bits >= 0 ? bits : -1L - (bits & Long.MAX_VALUE);
    }
}
