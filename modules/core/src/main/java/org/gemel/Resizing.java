package org.gemel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.gemel.op.Composite;
import org.gemel.op.Pad;

/// The bodies of paddings, resizings and window copies of [Tensor].
final class Resizing {
    private Resizing() {}

    static Tensor apply(String name, List<?> attributes, Tensor x, UnaryOperator<Tensor> body) {
        Composite op = Composite.of(name, attributes, in -> List.of(body.apply(in.getFirst())));
        return Tensor.apply(op, List.of(x)).getFirst();
    }

    static List<Integer> list(int[] values) {
        return Arrays.stream(values).boxed().toList();
    }

    // ---- choosing places along a dimension

    // More pieces than padding ever has: then one gather is cheaper than its slices, of which the
    // derivative adds up whole tensors.
    private static final int MOST_RUNS = 4;

    /// Places that go on by one, up or down, or stay.
    private record Run(int first, int step, int count) {}

    private static List<Run> runs(int[] places) {
        List<Run> runs = new ArrayList<>();
        int from = 0;
        while (from < places.length) {
            int step = from + 1 < places.length ? places[from + 1] - places[from] : 1;
            int to = from + 1;
            while (to < places.length
                    && Math.abs(step) <= 1
                    && places[to] - places[to - 1] == step) {
                to++;
            }
            runs.add(new Run(places[from], to - from == 1 ? 1 : step, to - from));
            from = to;
        }
        return runs;
    }

    /// The elements at `places` along `axis`: places that go on by one are a slice, equal ones an
    /// expansion, and many of both are gathered.
    static Tensor chosen(Tensor x, int axis, int[] places) {
        if (places.length == 0) {
            return x.slice(axis, 0, 0, 1);
        }
        List<Run> runs = runs(places);
        if (runs.size() > MOST_RUNS) {
            Shape along = Shape.along(x.shape().rank(), axis, places.length);
            long[] index = Arrays.stream(places).asLongStream().toArray();
            return Indexing.gathered(x, axis, Gemel.tensor(index, along.dims()));
        }
        List<Tensor> parts = new ArrayList<>();
        for (Run run : runs) {
            int first = run.first();
            int step = run.step();
            int count = run.count();
            if (step == 0) {
                Tensor one = x.slice(axis, first, first + 1, 1);
                parts.add(one.expand(one.shape().with(axis, count)));
            } else {
                parts.add(x.slice(axis, first, first + count * step, step));
            }
        }
        return parts.size() == 1 ? parts.getFirst() : Tensor.concat(parts, axis);
    }

    // ---- padding

    private static void pads(String name, Tensor x, int[] before, int[] after) {
        if (before.length != x.shape().rank() || after.length != before.length) {
            throw new TypeException(
                    "%s: expects padding before and after each dimension of %s, but got %s and %s;"
                                    .formatted(
                                            name,
                                            x.type(),
                                            Arrays.toString(before),
                                            Arrays.toString(after))
                            + " give 0 where there is none");
        }
    }

    static Tensor constant(Tensor x, int[] before, int[] after, double value) {
        pads("pad", x, before, after);
        Shape shape = x.shape();
        for (int axis = 0; axis < before.length; axis++) {
            if (shape.dim(axis) + Math.min(0, before[axis]) + Math.min(0, after[axis]) < 0) {
                throw new TypeException(
                        "pad: expects to cut off at most the whole dimension %d of %s, but got %s and"
                                        .formatted(axis, x.type(), Arrays.toString(before))
                                + " %s; cut off less".formatted(Arrays.toString(after)));
            }
        }
        int[] first = before.clone();
        int[] last = after.clone();
        return apply(
                "pad",
                List.of(list(first), list(last), value),
                x,
                in -> {
                    Tensor inner = in;
                    for (int axis = 0; axis < first.length; axis++) {
                        int low = Math.max(0, -first[axis]);
                        int high = shape.dim(axis) - Math.max(0, -last[axis]);
                        inner = inner.slice(axis, low, high, 1);
                    }
                    Pad pad =
                            Pad.around(
                                    inner.shape(),
                                    Arrays.stream(first).map(p -> Math.max(0, p)).toArray(),
                                    Arrays.stream(last).map(p -> Math.max(0, p)).toArray());
                    Tensor padded = inner.padded(pad);
                    if (value == 0) {
                        return padded;
                    }
                    Tensor inside = inner.onesLike().padded(pad).ne(padded.zerosLike());
                    return Tensor.where(inside, padded, Tensor.full(padded.type(), value));
                });
    }

