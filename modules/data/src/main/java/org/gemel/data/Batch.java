package org.gemel.data;

import org.gemel.Gemel;
import org.gemel.Tensor;

/// Some images and their labels, in arrays that the next batch will use again.
public final class Batch {
    private final int pixelsPerImage;
    private final float[] pixels;
    private final long[] labels;

    Batch(int size, int pixelsPerImage) {
        this.pixelsPerImage = pixelsPerImage;
        this.pixels = new float[Math.multiplyExact(size, pixelsPerImage)];
        this.labels = new long[size];
    }

    /// The number of images.
    public int size() {
        return labels.length;
    }

    /// The images as f32 `[size, pixels per image]`, 0 to 1.
    public Tensor images() {
        return Gemel.tensor(pixels, size(), pixelsPerImage);
    }

    /// The labels as i64 `[size]`.
    public Tensor labels() {
        return Gemel.tensor(labels);
    }

    /// The class of image `index` of this batch.
    public int label(int index) {
        return (int) labels[index];
    }

    /// Pixel `pixel` of image `index` of this batch, 0 to 1.
    public float pixel(int index, int pixel) {
        return pixels[index * pixelsPerImage + pixel];
    }

    void fill(LabelledImages source, int[] order, int from) {
        for (int i = 0; i < labels.length; i++) {
            int image = order[from + i];
            source.copyPixels(image, pixels, i * pixelsPerImage);
            labels[i] = source.label(image);
        }
    }
}
