package org.gemel.backend.vector;

import java.util.List;
import org.gemel.backend.vector.Planner.Plan;
import org.gemel.backend.vector.Planner.Room;

/// Where a loop's own operands lie in a block of scratch memory.
///
/// @param first the index of the first of them
/// @param offsets where each lies
/// @param bytes the size of the block
record Rooms(int first, long[] offsets, long bytes) {
    private static final long VECTORS = 128;
    private static final long LANES = 512;

    /// For runs of at most `run` elements.
    static Rooms of(Plan plan, long run) {
        return of(plan, run, true);
    }

    /// For runs of at most `run` elements.
    ///
    /// @param columns whether accumulators for each element of the run are in the block too
    static Rooms of(Plan plan, long run, boolean columns) {
        List<Room> rooms = plan.rooms();
        int first = plan.body().operands().size() - rooms.size();
        long[] offsets = new long[rooms.size()];
        long at = 0;
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = at;
            int bytes = plan.body().operands().get(first + i).dtype().bytes();
            at +=
                    switch (rooms.get(i)) {
                        // Not a multiple of 4,096, to spread runs over the sets of the cache.
                        case RUN -> (run * bytes + 63 & -64L) + 64;
                        case COLUMNS -> columns ? ColumnsKernel.lanesBytes(run, bytes) : 0;
                        case CELL -> 64;
                        case LANES -> LANES;
                        case SPILL -> VECTORS;
                    };
        }
        return new Rooms(first, offsets, at);
    }

    /// Writes the addresses, for a block at `base`.
    void place(long base, long[] into) {
        for (int i = 0; i < offsets.length; i++) {
            into[first + i] = base + offsets[i];
        }
    }
}
