package org.gemel.backend.vector;

/// A strided copy plane by plane, each plane being transposed.
///
/// A plane is the innermost dimension, along which the destination is contiguous, and the turned
/// one, along which the source is. It is cut into strips along the turned dimension, and these into
/// tiles: a tile takes several cache lines of each row of the source and of the destination, so
/// that a page is not left after one line.
final class CopyPlanes {
    /// Elements on each side of a block that is transposed element by element.
    private static final int SCALAR_BLOCK = 16;

    /// Blocks on each side of a tile of those that are transposed in registers.
    private static final int TILE = 4;

    private final CopyNest nest;
    private final long source;
    private final long destination;
    private final int turned;
    private final int block;
    private final int tile;
    private final boolean inRegisters;

    CopyPlanes(CopyNest nest, long source, long destination) {
        this.nest = nest;
        this.source = source;
        this.destination = destination;
        this.turned = nest.turned();
        int length =
                switch (nest.elementBytes()) {
                    case 4 -> PanelTranspose.INT_LENGTH;
                    case 8 -> PanelTranspose.LONG_LENGTH;
                    default -> Integer.MAX_VALUE;
                };
        this.inRegisters = width() >= length && height() >= length;
        this.block = inRegisters ? length : SCALAR_BLOCK;
        this.tile = inRegisters ? TILE * block : block;
    }

    private long width() {
        return nest.dims()[nest.inner()];
    }

    private long height() {
        return nest.dims()[turned];
    }

    private long stripsPerPlane() {
        return Math.ceilDiv(height(), tile);
    }

    /// How many strips all planes have.
    long strips() {
        return nest.elements() / (width() * height()) * stripsPerPlane();
    }

    /// Bytes of one whole strip.
    long stripBytes() {
        return Math.min(tile, height()) * width() * nest.elementBytes();
    }

    /// Copies the strips `[begin, end)`.
    void run(long begin, long end) {
        for (long strip = begin; strip < end; strip++) {
            long from = source;
            long to = destination;
            long rest = strip / stripsPerPlane();
            for (int i = nest.inner() - 1; i >= 0; i--) {
                if (i != turned) {
                    long index = rest % nest.dims()[i];
                    rest /= nest.dims()[i];
                    from += index * nest.from()[i];
                    to += index * nest.to()[i];
                }
            }
            long row = strip % stripsPerPlane() * tile;
            if (inRegisters) {
                for (long column = 0; column < width(); column += tile) {
                    vectorTile(from, to, row, column);
                }
            } else {
                scalarStrip(from, to, row, Math.min(block, height() - row));
            }
        }
    }

    /// Blocks that would end beyond the plane begin earlier and write some elements again.
    private void vectorTile(long planeFrom, long planeTo, long row, long column) {
        long fromStride = nest.from()[nest.inner()];
        long toStride = nest.to()[turned];
        int bytes = nest.elementBytes();
        PanelTranspose transpose = bytes == 4 ? PanelTranspose.INTS : PanelTranspose.LONGS;
        long bottom = Math.min(row + tile, height());
        long right = Math.min(column + tile, width());
        for (long i = row; i < bottom; i += block) {
            long y = Math.min(i, height() - block);
            for (long j = column; j < right; j += block) {
                long x = Math.min(j, width() - block);
                transpose.run(
                        planeFrom + y * bytes + x * fromStride,
                        fromStride,
                        block,
                        planeTo + y * toStride + x * bytes,
                        toStride);
            }
        }
    }

    private void scalarStrip(long planeFrom, long planeTo, long row, long rows) {
        int bytes = nest.elementBytes();
        long fromStride = nest.from()[nest.inner()];
        long toStride = nest.to()[turned];
        for (long column = 0; column < width(); column += block) {
            long columns = Math.min(block, width() - column);
            for (long i = row; i < row + rows; i++) {
                CopyRows.row(
                        bytes,
                        planeFrom + i * bytes + column * fromStride,
                        fromStride,
                        planeTo + i * toStride + column * bytes,
                        bytes,
                        columns);
            }
        }
    }
}
