package org.gemel.backend.vector;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.backend.Kernel;
import org.gemel.backend.Workers;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.Gather;
import org.gemel.op.Scatter;

/// Copies the first input, then puts or adds elements, or whole rows, by index.
///
/// What goes to one place goes in the order of the source: threads share what lies before the axis,
/// or, of rows, what follows it, never the axis.
final class ScatterKernel implements Kernel {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
    private static final long GRAIN = 16_384;
    // Columns that a thread takes at least.
    private static final long STRIP = 64;

    private final VectorBackend backend;
    private final IndexedLines lines;
    private final boolean adds;
    private final int x;
    private final int index;
    private final int source;
    private final int output;
    private final DType dtype;
    private final int bytes;
    private final Shape shape;
    private final long[] strides;
    private final boolean empty;

    ScatterKernel(VectorBackend backend, Region region, Scatter op, Node.Apply apply) {
        this.backend = backend;
        this.adds = op.kind() == Scatter.Kind.ADD;
        this.x = Calls.inputOf(region, apply.inputs().get(0));
        this.index = Calls.inputOf(region, apply.inputs().get(1));
        this.source = Calls.inputOf(region, apply.inputs().get(2));
        this.output = region.graph().inputs().size();
        this.dtype = apply.type().dtype();
        this.bytes = dtype.bytes();
        this.shape = apply.type().shape();
        this.strides = Calls.strides(region.layouts().get(x));
        Shape from = apply.inputs().get(2).type().shape();
        this.empty = from.size() == 0;
        this.lines =
                IndexedLines.of(
                        from,
                        op.axis(),
                        shape.dim(op.axis()),
                        shape.rowMajorStrides(),
                        apply.inputs().get(1).type().shape(),
                        region.layouts().get(index),
                        Calls.strides(region.layouts().get(source)));
    }

    @Override
    public void run(long[] addresses) {
        Workers workers = backend.workers();
        if (shape.size() > 0) {
            StridedCopy.copy(
                    workers,
                    bytes,
                    shape.dims(),
                    addresses[x],
                    strides,
                    addresses[output],
                    shape.rowMajorStrides());
        }
        if (empty) {
            return;
        }
        long strips = lines.rows() ? Math.max(1, lines.inner() / STRIP) : 1;
        long work = lines.dims()[lines.axis()] * lines.inner() / strips;
        workers.forRange(
                lines.outer() * strips,
                Math.max(1, GRAIN / Math.max(1, work)),
                (begin, end) -> {
                    for (long unit = begin; unit < end; unit++) {
                        unit(addresses, unit / strips, unit % strips, strips);
                    }
                });
    }

    private void unit(long[] addresses, long outer, long strip, long strips) {
        long first = lines.inner() * strip / strips;
        long length =
                lines.rows()
                        ? lines.inner() * (strip + 1) / strips - first
                        : lines.dims()[lines.last()];
        for (long i = 0; i < lines.lines(); i++) {
            long line = outer * lines.lines() + i;
            long to = addresses[output] + lines.offset(lines.whole(), line, true) * bytes;
            long by = addresses[index] + 8 * lines.offset(lines.index(), line, false);
            long from = addresses[source] + lines.offset(lines.moved(), line, false) * bytes;
            if (lines.rows()) {
                long place = Gather.inside(Memory.getLong(by), lines.bound());
                long target = to + (place * lines.whole()[lines.axis()] + first) * bytes;
                row(from + first * bytes, target, length);
            } else {
                line(from, by, to, length);
            }
        }
    }

    private void row(long from, long to, long length) {
        if (!adds) {
            Memory.copy(from, to, length * bytes);
            return;
        }
        long j = 0;
        if (dtype == DType.F32) {
            for (; j <= length - FLOATS.length(); j += FLOATS.length()) {
                FloatVector sum = floats(to + 4 * j).add(floats(from + 4 * j));
                sum.intoMemorySegment(Memory.ALL, to + 4 * j, Memory.ORDER);
            }
        } else if (dtype == DType.F64) {
            for (; j <= length - DOUBLES.length(); j += DOUBLES.length()) {
                DoubleVector sum = doubles(to + 8 * j).add(doubles(from + 8 * j));
                sum.intoMemorySegment(Memory.ALL, to + 8 * j, Memory.ORDER);
            }
        }
        for (; j < length; j++) {
            put(from + j * bytes, to + j * bytes);
        }
    }

    private static FloatVector floats(long address) {
        return FloatVector.fromMemorySegment(FLOATS, Memory.ALL, address, Memory.ORDER);
    }

    private static DoubleVector doubles(long address) {
        return DoubleVector.fromMemorySegment(DOUBLES, Memory.ALL, address, Memory.ORDER);
    }

    private void line(long from, long by, long to, long length) {
        int last = lines.last();
        long skip = lines.whole()[lines.axis()] * bytes;
        long step = lines.axis() == last ? 0 : lines.whole()[last] * bytes;
        long next = 8 * lines.index()[last];
        long stride = lines.moved()[last] * bytes;
        for (long j = 0; j < length; j++) {
            long place = Gather.inside(Memory.getLong(by + j * next), lines.bound());
            put(from + j * stride, to + place * skip + j * step);
        }
    }

    private void put(long from, long to) {
        switch (dtype) {
            case F32 -> {
                float value = Memory.getFloat(from);
                Memory.setFloat(to, adds ? Memory.getFloat(to) + value : value);
            }
            case F64 -> {
                double value = Memory.getDouble(from);
                Memory.setDouble(to, adds ? Memory.getDouble(to) + value : value);
            }
            case I32 -> Memory.setInt(to, Memory.getInt(from) + (adds ? Memory.getInt(to) : 0));
            case I64 -> Memory.setLong(to, Memory.getLong(from) + (adds ? Memory.getLong(to) : 0));
            // these are but moved
            case F16, BF16 -> Memory.setShort(to, Memory.getShort(from));
            case I8, U8, BOOL -> Memory.setByte(to, Memory.getByte(from));
        }
    }
}
