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

    private long place(int order) {
        long at = op.reverse() ? strips.length() - 1 - order : order;
        return at * strips.inner() * strips.bytes();
    }

    private void reals(long from, long to, int width) {
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

    private void integers(long from, long to, int width) {
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
            state[i] =
                    switch (kind) {
                        case SUM -> state[i] + next[i];
                        case PROD -> state[i] * next[i];
                        case MAX -> Math.max(state[i], next[i]);
                        case MIN -> Math.min(state[i], next[i]);
                    };
        }
    }
}
