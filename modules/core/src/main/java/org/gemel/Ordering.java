package org.gemel;

import java.util.List;
import java.util.Optional;
import org.gemel.op.ArgSort;
import org.gemel.op.Composite;
import org.gemel.op.Scan;
import org.gemel.op.Scatter;

/// Sorting and what rests on it.
final class Ordering {
    private Ordering() {}

    private static Tensor first(Tensor x, int axis, boolean descending, int count) {
        return Tensor.apply(new ArgSort(axis, descending, count), List.of(x)).getFirst();
    }

    static Tensor argsort(Tensor x, int axis, boolean descending) {
        int at = x.shape().axis(axis);
        return first(x, at, descending, x.shape().dim(at));
    }

    static Indexed sort(Tensor x, int axis, boolean descending) {
        int at = x.shape().axis(axis);
        return taken(x, at, first(x, at, descending, x.shape().dim(at)));
    }

    private static Indexed taken(Tensor x, int axis, Tensor index) {
        return new Indexed(Indexing.gathered(x, axis, index), index);
    }

    static Indexed topk(Tensor x, int k, int axis, boolean largest) {
        int at = x.shape().axis(axis);
        if (k < 0 || k > x.shape().dim(at)) {
            throw new TypeException(
                    "topk: expects k from 0 to %d along dimension %d of %s, but got %d; take fewer"
                            .formatted(x.shape().dim(at), at, x.type(), k));
        }
        return taken(x, at, first(x, at, largest, k));
    }

    /// The `k`-th smallest, from 1; the dimension stays with size 1.
    static Indexed kth(Tensor x, int k, int axis) {
        int at = x.shape().axis(axis);
        if (k < 1 || k > x.shape().dim(at)) {
            throw new TypeException(
                    "kthValue: expects k from 1 to %d along dimension %d of %s, but got %d; check it"
                            .formatted(x.shape().dim(at), at, x.type(), k));
        }
        return taken(x, at, first(x, at, false, k).slice(at, k - 1, k, 1));
    }

    /// The lower median, or the first NaN; the dimension stays with size 1.
    static Indexed median(Tensor x, int axis) {
        int at = x.shape().axis(axis);
        int size = x.shape().dim(at);
        if (size == 0) {
            throw new TypeException(
                    "median: expects at least one element, but got %s along dimension %d; check for"
                                    .formatted(x.type(), at)
                            + " an empty tensor before");
        }
        Tensor middle =
                first(x, at, false, (size + 1) / 2).slice(at, (size - 1) / 2, (size + 1) / 2, 1);
        if (!x.dtype().isFloating()) {
            return taken(x, at, middle);
        }
        Tensor odd = x.ne(x).to(DType.I32);
        Tensor place = odd.argmax(at).unsqueeze(at);
        Tensor any = odd.amax(at).unsqueeze(at).ne(odd.amax(at).unsqueeze(at).zerosLike());
        return taken(x, at, Tensor.where(any, place, middle));
    }

    /// The `share`-quantile; NaN if there is any.
    static Tensor quantile(Tensor x, double share, int axis, Between between) {
        int at = Statistics.shared("quantile", x, share, axis);
        int size = x.shape().dim(at);
        double place = between.place(share * (size - 1));
        int below = (int) Math.floor(place);
        int above = (int) Math.ceil(place);
        Tensor sorted = sort(x, at, false).values();
        Tensor low = sorted.slice(at, below, below + 1, 1).squeeze(at);
        Tensor high = sorted.slice(at, above, above + 1, 1).squeeze(at);
        Tensor last = sorted.slice(at, size - 1, size, 1).squeeze(at);
        return Tensor.where(last.eq(last), low.lerp(high, place - below), last);
    }

    /// How many numbers are in each of `bins` parts of `low` to `high`; the last one has both ends.
    static Tensor histogram(Tensor x, int bins, double low, double high) {
        if (bins < 1 || !(low < high) || !x.dtype().isFloating()) {
            throw new TypeException(
                    "histogram: expects real numbers and at least one part of a range, but got %s and"
                                    .formatted(x.type())
                            + " %d parts of %s .. %s; check them".formatted(bins, low, high));
        }
        Tensor flat = x.reshape(-1).detach();
        Tensor inside = flat.ge(low).and(flat.le(high));
        Tensor safe = Tensor.where(inside, flat, flat.zerosLike().add(low));
        Tensor part = safe.sub(low).mul(bins).div(high - low).floor().to(DType.I64);
        Tensor last = part.zerosLike().add(bins - 1);
        Tensor none = Indexing.zero(TensorType.of(DType.I64, bins));
        return Indexing.scattered(
                Scatter.Kind.ADD, 0, none, part.minimum(last), inside.to(DType.I64));
    }

    static Unique unique(Tensor x) {
        Tensor flat = x.reshape(-1, 1);
        Tensor order = first(x.reshape(-1), 0, false, Math.toIntExact(x.size()));
        Unique found = runs(Indexing.gathered(flat, 0, order.unsqueeze(1)), order);
        return new Unique(
                found.values().reshape(-1), found.inverse().reshape(x.shape()), found.counts());
    }

