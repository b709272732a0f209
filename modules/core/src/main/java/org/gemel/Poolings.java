package org.gemel;

import java.util.Arrays;
import java.util.List;
import org.gemel.op.Composite;
import org.gemel.op.Pool;
import org.gemel.op.Scatter;
import org.gemel.op.Windows;

/// The bodies of the poolings of [Tensor].
final class Poolings {
    private Poolings() {}

    static Tensor max(int rank, Tensor x, Pooling how) {
        return apply(Pool.Kind.MAX, windows("maxPool", rank, x, how), x);
    }

    static List<Tensor> maxWithPlaces(int rank, Tensor x, Pooling how) {
        Windows windows = windows("maxPool", rank, x, how);
        return List.of(apply(Pool.Kind.MAX, windows, x), apply(Pool.Kind.MAX_PLACE, windows, x));
    }

    static Tensor average(int rank, Tensor x, Pooling how) {
        if (how.dilation().stream().anyMatch(gap -> gap != 1)) {
            throw new TypeException(
                    "avgPool%dd: expects windows without gaps, but got dilation %s; leave it out"
                            .formatted(rank, how.dilation()));
        }
        Windows windows = windows("avgPool", rank, x, how);
        if (how.divisor() != 0) {
            return scaled("avg_pool", windows, x, how.divisor());
        }
        return averaged(windows, x, how.countPadding());
    }

    static Tensor power(int rank, Tensor x, double order, Pooling how) {
        Windows windows = windows("lpPool", rank, x, how);
        if (how.padding().stream().anyMatch(places -> places != 0)) {
            throw new TypeException(
                    "lpPool%dd: expects no padding, but got %s; pad the input itself"
                            .formatted(rank, how.padding()));
        }
        Composite op =
                Composite.of(
                        "lp_pool",
                        List.of(windows, order),
                        in -> {
                            // As PyTorch has it: what sticks out counts as if it were there.
                            Tensor mean = averaged(windows, powered(in.getFirst(), order), true);
                            double places = windows.kernel().stream().reduce(1, (a, b) -> a * b);
                            return List.of(mean.mul(places).pow(1 / order));
                        });
        return Tensor.apply(op, List.of(x)).getFirst();
    }

    private static Tensor powered(Tensor x, double order) {
        return order == 1 ? x : order == 2 ? x.square() : x.pow(order);
    }

    /// The transpose of picking the largest: each value at its place, zeros elsewhere.
    static Tensor unpooled(int rank, Tensor x, Tensor places, int[] size) {
        String name = "maxUnpool" + rank + "d";
        ranks("maxUnpool", rank, x);
        if (!places.shape().equals(x.shape()) || size.length != rank) {
            throw new TypeException(
                    "%s: expects a place i64 for each element of %s and %d spatial sizes, but got %s"
                                    .formatted(name, x.type(), rank, places.type())
                            + " and %s; take the places of maxPool%ddWithIndices"
                                    .formatted(Arrays.toString(size), rank));
        }
        int[] dims = x.shape().dims();
        int first = dims.length - rank;
        int rows = Arrays.stream(dims, 0, first).reduce(1, (a, b) -> a * b);
        int elements = Arrays.stream(size).reduce(1, (a, b) -> a * b);
        System.arraycopy(size, 0, dims, first, rank);
        Shape whole = Shape.of(dims);
        int each = Arrays.stream(x.shape().dims(), first, dims.length).reduce(1, (a, b) -> a * b);
        Shape flat = Shape.of(rows, each);
        Tensor checked = places.checkedIndex(elements, name).reshape(flat);
        Tensor none = Indexing.zero(x.type().with(Shape.of(rows, elements)));
        return Indexing.scattered(Scatter.Kind.SET, 1, none, checked, x.reshape(flat))
                .reshape(whole);
    }

    static Tensor adaptiveMax(int rank, Tensor x, int... output) {
        return apply(Pool.Kind.MAX, adaptive("adaptiveMaxPool", rank, x, output), x);
    }

