package org.gemel.ir;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.gemel.DType;
import org.gemel.TensorType;
import org.gemel.op.Dense;

/// Elements between memory (row-major, native byte order) and the arrays of the reference
/// evaluator.
public final class Elements {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED;

    private static final ValueLayout.OfShort BITS = ValueLayout.JAVA_SHORT_UNALIGNED;

    private Elements() {}

    /// Reads the elements of a tensor of `type`.
    public static Dense read(TensorType type, MemorySegment memory) {
        return switch (type.dtype()) {
            case F32 -> Dense.of(type, i -> memory.get(F32, 4L * i));
            case F64 -> Dense.of(type, i -> memory.get(F64, 8L * i));
            case F16, BF16 -> Dense.of(type, i -> type.dtype().fromBits(memory.get(BITS, 2L * i)));
            case I32 -> Dense.ofLongs(type, i -> memory.get(I32, 4L * i));
            case I64 -> Dense.ofLongs(type, i -> memory.get(I64, 8L * i));
            case I8, U8, BOOL -> Dense.ofLongs(type, i -> memory.get(ValueLayout.JAVA_BYTE, i));
        };
    }

    /// Reads the elements of a constant.
    public static Dense read(Node.Constant constant) {
        return read(constant.type(), MemorySegment.ofArray(constant.data()));
    }

    /// Writes all elements of `values`.
    public static void write(Dense values, MemorySegment memory) {
        DType dtype = values.type().dtype();
        for (int i = 0; i < values.size(); i++) {
            switch (dtype) {
                case F32 -> memory.set(F32, 4L * i, (float) values.real(i));
                case F64 -> memory.set(F64, 8L * i, values.real(i));
                case F16, BF16 -> memory.set(BITS, 2L * i, dtype.toBits((float) values.real(i)));
                case I32 -> memory.set(I32, 4L * i, (int) values.integer(i));
                case I64 -> memory.set(I64, 8L * i, values.integer(i));
                case I8, U8, BOOL -> memory.set(ValueLayout.JAVA_BYTE, i, (byte) values.integer(i));
            }
        }
    }

    /// The elements of `values` as a constant.
    public static Node.Constant constant(Dense values) {
        byte[] data = new byte[Math.toIntExact(values.type().bytes())];
        write(values, MemorySegment.ofArray(data));
        return new Node.Constant(values.type(), data);
    }
}
