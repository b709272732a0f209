package org.gemel.backend.vector;

import org.gemel.DType;
import org.gemel.TensorType;
import org.gemel.backend.Kernel;
import org.gemel.backend.Workers;
import org.gemel.ir.Layout;
import org.gemel.ir.Region;
import org.gemel.op.Scan;

/// Running sums, products, maxima and minima: neighbouring columns side by side, one place along
/// the dimension after the other.
final class ScanKernel implements Kernel {
    // Elements of a line that are read at a time.
    private static final int RUN = 512;

    // Elements that are worth a thread.
    private static final long GRAIN = 16_384;

    private final VectorBackend backend;
    private final Scan op;
    private final DType dtype;
    private final Strips strips;
    private final Layout layout;

    ScanKernel(VectorBackend backend, Region region, Scan op) {
        TensorType type = region.graph().inputs().getFirst().type();
        this.backend = backend;
        this.op = op;
        this.dtype = type.dtype();
        this.strips = Strips.of(type.shape(), op.axis(), dtype.bytes());
        this.layout = new Layout(0, region.layouts().getFirst().strides());
    }

    @Override
    public void run(long[] addresses) {
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        Workers workers = backend.workers();
        try {
            long from = strips.dense(workers, scratch, addresses[0], layout);
            if (sumsLines()) {
                int length = strips.length();
                long lines = strips.shape().size() / length;
                workers.forRange(
                        lines,
                        RunningSums.LINES * Math.max(1, GRAIN / length / RunningSums.LINES),
                        (begin, end) -> sums(from, addresses[1], begin, end));
                return;
            }
            strips.forEach(
                    workers,
                    (offset, width) -> {
                        if (dtype.isFloating()) {
                            reals(from + offset, addresses[1] + offset, width);
                        } else {
                            integers(from + offset, addresses[1] + offset, width);
                        }
                    });
        } finally {
            scratch.release(mark);
        }
    }

    private boolean sumsLines() {
        return dtype.isFloating()
                && op.kind() == Scan.Kind.SUM
                && strips.inner() == 1
                && strips.shape().size() > 0;
    }

    private void sums(long from, long to, long begin, long end) {
        int length = strips.length();
        long size = (long) length * strips.bytes();
        long line = begin;
        while (line < end) {
            boolean many = end - line >= RunningSums.LINES;
            if (!many) {
                line(from + line * size, to + line * size);
            } else if (dtype == DType.F32) {
                RunningSums.floats(from + line * size, to + line * size, length, op.reverse());
            } else {
                RunningSums.doubles(from + line * size, to + line * size, length, op.reverse());
            }
            line += many ? RunningSums.LINES : 1;
        }
    }

    private long place(int order) {
        long at = op.reverse() ? strips.length() - 1 - order : order;
        return at * strips.inner() * strips.bytes();
    }

    // One column: elements follow each other in memory, so many are read at a time.
    private void line(long from, long to) {
        double[] run = new double[RUN];
        double state = 0;
        int length = strips.length();
        for (int done = 0; done < length; done += RUN) {
            int n = Math.min(RUN, length - done);
            long at = (long) (op.reverse() ? length - done - n : done) * strips.bytes();
            Buffers.load(dtype, from + at, run, n);
            for (int i = 0; i < n; i++) {
                int place = op.reverse() ? n - 1 - i : i;
                state = done + i == 0 ? run[place] : combined(op.kind(), state, run[place]);
                run[place] = state;
            }
            Buffers.store(dtype, run, to + at, n);
        }
    }

    private static double combined(Scan.Kind kind, double a, double b) {
        return switch (kind) {
            case SUM -> a + b;
            case PROD -> a * b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
        };
    }

    private void reals(long from, long to, int width) {
        if (strips.inner() == 1) {
            line(from, to);
            return;
        }
        double[] state = new double[width];
        double[] next = new double[width];
        Buffers.load(dtype, from + place(0), state, width);
        Buffers.store(dtype, state, to + place(0), width);
        for (int k = 1; k < strips.length(); k++) {
            Buffers.load(dtype, from + place(k), next, width);
            combine(op.kind(), state, next);
            Buffers.store(dtype, state, to + place(k), width);
        }
    }

    private static void combine(Scan.Kind kind, double[] state, double[] next) {
        switch (kind) {
            case SUM -> {
                for (int i = 0; i < state.length; i++) {
                    state[i] += next[i];
                }
            }
            case PROD -> {
                for (int i = 0; i < state.length; i++) {
                    state[i] *= next[i];
                }
            }
            case MAX -> {
                for (int i = 0; i < state.length; i++) {
                    state[i] = Math.max(state[i], next[i]);
                }
            }
            case MIN -> {
                for (int i = 0; i < state.length; i++) {
                    state[i] = Math.min(state[i], next[i]);
                }
            }
        }
    }

    private void wholeLine(long from, long to) {
        long[] run = new long[RUN];
        long state = 0;
        int length = strips.length();
        for (int done = 0; done < length; done += RUN) {
            int n = Math.min(RUN, length - done);
            long at = (long) (op.reverse() ? length - done - n : done) * strips.bytes();
            Buffers.load(dtype, from + at, run, n);
            for (int i = 0; i < n; i++) {
                int place = op.reverse() ? n - 1 - i : i;
                state = done + i == 0 ? run[place] : combined(op.kind(), state, run[place]);
                run[place] = state;
            }
            Buffers.store(dtype, run, to + at, n);
        }
    }

    private static long combined(Scan.Kind kind, long a, long b) {
        return switch (kind) {
            case SUM -> a + b;
            case PROD -> a * b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
        };
    }

    private void integers(long from, long to, int width) {
        if (strips.inner() == 1) {
            wholeLine(from, to);
            return;
        }
        long[] state = new long[width];
        long[] next = new long[width];
        Buffers.load(dtype, from + place(0), state, width);
        Buffers.store(dtype, state, to + place(0), width);
        for (int k = 1; k < strips.length(); k++) {
            Buffers.load(dtype, from + place(k), next, width);
            combine(op.kind(), state, next);
            Buffers.store(dtype, state, to + place(k), width);
        }
    }

    private static void combine(Scan.Kind kind, long[] state, long[] next) {
        for (int i = 0; i < state.length; i++) {
            state[i] = combined(kind, state[i], next[i]);
        }
    }
}
