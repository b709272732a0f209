package org.gemel.backend.vector;

import java.lang.foreign.Arena;
import java.util.function.IntFunction;

/// The packing buffers of one thread, kept for its next product; they go with the thread.
final class GemmScratch {
    /// Bytes of one row of the packed block of B.
    static final int BLOCK_BYTES = 2048;

    private static final int ALIGNMENT = 64;
    private static final int MAX_ROWS = 16;
    private static final int MAX_LENGTH = 16;
    private static final int MAX_ELEMENT = 8;

    // The only owner of a buffer is its thread, so nothing is shared through this field.
    private static final ThreadLocal<GemmScratch> OF_THREAD =
            ThreadLocal.withInitial(GemmScratch::new);

    private final Arena arena = Arena.ofAuto();
    private final Arrays floats = new Arrays(float[]::new);
    private final Arrays doubles = new Arrays(double[]::new);
    private final long block = allocate(GemmMicroKernel.ROW_STRIDE * BLOCK_BYTES);
    private final long tile = allocate(MAX_ROWS * GemmMicroKernel.MAX_VECTORS * 64);
    private long transposed;
    private long local;
    private long turned;

    private GemmScratch() {}

    static GemmScratch ofThread() {
        return OF_THREAD.get();
    }

    private long allocate(long bytes) {
        return arena.allocate(bytes, ALIGNMENT).address();
    }

    /// The heap arrays for one element type.
    Arrays arrays(GemmLane lane) {
        return switch (lane) {
            case F32 -> floats;
            case F64 -> doubles;
        };
    }

    /// What a micro-kernel reads from the heap: `float[]` or `double[]` each.
    ///
    /// @param rows the packed rows of A
    /// @param begin a tile of C, where chains go on
    /// @param zeros one row of a tile, where they start
    record Arrays(Object rows, Object begin, Object zeros) {
        private Arrays(IntFunction<Object> create) {
            this(
                    create.apply(MAX_ROWS * GemmMicroKernel.ROW_STRIDE),
                    create.apply(MAX_ROWS * GemmMicroKernel.MAX_VECTORS * MAX_LENGTH),
                    create.apply(GemmMicroKernel.MAX_VECTORS * MAX_LENGTH));
        }
    }

    /// The packed block of B, panel after panel.
    long block() {
        return block;
    }

    /// Room for a tile that sticks out of C.
    long tile() {
        return tile;
    }

    /// Room for a group of rows of C over a block of columns, each row of [#BLOCK_BYTES].
    long local() {
        if (local == 0) {
            local = allocate((long) MAX_ROWS * BLOCK_BYTES);
        }
        return local;
    }

    /// Room for a tile of few columns of C, as many rows as a block of B has columns.
    long turned() {
        if (turned == 0) {
            turned = allocate((long) MAX_LENGTH / 2 * BLOCK_BYTES);
        }
        return turned;
    }

    /// Room for the rows of one tile of C being transposed, [#rowBytes] apart, with one vector's
    /// worth of rows before and after them.
    long transposed(GemmLane lane) {
        if (transposed == 0) {
            int rows = MAX_ROWS * GemmBlocks.GROUPS_PER_TRANSPOSE + 2 * MAX_LENGTH;
            transposed = allocate((long) rows * GemmMicroKernel.ROW_STRIDE * MAX_ELEMENT);
        }
        return transposed + (long) MAX_LENGTH * rowBytes(lane);
    }

    /// How much room there is for them.
    static long transposedBytes(GemmLane lane) {
        return (long) MAX_ROWS * GemmBlocks.GROUPS_PER_TRANSPOSE * rowBytes(lane);
    }

    /// Bytes from one transposed row to the next.
    static int rowBytes(GemmLane lane) {
        return GemmMicroKernel.ROW_STRIDE * lane.bytes;
    }
}
