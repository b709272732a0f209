package org.gemel.backend.vector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import org.gemel.Shape;
import org.gemel.backend.Workers;
import org.gemel.ir.Layout;
import org.gemel.ir.Node;
import org.gemel.ir.Region;

/// How a region's inputs and outputs lie over an iteration of outer dimensions and a run of
/// elements within.
///
/// An input whose elements do not lie side by side along the run, nor are all one, is copied before
/// the kernel runs.
final class Operands {
    /// A copy to make: of input `input`, seen as `dims` with `strides` in elements.
    private record Copy(int input, int elementBytes, int[] dims, long[] strides, long[] dense) {
        long bytes() {
            long elements = 1;
            for (int dim : dims) {
                elements *= dim;
            }
            return elements * elementBytes;
        }
    }

    private final int inputs;
    private final long run;
    private final int[] outer;
    private final long[][] strides;
    private final long[] runStrides;
    // Bytes from one run to the next along the innermost of the outer dimensions.
    private final long[] steps;
    private final List<Copy> copies;

    private Operands(
            int inputs,
            long run,
            int[] outer,
            long[][] strides,
            long[] runStrides,
            List<Copy> copies) {
        this.inputs = inputs;
        this.run = run;
        this.outer = outer;
        this.strides = strides;
        this.runStrides = runStrides;
        this.steps = new long[strides.length];
        for (int i = 0; outer.length > 0 && i < steps.length; i++) {
            steps[i] = strides[i][outer.length - 1];
        }
        this.copies = copies;
    }

    /// The operands of `region`.
    ///
    /// @param inRun which dimensions of the space the run consists of; if none is given, as many of
    ///   the last ones as run on in all operands
    static Operands of(Region region, IntPredicate inRun, boolean free) {
        Shape space = region.space();
        int rank = space.rank();
        int inputs = region.graph().inputs().size();
        int count = inputs + region.graph().outputs().size();
        long[][] over = new long[count][];
        int[] bytes = new int[count];
        for (int i = 0; i < count; i++) {
            Node node =
                    i < inputs
                            ? region.graph().inputs().get(i)
                            : region.graph().outputs().get(i - inputs);
            Shape shape = node.type().shape();
            Layout layout = i < inputs ? region.layouts().get(i) : Layout.contiguous(shape);
            over[i] = layout.stridesOver(shape, space);
            bytes[i] = node.type().dtype().bytes();
        }
        int[] dims = space.dims();
        List<Integer> run = new ArrayList<>();
        List<Integer> outer = new ArrayList<>();
        for (int d = 0; d < rank; d++) {
            if (dims[d] != 1) {
                (inRun.test(d) ? run : outer).add(d);
            }
        }
        if (free && !outer.isEmpty()) {
            run.add(outer.removeLast());
        }
        List<Copy> copies = new ArrayList<>();
        for (int i = 0; i < inputs; i++) {
            if (!fits(dims, over[i], run)) {
                copies.add(copy(i, bytes[i], dims, over[i], run));
            }
        }
        if (free) {
            while (!outer.isEmpty() && allRunOn(dims, over, outer.getLast(), run.getFirst())) {
                run.addFirst(outer.removeLast());
            }
        }
        return build(inputs, dims, over, bytes, run, outer, copies);
    }

    private static Operands build(
            int inputs,
            int[] dims,
            long[][] over,
            int[] bytes,
            List<Integer> run,
            List<Integer> outer,
            List<Copy> copies) {
        List<List<Integer>> groups = new ArrayList<>();
        for (int d : outer) {
            if (!groups.isEmpty() && allRunOn(dims, over, groups.getLast().getLast(), d)) {
                groups.getLast().add(d);
            } else {
                groups.add(new ArrayList<>(List.of(d)));
            }
        }
        int[] outerDims = new int[groups.size()];
        long[][] strides = new long[over.length][groups.size()];
        long[] runStrides = new long[over.length];
        for (int g = 0; g < outerDims.length; g++) {
            outerDims[g] = 1;
            for (int d : groups.get(g)) {
                outerDims[g] = Math.multiplyExact(outerDims[g], dims[d]);
            }
            for (int i = 0; i < over.length; i++) {
                strides[i][g] = over[i][groups.get(g).getLast()] * bytes[i];
            }
        }
        long n = 1;
        for (int d : run) {
            n *= dims[d];
        }
        for (int i = 0; i < over.length; i++) {
            runStrides[i] = run.isEmpty() ? 0 : over[i][run.getLast()] * bytes[i];
        }
        return new Operands(inputs, n, outerDims, strides, runStrides, List.copyOf(copies));
    }