    /// The different slices along `axis`, in the order of their elements.
    static Unique unique(Tensor x, int axis) {
        int at = x.shape().axis(axis);
        Tensor front = x.moveAxis(at, 0);
        int size = x.shape().dim(at);
        int width = Math.toIntExact(size == 0 ? 0 : x.size() / size);
        Tensor rows = front.reshape(size, width);
        Tensor order = Tensor.arange(size, DType.I64);
        // stable, so the first element decides in the end
        for (int column = width - 1; column >= 0; column--) {
            Tensor keys =
                    Indexing.gathered(rows.slice(1, column, column + 1, 1).squeeze(1), 0, order);
            order = Indexing.gathered(order, 0, first(keys, 0, false, size));
        }
        Unique found = runs(Indexing.gathered(rows, 0, order.unsqueeze(1)), order);
        Shape kept = front.shape().with(0, found.values().shape().dim(0));
        Tensor values = found.values().reshape(kept).moveAxis(0, at);
        return new Unique(values, found.inverse(), found.counts());
    }

    /// What is left of each run of equal elements.
    static Unique uniqueConsecutive(Tensor x) {
        Tensor order = Tensor.arange(Math.toIntExact(x.size()), DType.I64);
        Unique found = runs(x.reshape(-1, 1), order);
        return new Unique(
                found.values().reshape(-1), found.inverse().reshape(x.shape()), found.counts());
    }

    // The runs of equal rows of `sorted`, which are those of another order.
    private static Unique runs(Tensor sorted, Tensor order) {
        int size = sorted.shape().dim(0);
        Tensor starts = order.eq(order);
        if (size > 0) {
            Tensor change = sorted.slice(0, 1, size, 1).ne(sorted.slice(0, 0, size - 1, 1)).any(1);
            starts = Tensor.concat(List.of(starts.slice(0, 0, 1, 1), change), 0);
        }
        int count = Indexing.count(starts);
        Tensor group =
                Tensor.apply(new Scan(Scan.Kind.SUM, 0, false), List.of(starts.to(DType.I64)))
                        .getFirst()
                        .sub(1);
        Tensor values = Indexing.gathered(sorted, 0, Indexing.places(starts, count).unsqueeze(1));
        Tensor room = Indexing.zero(group.type());
        Tensor inverse = Indexing.scattered(Scatter.Kind.SET, 0, room, order, group);
        Tensor none = Indexing.zero(TensorType.of(DType.I64, count));
        Tensor counts = Indexing.scattered(Scatter.Kind.ADD, 0, none, group, group.onesLike());
        return new Unique(values, inverse, counts);
    }

    static Tensor searchSorted(Tensor sorted, Tensor values, boolean right) {
        boolean shared = sorted.shape().rank() == 1;
        int rank = values.shape().rank();
        boolean fits =
                sorted.dtype() == values.dtype()
                        && (shared
                                || (rank == sorted.shape().rank()
                                        && rank > 0
                                        && sorted.shape()
                                                .with(rank - 1, 0)
                                                .equals(values.shape().with(rank - 1, 0))));
        if (!fits) {
            throw new TypeException(
                    "searchSorted: expects a sorted vector, or one for each row of the values, of"
                            + " one dtype, but got %s and %s; reshape or convert one"
                                    .formatted(sorted.type(), values.type()));
        }
        Composite op =
                Composite.opaque(
                        "search_sorted",
                        List.of(right),
                        in -> List.of(search(in.get(0), in.get(1), right)));
        Tensor wanted = shared ? values.reshape(-1) : values;
        return Tensor.apply(op, List.of(sorted, wanted)).getFirst().reshape(values.shape());
    }

    // Halves the steps: every element walks as far as what it passes is less than itself.
    private static Tensor search(Tensor sorted, Tensor values, boolean right) {
        int axis = sorted.shape().rank() - 1;
        int size = sorted.shape().dim(axis);
        Tensor place = Tensor.full(values.type().with(DType.I64), 0);
        for (int step = Integer.highestOneBit(size); step > 0; step /= 2) {
            Tensor next = place.add(step);
            Tensor end = next.zerosLike().add(size);
            Tensor probe = Indexing.gathered(sorted, axis, next.minimum(end).sub(1));
            Tensor passed = right ? less(values, probe).not() : less(probe, values);
            place = Tensor.where(next.le(end).and(passed), next, place);
        }
        return place;
    }

    // In the order of sorting: NaN is above all.
    private static Tensor less(Tensor a, Tensor b) {
        Tensor less = a.lt(b);
        return a.dtype().isFloating() ? less.or(b.ne(b).and(a.eq(a))) : less;
    }

    static Tensor binCount(Tensor x, Optional<Tensor> weights, int atLeast) {
        if (x.dtype() != DType.I64 || x.shape().rank() != 1 || atLeast < 0) {
            throw new TypeException(
                    "binCount: expects a vector i64 and a length of at least 0, but got %s and %d;"
                                    .formatted(x.type(), atLeast)
                            + " reshape or convert it");
        }
        Tensor ones = weights.orElseGet(x::onesLike);
        if (!ones.shape().equals(x.shape())) {
            throw new TypeException(
                    "binCount: expects a weight for each of %s, but got %s; reshape them"
                            .formatted(x.type(), ones.type()));
        }
        long top = x.size() == 0 ? -1 : x.amax().toLongArray()[0];
        int bins = Math.toIntExact(Math.max(atLeast, top + 1));
        Tensor none = Indexing.zero(TensorType.of(ones.dtype(), bins));
        return Indexing.scattered(
                Scatter.Kind.ADD, 0, none, x.checkedIndex(bins, false, "binCount"), ones);
    }
}
