package org.gemel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Resizings that choose or weigh elements by where their middles are.
final class Resampling {
    // The slope of Keys' convolution at distance 1.
    private static final double SLOPE = -0.75;

    private Resampling() {}

    private static double step(Tensor x, int axis, int[] size, double[] scale) {
        return scale.length > 0 ? 1 / scale[axis] : (double) x.shape().dim(axis + 2) / size[axis];
    }

    private static List<Object> attributes(int[] size, double[] scale, Object... more) {
        List<Object> all = new ArrayList<>();
        all.add(Resizing.list(size));
        all.add(Arrays.stream(scale).boxed().toList());
        all.addAll(List.of(more));
        return all;
    }

    static Tensor nearest(Tensor x, int[] size, double[] scale) {
        int rank = Resizing.spatial("resizeNearestExact", x, size);
        int[][] places = new int[rank][];
        for (int axis = 0; axis < rank; axis++) {
            int last = x.shape().dim(axis + 2) - 1;
            double step = step(x, axis, size, scale);
            places[axis] =
                    IntStream.range(0, size[axis])
                            .map(i -> Math.min(last, (int) ((i + 0.5) * step)))
                            .toArray();
        }
        return Resizing.apply(
                "resize_nearest_exact",
                attributes(size, scale),
                x,
                in -> {
                    Tensor y = in;
                    for (int axis = 0; axis < rank; axis++) {
                        y = Resizing.chosen(y, axis + 2, places[axis]);
                    }
                    return y;
                });
    }

    static Tensor cubic(Tensor x, int[] size, double[] scale, boolean alignCorners) {
        int rank = Resizing.spatial("resizeCubic", x, size);
        return Resizing.apply(
                "resize_cubic",
                attributes(size, scale, alignCorners),
                x,
                in -> {
                    Tensor y = in;
                    for (int axis = 0; axis < rank; axis++) {
                        int n = x.shape().dim(axis + 2);
                        int m = size[axis];
                        double step = step(x, axis, size, scale);
                        double[] positions =
                                IntStream.range(0, m)
                                        .mapToDouble(i ->
                                                alignCorners
                                                        ? m > 1 ? i * (n - 1.0) / (m - 1) : 0
                                                        : (i + 0.5) * step - 0.5)
                                        .toArray();
                        y = blended(y, axis + 2, positions);
                    }
                    return y;
                });
    }

    private static Tensor blended(Tensor x, int axis, double[] positions) {
        return part(x, axis, positions, -1)
                .add(part(x, axis, positions, 0))
                .add(part(x, axis, positions, 1))
                .add(part(x, axis, positions, 2));
    }

    // What the element `offset` after the one at or before each position gives.
    private static Tensor part(Tensor x, int axis, double[] positions, int offset) {
        int last = x.shape().dim(axis) - 1;
        Shape along = Shape.along(x.shape().rank(), axis, positions.length);
        int[] places =
                Arrays.stream(positions)
                        .mapToInt(p -> Math.clamp((long) Math.floor(p) + offset, 0, last))
                        .toArray();
        double[] weights =
                Arrays.stream(positions)
                        .map(p -> weight(Math.abs(p - Math.floor(p) - offset)))
                        .toArray();
        Tensor share = Poolings.numbers(weights, along, x.dtype());
        return Resizing.chosen(x, axis, places).mul(share);
    }

    // Equations 4 and 5 of Keys.
    private static double weight(double distance) {
        double d = distance;
        return d <= 1
                ? ((SLOPE + 2) * d - (SLOPE + 3)) * d * d + 1
                : ((SLOPE * d - 5 * SLOPE) * d + 8 * SLOPE) * d - 4 * SLOPE;
    }
}
