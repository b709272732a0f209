package org.gemel.backend.vector;

import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.TensorType;
import org.gemel.backend.Kernel;
import org.gemel.ir.Region;
import org.gemel.op.ArgReduce;

/// Finds the place of the largest or smallest element along a dimension.
final class ArgReduceKernel implements Kernel {
    private final VectorBackend backend;
    private final DType dtype;
    private final boolean largest;
    private final int axis;
    private final int length;
    private final long[] strides;
    private final Shape out;

    ArgReduceKernel(VectorBackend backend, Region region, ArgReduce op) {
        TensorType type = region.graph().inputs().getFirst().type();
        this.backend = backend;
        this.dtype = type.dtype();
        this.largest = op.kind() == ArgReduce.Kind.ARGMAX;
        this.axis = op.axis();
        this.length = type.shape().dim(axis);
        this.out = type.shape().reduced(new int[] {axis});
        this.strides = Calls.strides(region.layouts().getFirst());
    }

    @Override
    public void run(long[] addresses) {
        backend.workers()
                .forRange(
                        out.size(),
                        Math.max(1, 16_384 / length),
                        (begin, end) -> {
                            for (long i = begin; i < end; i++) {
                                long best = best(addresses[0] + offset(i));
                                Memory.setLong(addresses[1] + 8 * i, best);
                            }
                        });
    }

    private long offset(long element) {
        long offset = 0;
        long rest = element;
        for (int d = out.rank() - 1; d >= 0; d--) {
            offset += rest % out.dim(d) * strides[d];
            rest /= out.dim(d);
        }
        return offset * dtype.bytes();
    }

    private long best(long address) {
        long step = strides[axis] * dtype.bytes();
        return dtype.isFloating() ? bestReal(address, step) : bestInteger(address, step);
    }

    private long bestReal(long address, long step) {
        long best = 0;
        double value = real(address);
        for (long j = 1; j < length && !Double.isNaN(value); j++) {
            double next = real(address + j * step);
            if (Double.isNaN(next) || (largest ? next > value : next < value)) {
                best = j;
                value = next;
            }
        }
        return best;
    }

    private double real(long address) {
        return dtype == DType.F32 ? Memory.getFloat(address) : Memory.getDouble(address);
    }

    private long bestInteger(long address, long step) {
        long best = 0;
        long value = integer(address);
        for (long j = 1; j < length; j++) {
            long next = integer(address + j * step);
            if (largest ? next > value : next < value) {
                best = j;
                value = next;
            }
        }
        return best;
    }

    private long integer(long address) {
        return dtype == DType.I32 ? Memory.getInt(address) : Memory.getLong(address);
    }
}
