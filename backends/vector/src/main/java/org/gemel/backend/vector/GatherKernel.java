package org.gemel.backend.vector;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorSpecies;
import org.gemel.TensorType;
import org.gemel.backend.Kernel;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
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

    GatherKernel(VectorBackend backend, Region region, Gather op, Node.Apply apply) {
        this.backend = backend;
        this.x = Calls.inputOf(region, apply.inputs().get(0));
        this.index = Calls.inputOf(region, apply.inputs().get(1));
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
                        apply.inputs().get(1).type().shape(),
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
                                if (lines.rows()) {
                                    row(from, by, to, length * bytes);
                                } else {
                                    line(from, by, to, length);
                                }
                            }
                        });
    }

    private void row(long from, long by, long to, long size) {
        long skip = lines.whole()[lines.axis()] * bytes;
        long at = from + Gather.inside(Memory.getLong(by), lines.bound()) * skip;
        int width = BYTES.length();
        if (size < width) {
            Memory.copy(at, to, size);
            return;
        }
        for (long j = 0; j < size - width; j += width) {
            piece(at + j, to + j);
        }
        // the last one overlaps the one before
        piece(at + size - width, to + size - width);
    }

    private static void piece(long from, long to) {
        ByteVector.fromMemorySegment(BYTES, Memory.ALL, from, Memory.ORDER)
                .intoMemorySegment(Memory.ALL, to, Memory.ORDER);
    }

    private void line(long from, long by, long to, long length) {
        int last = lines.last();
        long skip = lines.whole()[lines.axis()] * bytes;
        long step = lines.axis() == last ? 0 : lines.whole()[last] * bytes;
        long next = 8 * lines.index()[last];
        int bound = lines.bound();
        if (bytes == 4) {
            for (long j = 0; j < length; j++) {
                long place = Gather.inside(Memory.getLong(by + j * next), bound);
                Memory.setInt(to + 4 * j, Memory.getInt(from + place * skip + j * step));
            }
            return;
        }
        for (long j = 0; j < length; j++) {
            long place = Gather.inside(Memory.getLong(by + j * next), bound);
            move(from + place * skip + j * step, to + j * bytes);
        }
    }

    private void move(long from, long to) {
        switch (bytes) {
            case 1 -> Memory.setByte(to, Memory.getByte(from));
            case 2 -> Memory.setShort(to, Memory.getShort(from));
            case 4 -> Memory.setInt(to, Memory.getInt(from));
            default -> Memory.setLong(to, Memory.getLong(from));
        }
    }
}
