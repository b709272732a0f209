package org.gemel.data;

import java.util.Objects;
import org.gemel.GemelException;

/// Grey images of one size with a class index each, kept as the bytes that were read.
public final class LabelledImages {
    private final int rows;
    private final int columns;
    private final byte[] pixels;
    private final byte[] labels;

    /// Takes over images and labels.
    ///
    /// @param pixels one unsigned byte per pixel, image after image, row-major
    /// @param labels one unsigned byte per image
    /// @throws GemelException if there is not exactly one label per image
    public LabelledImages(int rows, int columns, byte[] pixels, byte[] labels) {
        if ((long) labels.length * rows * columns != pixels.length) {
            throw new GemelException(
                    ("images: expects one label per image of %d x %d, but got %d pixels and %d"
                                    + " labels; drop the odd ones")
                            .formatted(rows, columns, pixels.length, labels.length));
        }
        this.rows = rows;
        this.columns = columns;
        this.pixels = pixels;
        this.labels = labels;
    }

    /// The number of images.
    public int size() {
        return labels.length;
    }

    /// The height of an image.
    public int rows() {
        return rows;
    }

    /// The width of an image.
    public int columns() {
        return columns;
    }

    /// The number of pixels of one image.
    public int pixelsPerImage() {
        return rows * columns;
    }

    /// The class of image `index`.
    public int label(int index) {
        return labels[index] & 0xff;
    }

    /// Writes image `index`, scaled from 0..255 to 0..1, to `target` at `offset`.
    public void copyPixels(int index, float[] target, int offset) {
        int length = pixelsPerImage();
        Objects.checkIndex(index, size());
        Objects.checkFromIndexSize(offset, length, target.length);
        int from = index * length;
        for (int i = 0; i < length; i++) {
            target[offset + i] = (pixels[from + i] & 0xff) / 255f;
        }
    }

    /// Mini-batches of up to `size` images, in the order of the data.
    ///
    /// @throws GemelException if `size` is not positive
    public Batches batches(int size) {
        return new Batches(this, size);
    }
}
