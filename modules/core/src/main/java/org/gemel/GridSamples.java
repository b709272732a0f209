package org.gemel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.gemel.GridSampling.Interpolation;
import org.gemel.op.Composite;

/// Images read at places that a grid of real coordinates names (Jaderberg et al., 2015).
///
/// Along each dimension a coordinate becomes a few taps, elements with a weight; a place is the sum
/// over all combinations of taps.
final class GridSamples {
    // The slope of Keys' convolution at distance 1.
    private static final double SLOPE = -0.75;

    private GridSamples() {}

    /// One element along a dimension, numbered by a real number, and how much it counts.
    private record Tap(Tensor place, Tensor weight) {}

    static Tensor sample(Tensor x, Tensor grid, GridSampling how) {
        int rank = x.shape().rank() - 2;
        boolean fits =
                (rank == 2 || rank == 3)
                        && x.dtype().isFloating()
                        && grid.dtype() == x.dtype()
                        && grid.shape().rank() == rank + 2
                        && grid.shape().dim(0) == x.shape().dim(0)
                        && grid.shape().dim(-1) == rank
                        && Convolutions.last(x.shape(), rank).stream().allMatch(n -> n >= 1);
        if (!fits) {
            throw new TypeException(
                    "gridSample: expects a floating-point type [n, channels, height, width] with a"
                            + " grid [n, rows, columns, 2] (or one dimension more and 3), but got"
                            + " %s and %s; reshape or convert one"
                                    .formatted(x.type(), grid.type()));
        }
        if (how.interpolation() == Interpolation.CUBIC && rank != 2) {
            throw new TypeException(
                    "gridSample: expects 2 spatial dimensions for cubic interpolation, but got %s;"
                                    .formatted(x.type())
                            + " take LINEAR");
        }
        Composite op =
                Composite.of(
                        "grid_sample",
                        List.of(how),
                        in -> List.of(sampled(in.get(0), in.get(1), how)));
        return Tensor.apply(op, List.of(x, grid)).getFirst();
    }

    private static Tensor sampled(Tensor x, Tensor grid, GridSampling how) {
        int rank = x.shape().rank() - 2;
        int examples = x.shape().dim(0);
        int channels = x.shape().dim(1);
        int[] out = Arrays.copyOf(grid.shape().dims(), rank + 1);
        int points = Math.toIntExact(Shape.of(out).with(0, 1).size());
        int[] sizes = Arrays.copyOfRange(x.shape().dims(), 2, rank + 2);
        int elements = Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
        Tensor flat = x.reshape(Shape.of(examples, channels, elements));
        Tensor rows = grid.reshape(Shape.of(examples, 1, points, rank));
        List<List<Tap>> axes =
                IntStream.range(0, rank)
                        .mapToObj(axis -> {
                            // the last coordinate belongs to the first dimension
                            int at = rank - 1 - axis;
                            Tensor g = rows.slice(3, at, at + 1, 1).squeeze(3);
                            return taps(g, sizes[axis], how);
                        })
                        .toList();
        Tensor sum = combined(flat, sizes, axes, 0, List.of());
        int[] dims = new int[rank + 2];
        dims[0] = examples;
        dims[1] = channels;
        System.arraycopy(out, 1, dims, 2, rank);
        return sum.reshape(Shape.of(dims));
    }

    // The sum over all taps of the dimensions from `axis` on, with those `chosen` before.
    private static Tensor combined(
            Tensor flat, int[] sizes, List<List<Tap>> axes, int axis, List<Tap> chosen) {
        if (axis == sizes.length) {
            return element(flat, sizes, chosen);
        }
        return axes.get(axis).stream()
                .map(tap -> {
                    List<Tap> more = new ArrayList<>(chosen);
                    more.add(tap);
                    return combined(flat, sizes, axes, axis + 1, more);
                })
                .reduce(Tensor::add)
                .orElseThrow();
    }

    // The weighted element at one tap for each dimension; nothing outside.
    private static Tensor element(Tensor flat, int[] sizes, List<Tap> taps) {
        Tensor place = taps.getFirst().place();
        Tensor inside = place.eq(place);
        Tensor number = place.zerosLike().to(DType.I64);
        Tensor weight = taps.getFirst().weight();
        for (int axis = 0; axis < sizes.length; axis++) {
            Tensor own = taps.get(axis).place().detach();
            Tensor within = own.ge(0).and(own.le(sizes[axis] - 1));
            inside = inside.and(within);
            Tensor index = Tensor.where(within, own, own.zerosLike()).to(DType.I64);
            number = number.mul(sizes[axis]).add(index);
            weight = axis == 0 ? weight : weight.mul(taps.get(axis).weight());
        }
        Shape shape = flat.shape().with(2, number.shape().dim(2));
        Tensor value = Indexing.gathered(flat, 2, number.expand(shape));
        return value.mul(Tensor.where(inside, weight, weight.zerosLike()));
    }