    /// Which place of a dimension of `size` stands at place `at` of its extension.
    private interface Extension {
        int place(int at, int size);
    }

    private static Tensor extended(
            String name,
            Tensor x,
            int[] before,
            int[] after,
            IntUnaryOperator most,
            Extension extension) {
        pads(name, x, before, after);
        Shape shape = x.shape();
        int[][] places = new int[before.length][];
        for (int axis = 0; axis < places.length; axis++) {
            int size = shape.dim(axis);
            int limit = Math.max(0, most.applyAsInt(size));
            boolean wrong = before[axis] < 0 || after[axis] < 0;
            if (wrong || before[axis] > limit || after[axis] > limit) {
                throw new TypeException(
                        "%s: expects 0 to %s places on each side of dimension %d of %s, but got %d and"
                                        .formatted(
                                                name,
                                                limit == Integer.MAX_VALUE
                                                        ? "any number of"
                                                        : limit,
                                                axis,
                                                x.type(),
                                                before[axis])
                                + " %d; pad less, or in steps".formatted(after[axis]));
            }
            int first = before[axis];
            places[axis] =
                    IntStream.range(-first, size + after[axis])
                            .map(at -> extension.place(at, size))
                            .toArray();
        }
        return apply(
                name,
                List.of(list(before), list(after)),
                x,
                in -> {
                    Tensor y = in;
                    for (int axis = 0; axis < places.length; axis++) {
                        if (places[axis].length != shape.dim(axis)) {
                            y = chosen(y, axis, places[axis]);
                        }
                    }
                    return y;
                });
    }

    static Tensor reflect(Tensor x, int[] before, int[] after) {
        return extended(
                "padReflect",
                x,
                before,
                after,
                size -> size - 1,
                (at, size) -> at < 0 ? -at : at >= size ? 2 * size - 2 - at : at);
    }

    static Tensor replicate(Tensor x, int[] before, int[] after) {
        return extended(
                "padReplicate",
                x,
                before,
                after,
                size -> size == 0 ? 0 : Integer.MAX_VALUE,
                (at, size) -> Math.clamp(at, 0, size - 1));
    }

    static Tensor circular(Tensor x, int[] before, int[] after) {
        return extended(
                "padCircular",
                x,
                before,
                after,
                size -> size,
                (at, size) -> Math.floorMod(at, size));
    }

    // ---- resizing

    static int spatial(String name, Tensor x, int[] size) {
        int rank = x.shape().rank() - 2;
        boolean fits =
                rank >= 1
                        && size.length == rank
                        && x.dtype().isFloating()
                        && Arrays.stream(size).allMatch(n -> n >= 1)
                        && Convolutions.last(x.shape(), rank).stream().allMatch(n -> n >= 1);
        if (!fits) {
            throw new TypeException(
                    "%s: expects a floating-point type [n, channels, spatial..] and as many sizes of at least 1,"
                                    .formatted(name)
                            + " but got %s and %s; give one size for each spatial dimension"
                                    .formatted(x.type(), Arrays.toString(size)));
        }
        return rank;
    }

    /// The sizes that `scale` gives.
    static int[] scaled(Tensor x, double[] scale) {
        int rank = x.shape().rank() - 2;
        if (scale.length != rank || Arrays.stream(scale).anyMatch(s -> !(s > 0))) {
            throw new TypeException(
                    "resize: expects a positive scale for each spatial dimension of %s, but got %s;"
                                    .formatted(x.type(), Arrays.toString(scale))
                            + " give one each");
        }
        return IntStream.range(0, rank)
                .map(axis -> (int) Math.floor(x.shape().dim(axis + 2) * scale[axis]))
                .toArray();
    }

    static Tensor nearest(Tensor x, int[] size, double[] scale) {
        int rank = spatial("resizeNearest", x, size);
        int[][] places = new int[rank][];
        for (int axis = 0; axis < rank; axis++) {
            int n = x.shape().dim(axis + 2);
            double step = scale.length > 0 ? 1 / scale[axis] : (double) n / size[axis];
            boolean whole = scale.length == 0;
            int m = size[axis];
            places[axis] =
                    IntStream.range(0, m)
                            .map(i ->
                                    whole
                                            ? (int) ((long) i * n / m)
                                            : Math.min(n - 1, (int) Math.floor(i * step)))
                            .toArray();
        }
        return apply(
                "resize_nearest",
                List.of(list(size), Arrays.stream(scale).boxed().toList()),
                x,
                in -> {
                    Tensor y = in;
                    for (int axis = 0; axis < rank; axis++) {
                        y = chosen(y, axis + 2, places[axis]);
                    }
                    return y;
                });
    }

