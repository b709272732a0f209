package org.gemel.backend.vector;

import java.util.List;
import java.util.stream.IntStream;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.backend.Kernel;
import org.gemel.backend.Workers;
import org.gemel.ir.Layout;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.Pool;

/// Poolings, plane by plane; threads share the planes.
///
/// Of each window's rows one is made first, element by element, then its elements are combined; so
/// most of the work is done on whole vectors.
final class PoolKernel implements Kernel {
    private static final long GRAIN = 32_768;

    private final VectorBackend backend;
    private final Pool.Kind kind;
    private final GemmLane lane;
    private final int[] operands;
    private final List<Shape> shapes;
    private final List<Layout> layouts;
    private final int inputs;
    private final long planes;
    private final PoolAxis[] outer;
    private final PoolAxis last;
    private final int places;
    private final int windows;
    private final int rows;

    PoolKernel(VectorBackend backend, Region region, Pool op, Node.Apply apply) {
        List<Node.Input> nodes = region.graph().inputs();
        this.backend = backend;
        this.kind = op.kind();
        this.lane =
                apply.inputs().getFirst().type().dtype() == DType.F32 ? GemmLane.F32 : GemmLane.F64;
        this.operands = apply.inputs().stream().mapToInt(nodes::indexOf).toArray();
        this.shapes = apply.inputs().stream().map(in -> in.type().shape()).toList();
        this.layouts = IntStream.of(operands).mapToObj(region.layouts()::get).toList();
        this.inputs = nodes.size();
        this.planes = op.planes(shapes.getFirst());
        int rank = op.windows().rank();
        this.outer = new PoolAxis[rank - 1];
        int count = 1;
        int size = 1;
        for (int axis = 0; axis < rank - 1; axis++) {
            outer[axis] = PoolAxis.of(op.windows(), axis);
            count *= outer[axis].windows();
            size *= outer[axis].places();
        }
        this.last = PoolAxis.of(op.windows(), rank - 1);
        this.rows = count;
        this.windows = count * last.windows();
        this.places = size * last.places();
    }

    @Override
    public void run(long[] addresses) {
        Workers workers = backend.workers();
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        try {
            long[] from = new long[operands.length];
            for (int i = 0; i < from.length; i++) {
                from[i] = dense(workers, i, addresses[operands[i]], scratch);
            }
            long to = addresses[inputs];
            workers.forRange(
                    planes,
                    Math.max(1, GRAIN / Math.max(1, places)),
                    (begin, end) -> planes(from, to, begin, end));
        } finally {
            scratch.release(mark);
        }
    }

    private long dense(Workers workers, int operand, long from, Scratch scratch) {
        Shape shape = shapes.get(operand);
        Layout layout = layouts.get(operand);
        if (layout.isContiguous(shape)) {
            return from;
        }
        long copy = scratch.take(shape.size() * lane.bytes);
        StridedCopy.copy(
                workers,
                lane.bytes,
                shape.dims(),
                from,
                Calls.strides(layout),
                copy,
                shape.rowMajorStrides());
        return copy;
    }

    private void planes(long[] from, long to, long begin, long end) {
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        try {
            // A row of the input, or the places of a row of windows.
            long row = scratch.take((long) Math.max(last.places(), last.windows()) * lane.bytes);
            long large = (long) places * lane.bytes;
            long small = (long) windows * lane.bytes;
            long two = from[from.length - 1];
            for (long i = begin; i < end; i++) {
                switch (kind) {
                    case MAX -> reduce(true, from[0] + i * large, to + i * small, row);
                    case SUM -> reduce(false, from[0] + i * large, to + i * small, row);
                    case SPREAD -> spread(from[0] + i * small, to + i * large, row);
                    case MAX_PLACE -> largest(from[0] + i * large, 0, to + 8L * i * windows, row);
                    case TAKE -> largest(from[0] + i * large, two + i * large, to + i * small, row);
                    case PUT -> {
                        Memory.clear(to + i * large, large);
                        largest(from[0] + i * large, two + i * small, to + i * large, row);
                    }
                }
            }
        } finally {
            scratch.release(mark);
        }
    }

