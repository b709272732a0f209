package org.gemel.compiler;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Where each temporary lies in one arena: two share bytes if they are never alive together.
///
/// @param offsets for each temporary, in bytes, a multiple of 64
/// @param bytes the size of the arena
/// @param total what all temporaries take together
/// @param lowerBound the most that is alive at one time: no plan needs less
record MemoryPlan(long[] offsets, long bytes, long total, long lowerBound) {
    private static final int ALIGNMENT = 64;

    /// One temporary.
    ///
    /// @param bytes its size
    /// @param born the step that writes it
    /// @param dies the last step that reads it
    record Range(long bytes, int born, int dies) {
        private boolean overlaps(Range other) {
            return born <= other.dies && other.born <= dies;
        }
    }

    private record Placed(Range range, long from, long to) {}

    /// Places the largest first, each into the smallest gap between those alive with it.
    static MemoryPlan of(List<Range> ranges) {
        long[] offsets = new long[ranges.size()];
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < offsets.length; i++) {
            order.add(i);
        }
        order.sort(Comparator.comparingLong((Integer i) -> -ranges.get(i).bytes));
        List<Placed> placed = new ArrayList<>();
        long end = 0;
        long total = 0;
        for (int i : order) {
            Range range = ranges.get(i);
            long size = padded(range.bytes);
            long at = gap(placed, range, size);
            placed.add(new Placed(range, at, at + size));
            offsets[i] = at;
            end = Math.max(end, at + size);
            total += size;
        }
        return new MemoryPlan(offsets, end, total, bound(ranges));
    }

    private static long gap(List<Placed> placed, Range range, long size) {
        List<Placed> rivals =
                placed.stream()
                        .filter(other -> other.range.overlaps(range))
                        .sorted(Comparator.comparingLong(Placed::from))
                        .toList();
        long best = -1;
        long bestSize = Long.MAX_VALUE;
        long free = 0;
        for (Placed rival : rivals) {
            long room = rival.from - free;
            if (room >= size && room < bestSize) {
                best = free;
                bestSize = room;
            }
            free = Math.max(free, rival.to);
        }
        return best >= 0 ? best : free;
    }

    private static long bound(List<Range> ranges) {
        long most = 0;
        for (Range at : ranges) {
            long alive = 0;
            for (Range range : ranges) {
                alive += range.born <= at.born && at.born <= range.dies ? padded(range.bytes) : 0;
            }
            most = Math.max(most, alive);
        }
        return most;
    }

    private static long padded(long bytes) {
        return Math.max(ALIGNMENT, Math.ceilDiv(bytes, (long) ALIGNMENT) * ALIGNMENT);
    }
}
