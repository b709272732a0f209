package org.gemel.backend.vector;

import java.util.Optional;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorSpecies;
import org.gemel.Shape;
import org.gemel.TensorType;
import org.gemel.backend.Kernel;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.CheckIndex;
import org.gemel.op.Gather;

/// Takes elements, or whole rows, by index.
final class GatherKernel implements Kernel {
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_PREFERRED;
    private static final long GRAIN_BYTES = 64 * 1024;

    private final VectorBackend backend;
    private final IndexedLines lines;
    private final int x;
    private final int index;
    private final int output;
    private final int bytes;
    private final boolean empty;
    private final Optional<CheckIndex> check;
    private final Shape indices;
    private final long[] indexStrides;

    GatherKernel(VectorBackend backend, Region region, Gather op, Node.Apply apply) {
        this.backend = backend;
        this.x = Calls.inputOf(region, apply.inputs().get(0));
        Node named = apply.inputs().get(1);
        if (named instanceof Node.Apply(CheckIndex before, var checked, _, _)) {
            this.check = Optional.of(before);
            this.index = Calls.inputOf(region, checked.getFirst());
        } else {
            this.check = Optional.empty();
            this.index = Calls.inputOf(region, named);
        }
        this.indices = named.type().shape();
        this.indexStrides = Calls.strides(region.layouts().get(index));
        this.output = region.graph().inputs().size();
        TensorType from = apply.inputs().get(0).type();
        this.bytes = from.dtype().bytes();
        this.empty = apply.type().shape().size() == 0;
        this.lines =
                IndexedLines.of(
                        apply.type().shape(),
                        op.axis(),
                        from.shape().dim(op.axis()),
                        Calls.strides(region.layouts().get(x)),
                        indices,
                        region.layouts().get(index),
                        apply.type().shape().rowMajorStrides());
    }

    @Override
    public void run(long[] addresses) {
        if (empty) {
            return;
        }
        long length = lines.rows() ? lines.inner() : lines.dims()[lines.last()];
        backend.workers()
                .forRange(
                        lines.outer() * lines.lines(),
                        Math.max(1, GRAIN_BYTES / (bytes * length)),
                        (begin, end) -> {
                            for (long line = begin; line < end; line++) {
                                long from =
                                        addresses[x]
                                                + lines.offset(lines.whole(), line, true) * bytes;
                                long by =
                                        addresses[index]
                                                + 8 * lines.offset(lines.index(), line, false);
                                long to = addresses[output] + line * length * bytes;
                                if (!(lines.rows()
                                        ? row(from, by, to, length * bytes)
                                        : line(from, by, to, (int) length))) {
                                    refuse(addresses[index]);
                                }
                            }
                        });
    }

    // Throws what the first index that is out of range deserves.
    private void refuse(long by) {
        for (long i = 0; i < indices.size(); i++) {
            long at = by;
            long rest = i;
            for (int d = indices.rank() - 1; d >= 0; d--) {
                at += 8 * (rest % indices.dim(d)) * indexStrides[d];
                rest /= indices.dim(d);
            }
            if (check.isPresent()) {
                check.get().checked(Memory.getLong(at), i);
            } else {
                Gather.inside(Memory.getLong(at), lines.bound());
            }
        }
    }

    private boolean row(long from, long by, long to, long size) {
        long place = Memory.getLong(by);
        if (Long.compareUnsigned(place, lines.bound()) >= 0) {
            return false;
        }
        long at = from + place * lines.whole()[lines.axis()] * bytes;
        int width = BYTES.length();
        if (size < width) {
            Memory.copy(at, to, size);
            return true;
        }
        for (long j = 0; j < size - width; j += width) {
            piece(at + j, to + j);
        }
        // the last one overlaps the one before
        piece(at + size - width, to + size - width);
        return true;
    }

    private static void piece(long from, long to) {
        ByteVector.fromMemorySegment(BYTES, Memory.ALL, from, Memory.ORDER)
                .intoMemorySegment(Memory.ALL, to, Memory.ORDER);
    }

    // Whether all indices were in range.
    private boolean line(long from, long by, long to, int length) {
        int last = lines.last();
        long skip = lines.whole()[lines.axis()] * bytes;
        long step = lines.axis() == last ? 0 : lines.whole()[last] * bytes;
        long next = 8 * lines.index()[last];
        int bound = lines.bound();
        return switch (bytes) {
            case 4 ->
                    (next == 8 && step == 0 && skip == 4)
                            ? dense(from, by, to, length, bound)
                            : ints(from, by, to, length, bound, skip, step, next);
            case 8 -> longs(from, by, to, length, bound, skip, step, next);
            default -> narrow(from, by, to, length, bound, skip, step, next);
        };
    }

    private static boolean dense(long from, long by, long to, int length, long bound) {
        for (int j = 0; j < length; j++) {
            long place = Memory.getLong(by + 8L * j);
            if (Long.compareUnsigned(place, bound) >= 0) {
                return false;
            }
            Memory.setInt(to + 4L * j, Memory.getInt(from + 4 * place));
        }
        return true;
    }

    private static boolean ints(
            long from, long by, long to, int length, long bound, long skip, long step, long next) {
        for (int j = 0; j < length; j++) {
            long place = Memory.getLong(by + j * next);
            if (Long.compareUnsigned(place, bound) >= 0) {
                return false;
            }
            Memory.setInt(to + 4L * j, Memory.getInt(from + place * skip + j * step));
        }
        return true;
    }

    private static boolean longs(
            long from, long by, long to, int length, long bound, long skip, long step, long next) {
        for (int j = 0; j < length; j++) {
            long place = Memory.getLong(by + j * next);
            if (Long.compareUnsigned(place, bound) >= 0) {
                return false;
            }
            Memory.setLong(to + 8L * j, Memory.getLong(from + place * skip + j * step));
        }
        return true;
    }

    private boolean narrow(
            long from, long by, long to, int length, long bound, long skip, long step, long next) {
        for (int j = 0; j < length; j++) {
            long place = Memory.getLong(by + j * next);
            if (Long.compareUnsigned(place, bound) >= 0) {
                return false;
            }
            long at = from + place * skip + j * step;
            if (bytes == 1) {
                Memory.setByte(to + j, Memory.getByte(at));
            } else {
                Memory.setShort(to + 2L * j, Memory.getShort(at));
            }
        }
        return true;
    }
}
