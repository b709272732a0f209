package org.gemel.backend.vector;

/// A strided copy plane by plane, each plane being transposed.
///
/// A plane is the innermost dimension, along which the destination is contiguous, and the turned
/// one, along which the source is. It is cut into strips of a cache line's width along the turned
/// dimension: a strip reads whole lines of the source and writes its rows of the destination
/// forwards.
final class CopyPlanes {
    /// Elements on each side of a block that is transposed element by element.
    private static final int SCALAR_BLOCK = 16;

    private final CopyNest nest;
    private final long source;
    private final long destination;
    private final int turned;
    private final int block;
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
    }

    private long width() {
        return nest.dims()[nest.inner()];
    }

    private long height() {
        return nest.dims()[turned];
    }

    private long stripsPerPlane() {
        return Math.ceilDiv(height(), block);
    }

    /// How many strips all planes have.
    long strips() {
        return nest.elements() / (width() * height()) * stripsPerPlane();
    }

    /// Bytes of one whole strip.
    long stripBytes() {
        return block * width() * nest.elementBytes();
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
            long row = strip % stripsPerPlane() * block;
            if (inRegisters) {
                vectorStrip(from, to, Math.min(row, height() - block));
            } else {
                scalarStrip(from, to, row, Math.min(block, height() - row));
            }
        }
    }

    /// Blocks that would end beyond the plane begin earlier and write some elements again.
    private void vectorStrip(long planeFrom, long planeTo, long row) {
        long fromStride = nest.from()[nest.inner()];
        long toStride = nest.to()[turned];
        int bytes = nest.elementBytes();
        PanelTranspose transpose = bytes == 4 ? PanelTranspose.INTS : PanelTranspose.LONGS;
        long from = planeFrom + row * bytes;
        long to = planeTo + row * toStride;
        for (long at = 0; at < width(); at += block) {
            long column = Math.min(at, width() - block);
            transpose.run(
                    from + column * fromStride, fromStride, block, to + column * bytes, toStride);
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
