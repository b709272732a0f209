package org.gemel.backend.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Poolings of f32 with one window a lane: neighbouring windows that lie in the input as a whole,
/// one or two places apart.
///
/// Every window does what it would do alone, in the same order.
final class PoolLanes {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final int LENGTH = FLOATS.length();

    // Every second one of 2 n - 1 elements, from the vectors of the first n and of the last n.
    private static final VectorShuffle<Float> EVEN =
            VectorShuffle.fromOp(FLOATS, i -> 2 * i % LENGTH);
    private static final VectorShuffle<Float> ODD =
            VectorShuffle.fromOp(FLOATS, i -> (2 * i + 1) % LENGTH);
    private static final VectorMask<Float> UPPER = FLOATS.indexInRange(0, LENGTH / 2).not();

    private PoolLanes() {}

    /// The end of the windows that are taken a vector at a time, from the first inner one on; the
    /// last vector may overlap the one before it.
    static int end(PoolAxis axis) {
        PoolAxis.Inner inner = axis.inner();
        boolean few = inner.end() - inner.begin() < LENGTH;
        return LENGTH < 2 || inner.step() > 2 || few ? inner.begin() : inner.end();
    }

    // The places `step` apart from `address` on.
    private static FloatVector load(long address, int step) {
        FloatVector a = FloatVector.fromMemorySegment(FLOATS, Memory.ALL, address, Memory.ORDER);
        if (step == 1) {
            return a;
        }
        FloatVector b =
                FloatVector.fromMemorySegment(
                        FLOATS, Memory.ALL, address + 4L * (LENGTH - 1), Memory.ORDER);
        return a.rearrange(EVEN).blend(b.rearrange(ODD), UPPER);
    }

    /// Combines each window's elements of one row, for the windows before [#end].
    static void reduce(boolean largest, long row, PoolAxis axis, long out) {
        PoolAxis.Inner inner = axis.inner();
        int end = end(axis);
        int step = inner.step();
        float start = largest ? Float.NEGATIVE_INFINITY : 0;
        for (int window = inner.begin(); window < end; window += LENGTH) {
            int i = Math.min(window, end - LENGTH);
            FloatVector sum = FloatVector.broadcast(FLOATS, start);
            long at = row + 4L * axis.first(i);
            for (int t = 0; t < inner.taps(); t++) {
                FloatVector next = load(at, step);
                sum = largest ? sum.max(next) : sum.add(next);
                at += 4L * axis.dilation();
            }
            sum.intoMemorySegment(Memory.ALL, out + 4L * i, Memory.ORDER);
        }
    }

    /// Where the largest element of each window lies, for the windows before [#end]: the first one
    /// at a tie, but the last NaN.
    ///
    /// @param x the address of a plane
    /// @param rows the rows of the plane that the windows lie in, at least one
    /// @param out for the place of each window, an `int`
    static void largest(long x, int[] rows, PoolAxis axis, long out) {
        PoolAxis.Inner inner = axis.inner();
        int end = end(axis);
        int step = inner.step();
        IntVector steps = IntVector.zero(INTS).addIndex(step);
        for (int window = inner.begin(); window < end; window += LENGTH) {
            int i = Math.min(window, end - LENGTH);
            FloatVector best = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
            int first = axis.first(i);
            IntVector place = steps.add(rows[0] * axis.places() + first);
            for (int row : rows) {
                int at = row * axis.places() + first;
                for (int t = 0; t < inner.taps(); t++) {
                    FloatVector next = load(x + 4L * at, step);
                    VectorMask<Float> better =
                            next.compare(VectorOperators.GT, best)
                                    .or(next.compare(VectorOperators.NE, next));
                    best = best.blend(next, better);
                    place = place.blend(steps.add(at), better.cast(INTS));
                    at += axis.dilation();
                }
            }
            place.intoMemorySegment(Memory.ALL, out + 4L * i, Memory.ORDER);
        }
    }

    /// Adds an element for each of some windows at its place.
    ///
    /// @param found the places, an `int` each
    static void add(long found, long from, int begin, int end, long to) {
        for (int i = begin; i < end; i++) {
            long place = to + 4L * Memory.getInt(found + 4L * i);
            Memory.setFloat(place, Memory.getFloat(place) + Memory.getFloat(from + 4L * i));
        }
    }
}
