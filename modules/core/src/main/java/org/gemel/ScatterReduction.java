package org.gemel;

import java.util.List;
import org.gemel.op.ArgSort;
import org.gemel.op.Composite;
import org.gemel.op.Pullback;
import org.gemel.op.Scatter;

/// Elements that meet in the places which an index names, put together in one of several ways.
///
/// All of it rests on [Scatter], whose last writer stays: written in ascending order that is the
/// largest, written by place with running products it is the whole product.
final class ScatterReduction {
    private ScatterReduction() {}

    /// `x` with elements of `source` at the named places; `index` and `source` have one shape, that
    /// of `x` but along `axis`.
    static Tensor apply(
            Accumulation how,
            boolean includesSelf,
            Tensor x,
            int axis,
            Tensor index,
            Tensor source) {
        return switch (how) {
            case SUM -> added(start(x, axis, index, 0, includesSelf), axis, index, source);
            case MEAN -> mean(includesSelf, x, axis, index, source);
            case PRODUCT -> {
                Tensor products = products(x.onesLike(), axis, index, source);
                yield start(x, axis, index, 1, includesSelf).mul(products);
            }
            case LARGEST -> largest(includesSelf, x, axis, index, source);
            case SMALLEST -> smallest(includesSelf, x, axis, index, source);
        };
    }

    private static Tensor written(Tensor x, int axis, Tensor index, Tensor source) {
        return Indexing.scattered(Scatter.Kind.SET, axis, x, index, source);
    }

    private static Tensor added(Tensor x, int axis, Tensor index, Tensor source) {
        return Indexing.scattered(Scatter.Kind.ADD, axis, x, index, source);
    }

    // `x`, or `number` in its place where something comes to it.
    private static Tensor start(
            Tensor x, int axis, Tensor index, double number, boolean includesSelf) {
        Tensor room = Tensor.full(index.type().with(x.dtype()), number);
        return includesSelf ? x : written(x, axis, index, room);
    }

    private static Tensor mean(
            boolean includesSelf, Tensor x, int axis, Tensor index, Tensor source) {
        Tensor sums = added(start(x, axis, index, 0, includesSelf), axis, index, source);
        Tensor ones = Tensor.full(index.type().with(x.dtype()), 1);
        Tensor counts = added(start(x.onesLike(), axis, index, 0, includesSelf), axis, index, ones);
        return x.dtype().isFloating() ? sums.div(counts) : sums.floorDivide(counts);
    }

    // Sorted by place, running products within a place by doubling steps; the last of each place is
    // that of all.
    private static Tensor products(Tensor ones, int axis, Tensor index, Tensor source) {
        int size = index.shape().dim(axis);
        Tensor order = Tensor.apply(new ArgSort(axis, false, size), List.of(index)).getFirst();
        Tensor places = Indexing.gathered(index, axis, order);
        Tensor running = Indexing.gathered(source, axis, order);
        for (int step = 1; step < size; step *= 2) {
            Tensor later = running.slice(axis, step, size, 1);
            Tensor earlier = running.slice(axis, 0, size - step, 1);
            Tensor same =
                    places.slice(axis, step, size, 1).eq(places.slice(axis, 0, size - step, 1));
            Tensor both = Tensor.where(same, later.mul(earlier), later);
            running = Tensor.concat(List.of(running.slice(axis, 0, step, 1), both), axis);
        }
        return written(ones, axis, places, running);
    }

    private static Tensor smallest(
            boolean includesSelf, Tensor x, int axis, Tensor index, Tensor source) {
        if (x.dtype().isFloating()) {
            return largest(includesSelf, x.neg(), axis, index, source.neg()).neg();
        }
        Tensor last = extreme(x, axis, index, source, true);
        return includesSelf ? x.minimum(last) : last;
    }

    // In ascending order the last one that comes to a place is its largest; NaN is above all.
    private static Tensor extreme(
            Tensor x, int axis, Tensor index, Tensor source, boolean descending) {
        int size = index.shape().dim(axis);
        ArgSort sort = new ArgSort(axis, descending, size);
        Tensor order = Tensor.apply(sort, List.of(source)).getFirst();
        return written(
                x,
                axis,
                Indexing.gathered(index, axis, order),
                Indexing.gathered(source, axis, order));
    }

    private static Tensor largest(
            boolean includesSelf, Tensor x, int axis, Tensor index, Tensor source) {
        Composite op =
                Composite.of(
                        "scatter_largest",
                        List.of(axis, includesSelf),
                        in -> {
                            Tensor last = extreme(in.get(0), axis, in.get(1), in.get(2), false);
                            return List.of(includesSelf ? in.get(0).maximum(last) : last);
                        },
                        p -> {
                            Tensor hits = p.x(2).eq(Indexing.gathered(p.y(), axis, p.x(1)));
                            Tensor own = own(includesSelf, axis, p);
                            Tensor zeros = p.g().zerosLike();
                            Tensor count =
                                    added(
                                            Tensor.where(own, p.g().onesLike(), zeros),
                                            axis,
                                            p.x(1),
                                            hits.to(zeros.dtype()));
                            Tensor share = p.g().div(count);
                            p.give(0, () -> Tensor.where(own, share, zeros));
                            p.give(
                                    2,
                                    () -> {
                                        Tensor g = Indexing.gathered(share, axis, p.x(1));
                                        return Tensor.where(hits, g, g.zerosLike());
                                    });
                        });
        return Tensor.apply(op, List.of(x, index, source)).getFirst();
    }

    // Where an element of `x` itself is the result: ties share the cotangent equally.
    private static Tensor own(boolean includesSelf, int axis, Pullback p) {
        if (includesSelf) {
            return p.x(0).eq(p.y());
        }
        Tensor none = Tensor.full(p.x(0).type().with(DType.I64), 0);
        Tensor ones = Tensor.full(p.x(1).type(), 1);
        return written(none, axis, p.x(1), ones).eq(none);
    }
}