    /// Where each of `m` places reads among `n`, as a real number.
    private static double[] positions(int n, int m, boolean alignCorners, double step) {
        return IntStream.range(0, m)
                .mapToDouble(i ->
                        alignCorners
                                ? m > 1 ? i * (double) (n - 1) / (m - 1) : 0
                                : Math.max(0, (i + 0.5) * step - 0.5))
                .toArray();
    }

    static Tensor linear(Tensor x, int[] size, double[] scale, boolean alignCorners) {
        int rank = spatial("resizeLinear", x, size);
        List<Object> attributes =
                List.of(list(size), Arrays.stream(scale).boxed().toList(), alignCorners);
        return apply(
                "resize_linear",
                attributes,
                x,
                in -> {
                    Tensor y = in;
                    for (int axis = 0; axis < rank; axis++) {
                        int n = x.shape().dim(axis + 2);
                        double step = scale.length > 0 ? 1 / scale[axis] : (double) n / size[axis];
                        y = blended(y, axis + 2, positions(n, size[axis], alignCorners, step));
                    }
                    return y;
                });
    }

    private static Tensor blended(Tensor x, int axis, double[] positions) {
        int n = x.shape().dim(axis);
        int[] low = Arrays.stream(positions).mapToInt(p -> Math.min(n - 1, (int) p)).toArray();
        int[] high = Arrays.stream(low).map(p -> Math.min(n - 1, p + 1)).toArray();
        double[] share =
                IntStream.range(0, low.length).mapToDouble(i -> positions[i] - low[i]).toArray();
        Shape along = Shape.along(x.shape().rank(), axis, positions.length);
        Tensor upper = Poolings.numbers(share, along, x.dtype());
        Tensor lower = upper.rsub(1);
        return chosen(x, axis, low).mul(lower).add(chosen(x, axis, high).mul(upper));
    }

    // ---- between channels and places

    static Tensor shuffled(Tensor x, int factor) {
        int rank = x.shape().rank();
        if (rank < 3 || factor < 1 || x.shape().dim(-3) % (factor * factor) != 0) {
            throw new TypeException(
                    "pixelShuffle: expects [.., channels, height, width] with channels that %d^2"
                                    .formatted(factor)
                            + " divides, but got %s; change the factor".formatted(x.type()));
        }
        int c = x.shape().dim(-3) / factor / factor;
        int h = x.shape().dim(-2);
        int w = x.shape().dim(-1);
        int rows = rows(x.shape());
        return apply(
                "pixel_shuffle",
                List.of(factor),
                x,
                in ->
                        in.reshape(rows, c, factor, factor, h, w)
                                .permute(0, 1, 4, 2, 5, 3)
                                .reshape(like(x.shape(), c, h * factor, w * factor)));
    }

    static Tensor unshuffled(Tensor x, int factor) {
        int rank = x.shape().rank();
        if (rank < 3
                || factor < 1
                || x.shape().dim(-2) % factor != 0
                || x.shape().dim(-1) % factor != 0) {
            throw new TypeException(
                    "pixelUnshuffle: expects [.., channels, height, width] with sizes that %d divides,"
                                    .formatted(factor)
                            + " but got %s; change the factor".formatted(x.type()));
        }
        int c = x.shape().dim(-3);
        int h = x.shape().dim(-2) / factor;
        int w = x.shape().dim(-1) / factor;
        int rows = rows(x.shape());
        return apply(
                "pixel_unshuffle",
                List.of(factor),
                x,
                in ->
                        in.reshape(rows, c, h, factor, w, factor)
                                .permute(0, 1, 3, 5, 2, 4)
                                .reshape(like(x.shape(), c * factor * factor, h, w)));
    }

    // How many images there are; no -1 stands for them where one of them is empty.
    private static int rows(Shape shape) {
        int rows = 1;
        for (int d = 0; d < shape.rank() - 3; d++) {
            rows *= shape.dim(d);
        }
        return rows;
    }

    private static Shape like(Shape shape, int... last) {
        int rank = shape.rank();
        Shape result = shape;
        for (int i = 0; i < last.length; i++) {
            result = result.with(rank - last.length + i, last[i]);
        }
        return result;
    }
}
