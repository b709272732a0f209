package org.gemel.backend.vector;

import java.util.Arrays;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.TensorType;
import org.gemel.backend.Kernel;
import org.gemel.ir.Region;
import org.gemel.op.ArgSort;

/// Sorts the indices along a dimension.
///
/// An element becomes an integer in the order that is wanted. One of 32 bits stands in front of its
/// index in a `long`, so that sorting numbers sorts indices, and stably; few of many are kept aside
/// while the others pass by. One of 64 bits is merged.
final class ArgSortKernel implements Kernel {
    // Sorting more than this part of all costs no more than picking it.
    private static final int PICKED = 8;

    private final VectorBackend backend;
    private final DType dtype;
    private final ArgSort op;
    private final int length;
    private final long[] strides;
    private final Shape out;

    ArgSortKernel(VectorBackend backend, Region region, ArgSort op) {
        TensorType type = region.graph().inputs().getFirst().type();
        this.backend = backend;
        this.dtype = type.dtype();
        this.op = op;
        this.length = type.shape().dim(op.axis());
        this.strides = Calls.strides(region.layouts().getFirst());
        this.out = type.shape().with(op.axis(), op.count());
    }

    @Override
    public void run(long[] addresses) {
        if (out.size() == 0) {
            return;
        }
        long inner = out.rowMajorStrides()[op.axis()];
        backend.workers()
                .forRange(
                        out.size() / op.count(),
                        Math.max(1, 4096 / length),
                        (begin, end) -> {
                            for (long row = begin; row < end; row++) {
                                int[] order = sorted(addresses[0] + from(row));
                                long to = row / inner * inner * op.count() + row % inner;
                                for (int k = 0; k < op.count(); k++) {
                                    Memory.setLong(addresses[1] + 8 * (to + k * inner), order[k]);
                                }
                            }
                        });
    }

    private long from(long row) {
        long offset = 0;
        long rest = row;
        for (int d = out.rank() - 1; d >= 0; d--) {
            if (d != op.axis()) {
                offset += rest % out.dim(d) * strides[d];
                rest /= out.dim(d);
            }
        }
        return offset * dtype.bytes();
    }

    private int[] sorted(long address) {
        long step = strides[op.axis()] * dtype.bytes();
        return dtype.bytes() == 8 ? wide(address, step) : narrow(address, step);
    }

    private int[] narrow(long address, long step) {
        boolean few = op.count() < length / PICKED;
        long[] kept = new long[few ? 2 * op.count() : length];
        long limit = Long.MAX_VALUE;
        int size = 0;
        for (int i = 0; i < length; i++) {
            long key = key(address + i * step);
            long packed = (op.descending() ? ~key : key) << 32 | i;
            if (packed <= limit) {
                kept[size++] = packed;
                if (few && size == kept.length) {
                    Arrays.sort(kept);
                    size = op.count();
                    limit = kept[size - 1];
                }
            }
        }
        Arrays.sort(kept, 0, size);
        int[] order = new int[op.count()];
        for (int k = 0; k < order.length; k++) {
            order[k] = (int) kept[k];
        }
        return order;
    }

    /// The element as an integer in the order of the elements: NaN above all, zeros equal.
    private long key(long address) {
        return switch (dtype) {
            case F32 -> {
                int bits = Float.floatToIntBits(Memory.getFloat(address) + 0f);
                yield bits ^ (bits >> 31 & Integer.MAX_VALUE);
            }
            case F64 -> {
                long bits = Double.doubleToLongBits(Memory.getDouble(address) + 0.0);
                yield bits ^ (bits >> 63 & Long.MAX_VALUE);
            }
            case I32 -> Memory.getInt(address);
            case I64 -> Memory.getLong(address);
            case F16, BF16 -> {
                short bits = Memory.getShort(address);
                int wide = Float.floatToIntBits(dtype.fromBits(bits) + 0f);
                yield wide ^ (wide >> 31 & Integer.MAX_VALUE);
            }
            case I8, U8, BOOL -> dtype.wrap(Memory.getByte(address));
        };
    }

    private int[] wide(long address, long step) {
        long[] keys = new long[length];
        int[] order = new int[length];
        for (int i = 0; i < length; i++) {
            long key = key(address + i * step);
            keys[i] = op.descending() ? ~key : key;
            order[i] = i;
        }
        int[] other = new int[length];
        for (long run = 1; run < length; run *= 2) {
            for (long begin = 0; begin < length; begin += 2 * run) {
                merge(
                        keys,
                        order,
                        other,
                        (int) begin,
                        (int) Math.min(length, begin + run),
                        (int) Math.min(length, begin + 2 * run));
            }
            int[] merged = other;
            other = order;
            order = merged;
        }
        return order;
    }

    // At a tie the left one goes first.
    private static void merge(long[] keys, int[] from, int[] to, int begin, int middle, int end) {
        int left = begin;
        int right = middle;
        for (int i = begin; i < end; i++) {
            boolean takeLeft =
                    right == end || (left < middle && keys[from[left]] <= keys[from[right]]);
            to[i] = takeLeft ? from[left++] : from[right++];
        }
    }
}
