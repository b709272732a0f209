package org.gemel.backend.vector;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/// What poolings do with whole rows of a plane.
final class PoolRows {
    private static final int NAN = Float.floatToIntBits(Float.NaN);

    private PoolRows() {}

    /// `into = max(into, from)` or `into + from`, element by element.
    static void combine(GemmLane lane, boolean largest, long from, long into, int count) {
        switch (lane) {
            case F32 -> combineFloats(largest, from, into, count);
            case F64 -> combineDoubles(largest, from, into, count);
        }
    }

    private static void combineFloats(boolean largest, long from, long into, int count) {
        var species = FloatVector.SPECIES_PREFERRED;
        int whole = species.loopBound(count);
        for (int i = 0; i < whole; i += species.length()) {
            FloatVector a =
                    FloatVector.fromMemorySegment(species, Memory.ALL, into + 4L * i, Memory.ORDER);
            FloatVector b =
                    FloatVector.fromMemorySegment(species, Memory.ALL, from + 4L * i, Memory.ORDER);
            FloatVector c = largest ? a.max(b) : a.add(b);
            c.intoMemorySegment(Memory.ALL, into + 4L * i, Memory.ORDER);
        }
        for (int i = whole; i < count; i++) {
            float a = Memory.getFloat(into + 4L * i);
            float b = Memory.getFloat(from + 4L * i);
            Memory.setFloat(into + 4L * i, largest ? Math.max(a, b) : a + b);
        }
    }

    private static void combineDoubles(boolean largest, long from, long into, int count) {
        var species = DoubleVector.SPECIES_PREFERRED;
        int whole = species.loopBound(count);
        for (int i = 0; i < whole; i += species.length()) {
            long at = 8L * i;
            DoubleVector a =
                    DoubleVector.fromMemorySegment(species, Memory.ALL, into + at, Memory.ORDER);
            DoubleVector b =
                    DoubleVector.fromMemorySegment(species, Memory.ALL, from + at, Memory.ORDER);
            DoubleVector c = largest ? a.max(b) : a.add(b);
            c.intoMemorySegment(Memory.ALL, into + at, Memory.ORDER);
        }
        for (int i = whole; i < count; i++) {
            double a = Memory.getDouble(into + 8L * i);
            double b = Memory.getDouble(from + 8L * i);
            Memory.setDouble(into + 8L * i, largest ? Math.max(a, b) : a + b);
        }
    }

    /// Combines each window's elements of one row; windows without one give the identity.
    static void reduce(GemmLane lane, boolean largest, long row, PoolAxis axis, long out) {
        switch (lane) {
            case F32 -> reduceFloats(largest, row, axis, out);
            case F64 -> reduceDoubles(largest, row, axis, out);
        }
    }

    private static void reduceFloats(boolean largest, long row, PoolAxis axis, long out) {
        PoolLanes.reduce(largest, row, axis, out);
        int begin = axis.inner().begin();
        reduceFloats(largest, row, axis, out, 0, begin);
        reduceFloats(largest, row, axis, out, PoolLanes.end(axis), axis.windows());
    }

    private static void reduceFloats(
            boolean largest, long row, PoolAxis axis, long out, int begin, int end) {
        for (int i = begin; i < end; i++) {
            float sum = largest ? Float.NEGATIVE_INFINITY : 0;
            long at = row + 4L * axis.first(i);
            long step = 4L * axis.dilation();
            for (int t = 0; t < axis.count(i); t++) {
                float next = Memory.getFloat(at);
                sum = largest ? Math.max(sum, next) : sum + next;
                at += step;
            }
            Memory.setFloat(out + 4L * i, sum);
        }
    }

    private static void reduceDoubles(boolean largest, long row, PoolAxis axis, long out) {
        for (int i = 0; i < axis.windows(); i++) {
            double sum = largest ? Double.NEGATIVE_INFINITY : 0;
            long at = row + 8L * axis.first(i);
            long step = 8L * axis.dilation();
            for (int t = 0; t < axis.count(i); t++) {
                double next = Memory.getDouble(at);
                sum = largest ? Math.max(sum, next) : sum + next;
                at += step;
            }
            Memory.setDouble(out + 8L * i, sum);
        }
    }

    /// Adds each window's element to all its places in one row.
    static void spread(GemmLane lane, long from, PoolAxis axis, long row) {
        for (int i = 0; i < axis.windows(); i++) {
            for (int t = 0; t < axis.count(i); t++) {
                add(lane, row + (long) lane.bytes * axis.place(i, t), from + (long) lane.bytes * i);
            }
        }
    }

    /// Adds the element at `from` to the one at `into`.
    static void add(GemmLane lane, long into, long from) {
        switch (lane) {
            case F32 -> Memory.setFloat(into, Memory.getFloat(into) + Memory.getFloat(from));
            case F64 -> Memory.setDouble(into, Memory.getDouble(into) + Memory.getDouble(from));
        }
    }

    /// Copies one element.
    static void copy(GemmLane lane, long into, long from) {
        switch (lane) {
            case F32 -> Memory.setInt(into, Memory.getInt(from));
            case F64 -> Memory.setLong(into, Memory.getLong(from));
        }
    }

    /// Where the largest element of a window lies: the first one at a tie, but the last NaN; -1 if
    /// the window has none.
    ///
    /// Elements are compared as integers that are ordered like them and end in their place, without
    /// a branch that depends on what they are.
    static int largestFloat(long x, int[] rows, PoolAxis axis, int window) {
        int first = axis.first(window);
        int count = axis.count(window);
        int gap = axis.dilation();
        long best = Long.MIN_VALUE;
        for (int row : rows) {
            int at = row * axis.places() + first;
            for (int t = 0; t < count; t++) {
                // Adding 0 makes one zero of both.
                int bits = Float.floatToIntBits(Memory.getFloat(x + 4L * at) + 0.0f);
                int order = bits ^ (bits >> 31 & Integer.MAX_VALUE);
                int place = bits == NAN ? at : ~at;
                best = Math.max(best, ((long) order << 32) | (place & 0xffffffffL));
                at += gap;
            }
        }
        int place = (int) best;
        boolean nan = (int) (best >> 32) == NAN;
        return best == Long.MIN_VALUE ? -1 : nan ? place : ~place;
    }

    /// Sets one element.
    static void set(GemmLane lane, long into, double value) {
        switch (lane) {
            case F32 -> Memory.setFloat(into, (float) value);
            case F64 -> Memory.setDouble(into, value);
        }
    }
}
