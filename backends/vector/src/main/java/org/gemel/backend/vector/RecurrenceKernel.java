package org.gemel.backend.vector;

import org.gemel.DType;
import org.gemel.TensorType;
import org.gemel.backend.Kernel;
import org.gemel.backend.Workers;
import org.gemel.ir.Layout;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.Recurrence;

/// Linear recurrences: neighbouring columns side by side.
final class RecurrenceKernel implements Kernel {
    // Elements of a line that are read at a time.
    private static final int RUN = 512;

    private final VectorBackend backend;
    private final Recurrence op;
    private final DType dtype;
    private final Strips strips;
    private final int a;
    private final int b;
    private final int output;
    private final Layout layoutOfA;
    private final Layout layoutOfB;

    RecurrenceKernel(VectorBackend backend, Region region, Recurrence op, Node.Apply apply) {
        TensorType type = apply.type();
        this.backend = backend;
        this.op = op;
        this.dtype = type.dtype();
        this.strips = Strips.of(type.shape(), op.axis(), dtype.bytes());
        this.a = Calls.inputOf(region, apply.inputs().get(0));
        this.b = Calls.inputOf(region, apply.inputs().get(1));
        this.output = region.graph().inputs().size();
        this.layoutOfA = new Layout(0, region.layouts().get(a).strides());
        this.layoutOfB = new Layout(0, region.layouts().get(b).strides());
    }

    @Override
    public void run(long[] addresses) {
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        Workers workers = backend.workers();
        try {
            long factors = strips.dense(workers, scratch, addresses[a], layoutOfA);
            long terms = strips.dense(workers, scratch, addresses[b], layoutOfB);
            strips.forEach(
                    workers,
                    (offset, width) ->
                            strip(
                                    factors + offset,
                                    terms + offset,
                                    addresses[output] + offset,
                                    width));
        } finally {
            scratch.release(mark);
        }
    }

    // One column: elements follow each other in memory, so many are read at a time.
    private void line(long factors, long terms, long to) {
        double[] factor = new double[RUN];
        double[] term = new double[RUN];
        double state = 0;
        int length = strips.length();
        for (int done = 0; done < length; done += RUN) {
            int n = Math.min(RUN, length - done);
            long at = (long) (op.reverse() ? length - done - n : done) * strips.bytes();
            Buffers.load(dtype, factors + at, factor, n);
            Buffers.load(dtype, terms + at, term, n);
            for (int i = 0; i < n; i++) {
                int place = op.reverse() ? n - 1 - i : i;
                state = done + i == 0 ? term[place] : factor[place] * state + term[place];
                term[place] = state;
            }
            Buffers.store(dtype, term, to + at, n);
        }
    }

    private void strip(long factors, long terms, long to, int width) {
        if (strips.inner() == 1) {
            line(factors, terms, to);
            return;
        }
        double[] state = new double[width];
        double[] factor = new double[width];
        double[] term = new double[width];
        for (int k = 0; k < strips.length(); k++) {
            long order = op.reverse() ? strips.length() - 1 - k : k;
            long place = order * strips.inner() * strips.bytes();
            Buffers.load(dtype, terms + place, term, width);
            if (k == 0) {
                System.arraycopy(term, 0, state, 0, width);
            } else {
                Buffers.load(dtype, factors + place, factor, width);
                for (int i = 0; i < width; i++) {
                    state[i] = factor[i] * state[i] + term[i];
                }
            }
            Buffers.store(dtype, state, to + place, width);
        }
    }
}