    // One element for the whole run, or all of them side by side.
    private static boolean fits(int[] dims, long[] strides, List<Integer> run) {
        boolean single = true;
        boolean dense = true;
        long expected = 1;
        for (int i = run.size() - 1; i >= 0; i--) {
            long stride = strides[run.get(i)];
            single &= stride == 0;
            dense &= stride == expected;
            expected *= dims[run.get(i)];
        }
        return single || dense;
    }

    // Leaves out outer dimensions along which it is repeated; sets its strides to the copy's.
    private static Copy copy(int input, int bytes, int[] dims, long[] strides, List<Integer> run) {
        int[] own = dims.clone();
        for (int d = 0; d < own.length; d++) {
            if (!run.contains(d) && strides[d] == 0) {
                own[d] = 1;
            }
        }
        long[] dense = Shape.of(own).rowMajorStrides();
        Copy copy = new Copy(input, bytes, own, strides.clone(), dense);
        for (int d = 0; d < own.length; d++) {
            strides[d] = own[d] == 1 ? 0 : dense[d];
        }
        return copy;
    }

    private static boolean allRunOn(int[] dims, long[][] over, int outer, int inner) {
        for (long[] strides : over) {
            if (strides[outer] != strides[inner] * dims[inner]) {
                return false;
            }
        }
        return true;
    }

    /// Elements of a run.
    long run() {
        return run;
    }

    /// How many runs there are.
    long runs() {
        long runs = 1;
        for (int dim : outer) {
            runs *= dim;
        }
        return runs;
    }

    /// Inputs.
    int inputs() {
        return inputs;
    }

    /// Whether each input is one element for a whole run.
    boolean[] single() {
        boolean[] single = new boolean[inputs];
        for (int i = 0; i < inputs; i++) {
            single[i] = runStrides[i] == 0;
        }
        return single;
    }

    /// Whether addresses can be used as they are given.
    boolean direct() {
        return copies.isEmpty();
    }

    /// The addresses with copies made, in memory taken from `scratch`.
    long[] prepare(Workers workers, long[] addresses, Scratch scratch) {
        long[] prepared = addresses.clone();
        for (Copy copy : copies) {
            long to = scratch.take(copy.bytes());
            StridedCopy.copy(
                    workers,
                    copy.elementBytes,
                    copy.dims,
                    addresses[copy.input],
                    copy.strides,
                    to,
                    copy.dense);
            prepared[copy.input] = to;
        }
        return prepared;
    }

    /// Writes where run `row` begins, `skip` elements into it, for each operand.
    void locate(long[] addresses, long row, long skip, long[] into) {
        for (int i = 0; i < strides.length; i++) {
            into[i] = addresses[i] + skip * runStrides[i];
        }
        long rest = row;
        for (int g = outer.length - 1; g >= 0; g--) {
            long place = g == 0 ? rest : rest % outer[g];
            rest = g == 0 ? 0 : rest / outer[g];
            if (place != 0) {
                for (int i = 0; i < strides.length; i++) {
                    into[i] += place * strides[i][g];
                }
            }
        }
    }

    /// Writes where run `row` begins, `skip` elements into it, into what tells it of run `row - 1`:
    /// the same as [#locate], but cheap while runs follow each other along the innermost of the
    /// outer dimensions.
    void locateNext(long[] addresses, long row, long skip, long[] into) {
        int last = outer.length - 1;
        if (last < 0 || (last > 0 && row % outer[last] == 0)) {
            locate(addresses, row, skip, into);
            return;
        }
        for (int i = 0; i < steps.length; i++) {
            into[i] += steps[i];
        }
    }

    @Override
    public String toString() {
        return run + " of " + Arrays.toString(outer);
    }
}