    private static List<Tap> taps(Tensor g, int size, GridSampling how) {
        Tensor at =
                how.alignCorners()
                        ? g.add(1).mul((size - 1) / 2.0)
                        : g.add(1).mul(size).sub(1).mul(0.5);
        return switch (how.interpolation()) {
            case NEAREST -> {
                Tensor place = moved(at, size, how).round();
                yield List.of(new Tap(place, place.detach().onesLike()));
            }
            case LINEAR -> {
                Tensor place = moved(at, size, how);
                Tensor low = place.floor();
                Tensor share = place.sub(low);
                yield List.of(new Tap(low, share.rsub(1)), new Tap(low.add(1), share));
            }
            case CUBIC -> {
                Tensor low = at.floor();
                Tensor t = at.sub(low);
                yield List.of(
                        new Tap(moved(low.sub(1), size, how), far(t.add(1))),
                        new Tap(moved(low, size, how), near(t)),
                        new Tap(moved(low.add(1), size, how), near(t.rsub(1))),
                        new Tap(moved(low.add(2), size, how), far(t.rsub(2))));
            }
        };
    }

    // Equations 4 and 5 of Keys, up to distance 1 and 2.
    private static Tensor near(Tensor d) {
        return d.mul(SLOPE + 2).sub(SLOPE + 3).mul(d).mul(d).add(1);
    }

    private static Tensor far(Tensor d) {
        return d.mul(SLOPE).sub(5 * SLOPE).mul(d).add(8 * SLOPE).mul(d).sub(4 * SLOPE);
    }

    // Where a place outside is read instead. At a border the derivative is that of outside.
    private static Tensor moved(Tensor at, int size, GridSampling how) {
        return switch (how.outside()) {
            case ZEROS -> at;
            case BORDER -> at.hardtanh(0, size - 1.0);
            case REFLECTION -> mirrored(at, size, how.alignCorners()).hardtanh(0, size - 1.0);
        };
    }

    private static Tensor mirrored(Tensor at, int size, boolean alignCorners) {
        double low = alignCorners ? 0 : -0.5;
        double span = alignCorners ? size - 1 : size;
        if (span == 0) {
            return at.mul(0);
        }
        Tensor distance = at.sub(low).abs();
        Tensor rest = distance.fmod(span);
        Tensor even = distance.detach().div(span).floor().fmod(2).eq(0);
        return Tensor.where(even, rest, rest.rsub(span)).add(low);
    }

    /// The grid that reads an image as it is seen through an affine map of coordinates.
    static Tensor affine(Tensor theta, boolean alignCorners, int[] size) {
        int rank = size.length;
        boolean fits =
                (rank == 2 || rank == 3)
                        && theta.dtype().isFloating()
                        && theta.shape().rank() == 3
                        && theta.shape().dim(1) == rank
                        && theta.shape().dim(2) == rank + 1
                        && Arrays.stream(size).allMatch(n -> n >= 1);
        if (!fits) {
            throw new TypeException(
                    "affineGrid: expects a floating-point type [n, 2, 3] with a height and a width"
                            + " (or [n, 3, 4] with a depth before), but got %s and %s; reshape it"
                                    .formatted(theta.type(), Arrays.toString(size)));
        }
        int points = Arrays.stream(size).reduce(1, (a, b) -> a * b);
        double[] base = new double[points * (rank + 1)];
        for (int point = 0; point < points; point++) {
            int rest = point;
            for (int axis = rank - 1; axis >= 0; axis--) {
                int column = rank - 1 - axis;
                base[point * (rank + 1) + column] =
                        coordinate(rest % size[axis], size[axis], alignCorners);
                rest /= size[axis];
            }
            base[point * (rank + 1) + rank] = 1;
        }
        Tensor places = Poolings.numbers(base, Shape.of(points, rank + 1), theta.dtype());
        int[] dims = new int[rank + 2];
        dims[0] = theta.shape().dim(0);
        System.arraycopy(size, 0, dims, 1, rank);
        dims[rank + 1] = rank;
        return places.matmul(theta.transpose()).reshape(Shape.of(dims));
    }

    // In -1 .. 1; a single centre lies at 0.
    private static double coordinate(int i, int size, boolean alignCorners) {
        if (size == 1) {
            return 0;
        }
        double aligned = 2.0 * i / (size - 1) - 1;
        return alignCorners ? aligned : aligned * (size - 1) / size;
    }
}