    static List<Tensor> adaptiveMaxWithPlaces(int rank, Tensor x, int... output) {
        Windows windows = adaptive("adaptiveMaxPool", rank, x, output);
        return List.of(apply(Pool.Kind.MAX, windows, x), apply(Pool.Kind.MAX_PLACE, windows, x));
    }

    static Tensor adaptiveAverage(int rank, Tensor x, int... output) {
        return averaged(adaptive("adaptiveAvgPool", rank, x, output), x, true);
    }

    private static Tensor apply(Pool.Kind kind, Windows windows, Tensor x) {
        return Tensor.apply(new Pool(kind, windows), List.of(x)).getFirst();
    }

    private static void ranks(String name, int rank, Tensor x) {
        if (x.shape().rank() != rank + 1 && x.shape().rank() != rank + 2) {
            String places =
                    List.of("length", "height, width", "depth, height, width").get(rank - 1);
            throw new TypeException(
                    "%s%dd: expects [n, channels, %s] or one sample of it, but got %s; reshape it"
                            .formatted(name, rank, places, x.type()));
        }
    }

    private static Windows windows(String name, int rank, Tensor x, Pooling how) {
        ranks(name, rank, x);
        return how.windows(name + rank + "d", Convolutions.last(x.shape(), rank));
    }

    private static Windows adaptive(String name, int rank, Tensor x, int[] output) {
        ranks(name, rank, x);
        List<Integer> sizes =
                Convolution.spread(
                        name + rank + "d",
                        "output size",
                        Arrays.stream(output).boxed().toList(),
                        rank,
                        0);
        List<Integer> input = Convolutions.last(x.shape(), rank);
        if (input.contains(0) && !sizes.contains(0)) {
            throw new TypeException(
                    "%s%dd: expects at least one element to pool, but got %s; check for an empty"
                                    .formatted(name, rank, x.type())
                            + " tensor before");
        }
        return Windows.adaptive(input, sizes);
    }

    private static Tensor averaged(Windows windows, Tensor x, boolean countPadding) {
        double[] counts = new double[] {1};
        for (int axis = 0; axis < windows.rank(); axis++) {
            counts = outer(counts, counts(windows, axis, countPadding));
        }
        double first = counts.length == 0 ? 1 : counts[0];
        if (Arrays.stream(counts).allMatch(count -> count == first)) {
            return scaled("avg_pool", windows, x, first);
        }
        double[] all = counts;
        Shape shape = Shape.of(windows.output().stream().mapToInt(Integer::intValue).toArray());
        Composite op =
                Composite.of(
                        "avg_pool_uneven",
                        List.of(windows, countPadding),
                        in -> {
                            Tensor sums = apply(Pool.Kind.SUM, windows, in.getFirst());
                            return List.of(sums.div(numbers(all, shape, in.getFirst().dtype())));
                        });
        return Tensor.apply(op, List.of(x)).getFirst();
    }

    private static Tensor scaled(String name, Windows windows, Tensor x, double divisor) {
        Composite op =
                Composite.of(
                        name,
                        List.of(windows, divisor),
                        in -> List.of(apply(Pool.Kind.SUM, windows, in.getFirst()).div(divisor)));
        return Tensor.apply(op, List.of(x)).getFirst();
    }

    /// A tensor of numbers known beforehand.
    static Tensor numbers(double[] values, Shape shape, DType dtype) {
        Tensor wide = Gemel.tensor(values, shape.dims());
        return wide.to(dtype);
    }

    private static double[] outer(double[] a, double[] b) {
        double[] all = new double[a.length * b.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = a[i / b.length] * b[i % b.length];
        }
        return all;
    }

    // Places of each window; of what sticks out behind the padding, none.
    private static double[] counts(Windows windows, int axis, boolean countPadding) {
        double[] counts = new double[windows.output().get(axis)];
        int n = windows.input().get(axis);
        int pad = countPadding ? windows.before().get(axis) : 0;
        for (int i = 0; i < counts.length; i++) {
            int start = windows.start(axis, i);
            int end = Math.min(start + windows.length(axis, i), n + pad);
            counts[i] = end - Math.max(start, -pad);
        }
        return counts;
    }
}