    // The rows of a row of windows, as numbers of rows of the input, ascending.
    private int[] inputRows(int row) {
        int[] taken = {0};
        int rest = row;
        int[] at = new int[outer.length];
        for (int axis = outer.length - 1; axis >= 0; axis--) {
            at[axis] = rest % outer[axis].windows();
            rest /= outer[axis].windows();
        }
        for (int axis = 0; axis < outer.length; axis++) {
            PoolAxis along = outer[axis];
            int window = at[axis];
            int count = along.count(window);
            int[] next = new int[taken.length * count];
            for (int i = 0; i < next.length; i++) {
                next[i] = taken[i / count] * along.places() + along.place(window, i % count);
            }
            taken = next;
        }
        return taken;
    }

    private void reduce(boolean largest, long from, long to, long row) {
        int bytes = last.places() * lane.bytes;
        for (int i = 0; i < rows; i++) {
            int[] taken = inputRows(i);
            long at = row;
            if (taken.length == 1) {
                at = from + (long) taken[0] * bytes;
            } else if (taken.length == 0) {
                Fills.fill(
                        lane == GemmLane.F32 ? DType.F32 : DType.F64,
                        Fills.bits(
                                lane == GemmLane.F32 ? DType.F32 : DType.F64,
                                largest ? Double.NEGATIVE_INFINITY : 0.0),
                        row,
                        last.places());
            } else {
                PanelPack.copyRows(from + (long) taken[0] * bytes, 0, row, 0, 1, bytes);
                for (int t = 1; t < taken.length; t++) {
                    long next = from + (long) taken[t] * bytes;
                    PoolRows.combine(lane, largest, next, row, last.places());
                }
            }
            long out = to + (long) i * last.windows() * lane.bytes;
            PoolRows.reduce(lane, largest, at, last, out);
        }
    }

    private void spread(long from, long to, long row) {
        int bytes = last.places() * lane.bytes;
        Memory.clear(to, (long) places * lane.bytes);
        for (int i = 0; i < rows; i++) {
            Memory.clear(row, bytes);
            PoolRows.spread(lane, from + (long) i * last.windows() * lane.bytes, last, row);
            for (int taken : inputRows(i)) {
                PoolRows.combine(lane, false, row, to + (long) taken * bytes, last.places());
            }
        }
    }

    // Finds the largest of each window of the plane at `x`.
    private void largest(long x, long other, long to, long found) {
        boolean lanes = lane == GemmLane.F32;
        int begin = last.inner().begin();
        for (int i = 0; i < rows; i++) {
            int[] taken = inputRows(i);
            int end = begin;
            if (lanes && taken.length > 0) {
                PoolLanes.largest(x, taken, last, found);
                end = PoolLanes.end(last);
            }
            long first = (long) i * last.windows();
            if (lanes && kind == Pool.Kind.PUT) {
                // in the order of the windows, of which several may add to one place
                for (int j = 0; j < begin; j++) {
                    route(largest(x, taken, j), first + j, other, to);
                }
                PoolLanes.add(found, other + 4 * first, begin, end, to);
                for (int j = end; j < last.windows(); j++) {
                    route(largest(x, taken, j), first + j, other, to);
                }
                continue;
            }
            for (int j = 0; j < last.windows(); j++) {
                boolean known = j >= begin && j < end;
                int place = known ? Memory.getInt(found + 4L * j) : largest(x, taken, j);
                route(place, first + j, other, to);
            }
        }
    }

    private int largest(long x, int[] taken, int window) {
        if (lane == GemmLane.F32) {
            return PoolRows.largestFloat(x, taken, last, window);
        }
        int best = -1;
        double value = 0;
        for (int row : taken) {
            int at = row * last.places() + last.first(window);
            for (int t = 0; t < last.count(window); t++) {
                double next = Memory.getDouble(x + (long) at * lane.bytes);
                if (best < 0 || next > value || Double.isNaN(next)) {
                    best = at;
                    value = next;
                }
                at += last.dilation();
            }
        }
        return best;
    }

    private void route(int place, long window, long other, long to) {
        long bytes = lane.bytes;
        if (kind == Pool.Kind.MAX_PLACE) {
            Memory.setLong(to + 8 * window, place);
        } else if (kind == Pool.Kind.TAKE) {
            if (place < 0) {
                PoolRows.set(lane, to + window * bytes, 0);
            } else {
                PoolRows.copy(lane, to + window * bytes, other + place * bytes);
            }
        } else if (place >= 0) {
            PoolRows.add(lane, to + place * bytes, other + window * bytes);
        }
    }
}
