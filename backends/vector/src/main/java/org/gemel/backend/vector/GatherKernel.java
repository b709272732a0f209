package org.gemel.backend.vector;

import org.gemel.TensorType;
import org.gemel.backend.Kernel;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.Gather;

/// Takes elements, or whole rows, by index.
final class GatherKernel implements Kernel {
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
        Memory.copy(from + Gather.inside(Memory.getLong(by), lines.bound()) * skip, to, size);
    }

    private void line(long from, long by, long to, long length) {
        int last = lines.last();
        long skip = lines.whole()[lines.axis()] * bytes;
        long step = lines.axis() == last ? 0 : lines.whole()[last] * bytes;
        long next = 8 * lines.index()[last];
        for (long j = 0; j < length; j++) {
            long place = Gather.inside(Memory.getLong(by + j * next), lines.bound());
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
