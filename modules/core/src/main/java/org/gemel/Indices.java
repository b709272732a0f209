package org.gemel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.gemel.op.Scatter;
import org.gemel.op.Slice;

/// An index expression against a shape: which elements it names, and the shape they have.
///
/// @param shape the shape that is indexed
/// @param starts the first place along each dimension
/// @param counts how many places along each; 1 for an integer, all for an array
/// @param steps the distance between them
/// @param arrays for each dimension the array that indexes it, checked, if there is one
/// @param dropped whether a dimension is named by an integer
/// @param result the dimensions of the result: numbers of dimensions that stay, or one of the two
///   below
record Indices(
        Shape shape,
        List<Integer> starts,
        List<Integer> counts,
        List<Integer> steps,
        List<List<Tensor>> arrays,
        List<Boolean> dropped,
        List<Integer> result) {
    /// In a result: a new axis.
    private static final int NEW = -1;

    /// In a result: all dimensions of the arrays, broadcast.
    private static final int BROADCAST = -2;

    static Indices of(Shape shape, List<Index> parts) {
        Indices all =
                new Indices(
                        shape,
                        new ArrayList<>(Collections.nCopies(shape.rank(), 0)),
                        new ArrayList<>(Arrays.stream(shape.dims()).boxed().toList()),
                        new ArrayList<>(Collections.nCopies(shape.rank(), 1)),
                        new ArrayList<>(Collections.nCopies(shape.rank(), List.of())),
                        new ArrayList<>(Collections.nCopies(shape.rank(), false)),
                        new ArrayList<>());
        all.fill(parts);
        return all;
    }

    private static int consumed(Index part) {
        return switch (part) {
            case Index.At _, Index.Range _ -> 1;
            case Index.Ellipsis _, Index.NewAxis _ -> 0;
            case Index.Of(var tensor) -> tensor.dtype() == DType.BOOL ? tensor.shape().rank() : 1;
        };
    }

    private void fill(List<Index> parts) {
        int named = parts.stream().mapToInt(Indices::consumed).sum();
        long ellipses = parts.stream().filter(part -> part instanceof Index.Ellipsis).count();
        if (named > shape.rank() || ellipses > 1) {
            throw new TypeException(
                    "at: expects at most %d dimensions and one ellipsis for shape %s, but got %d"
                                    .formatted(shape.rank(), shape, named)
                            + " and %d; leave some out".formatted(ellipses));
        }
        boolean withArrays = parts.stream().anyMatch(part -> part instanceof Index.Of);
        int axis = 0;
        boolean inside = false;
        int groups = 0;
        for (Index part : parts) {
            boolean advanced = withArrays && (part instanceof Index.Of || part instanceof Index.At);
            if (advanced && !inside) {
                groups++;
                if (groups == 1) {
                    result.add(BROADCAST);
                }
            }
            inside = advanced;
            axis = take(part, axis, shape.rank() - named);
        }
        stay(axis, shape.rank());
        if (groups > 1) {
            result.remove(Integer.valueOf(BROADCAST));
            result.addFirst(BROADCAST);
        }
    }

    private void stay(int from, int to) {
        IntStream.range(from, to).forEach(result::add);
    }

    // Notes what `part` says about dimensions from `axis` on; returns the next one.
    private int take(Index part, int axis, int open) {
        switch (part) {
            case Index.At(var place) -> {
                int size = shape.dim(axis);
                if (place < -size || place >= size) {
                    throw new TypeException(
                            "at: expects a place from %d to %d along dimension %d of %s, but got %d;"
                                            .formatted(-size, size - 1, axis, shape, place)
                                    + " check it against the shape");
                }
                starts.set(axis, place < 0 ? place + size : place);
                counts.set(axis, 1);
                dropped.set(axis, true);
            }
            case Index.Range range -> {
                starts.set(axis, range.first(shape.dim(axis)));
                counts.set(axis, range.count(shape.dim(axis)));
                steps.set(axis, range.step());
                result.add(axis);
            }
            case Index.Ellipsis _ -> {
                stay(axis, axis + open);
                return axis + open;
            }
            case Index.NewAxis _ -> result.add(NEW);
            case Index.Of(var tensor) -> array(tensor, axis);
        }
        return axis + consumed(part);
    }

    private void array(Tensor tensor, int axis) {
        if (tensor.dtype() != DType.BOOL) {
            arrays.set(axis, List.of(tensor.checkedIndex(shape.dim(axis), true, "at")));
            return;
        }
        int rank = tensor.shape().rank();
        int[] masked = Arrays.copyOfRange(shape.dims(), axis, axis + rank);
        if (rank == 0 || !tensor.shape().equals(Shape.of(masked))) {
            throw new TypeException(
                    "at: expects a mask of the dimensions that it stands for, %s, but got %s; compare"
                                    .formatted(Shape.of(masked), tensor.type())
                            + " the indexed tensor itself");
        }
        List<Tensor> columns = Indexing.coordinates(tensor);
        for (int d = 0; d < rank; d++) {
            arrays.set(axis + d, List.of(columns.get(d)));
        }
    }

    private int[] indexed() {
        return IntStream.range(0, shape.rank()).filter(d -> !arrays.get(d).isEmpty()).toArray();
    }

    private Shape broadcast() {
        Shape common = Shape.SCALAR;
        for (int d : indexed()) {
            common = Shape.broadcast("at", common, arrays.get(d).getFirst().shape());
        }
        return common;
    }

    /// The shape of what is named.
    Shape resultShape() {
        List<Integer> dims = new ArrayList<>();
        for (int part : result) {
            switch (part) {
                case NEW -> dims.add(1);
                case BROADCAST -> Arrays.stream(broadcast().dims()).forEach(dims::add);
                default -> dims.add(counts.get(part));
            }
        }
        return Shape.of(dims.stream().mapToInt(Integer::intValue).toArray());
    }

    /// The named elements of `x`: slices are views, arrays take whole rows.
    Tensor read(Tensor x) {
        Tensor part = x.sliced(new Slice(starts, counts, steps));
        int[] indexed = indexed();
        if (indexed.length == 0) {
            return part.reshape(resultShape());
        }
        int[] kept =
                IntStream.range(0, shape.rank())
                        .filter(d -> !dropped.get(d) && arrays.get(d).isEmpty())
                        .toArray();
        // Arrays side by side are one dimension where they stand; others come to the front first.
        int before = (int) Arrays.stream(kept).filter(d -> d < indexed[0]).count();
        int after = (int) Arrays.stream(kept).filter(d -> d > indexed[indexed.length - 1]).count();
        boolean neighbours = before + after == kept.length;
        int at = neighbours ? before : 0;
        IntStream order =
                IntStream.concat(
                        IntStream.concat(Arrays.stream(kept, 0, at), Arrays.stream(indexed)),
                        Arrays.stream(kept, at, kept.length));
        int[] integers = IntStream.range(0, shape.rank()).filter(dropped::get).toArray();
        int rows = Arrays.stream(indexed).map(counts::get).reduce(1, Math::multiplyExact);
        Tensor merged =
                part.permute(IntStream.concat(order, Arrays.stream(integers)).toArray())
                        .reshape(dims(kept, at, Shape.of(rows)));
        Shape common = broadcast();
        Shape along = Shape.along(kept.length + 1, at, (int) common.size());
        Tensor index = flat(indexed, counts).expand(common).reshape(along);
        Tensor taken = Indexing.gathered(merged, at, index).reshape(dims(kept, at, common));
        int wanted =
                (int)
                        result.subList(0, result.indexOf(BROADCAST)).stream()
                                .filter(d -> d != NEW)
                                .count();
        return moved(taken, at, wanted, common.rank()).reshape(resultShape());
    }

    // The sizes of the dimensions that stay, with `common` in front of number `at`.
    private Shape dims(int[] kept, int at, Shape common) {
        IntStream sizes = Arrays.stream(kept).map(counts::get);
        int[] all = sizes.toArray();
        return Shape.of(
                IntStream.concat(
                                IntStream.concat(
                                        Arrays.stream(all, 0, at), Arrays.stream(common.dims())),
                                Arrays.stream(all, at, all.length))
                        .toArray());
    }

    // Moves `count` dimensions from place `from` to place `to`.
    private static Tensor moved(Tensor x, int from, int to, int count) {
        if (from == to) {
            return x;
        }
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, x.shape().rank()).boxed().toList());
        List<Integer> block = new ArrayList<>(order.subList(from, from + count));
        order.removeAll(block);
        order.addAll(to, block);
        return x.permute(order.stream().mapToInt(Integer::intValue).toArray());
    }

    // The row-major number of what arrays name in dimensions of the given sizes.
    private Tensor flat(int[] indexed, List<Integer> sizes) {
        Tensor sum = arrays.get(indexed[0]).getFirst();
        for (int i = 1; i < indexed.length; i++) {
            sum = sum.mul(sizes.get(indexed[i])).add(arrays.get(indexed[i]).getFirst());
        }
        return sum;
    }

    /// The row-major places (i64) of the named elements in a tensor of the shape.
    Tensor places() {
        Shape whole = resultShape();
        long[] strides = shape.rowMajorStrides();
        long first = 0;
        for (int d = 0; d < shape.rank(); d++) {
            first += arrays.get(d).isEmpty() ? starts.get(d) * strides[d] : 0;
        }
        Tensor sum = Tensor.full(TensorType.of(DType.I64), (double) first);
        int right = whole.rank();
        for (int part : result) {
            right -= part == BROADCAST ? broadcast().rank() : 1;
            if (part == BROADCAST) {
                for (int d : indexed()) {
                    sum = sum.add(spread(arrays.get(d).getFirst(), strides[d], right));
                }
            } else if (part != NEW) {
                Tensor steps = Tensor.arange(counts.get(part), DType.I64);
                sum = sum.add(spread(steps, strides[part] * this.steps.get(part), right));
            }
        }
        return sum.expand(whole);
    }

    private static Tensor spread(Tensor index, long stride, int right) {
        int[] dims = Arrays.copyOf(index.shape().dims(), index.shape().rank() + right);
        Arrays.fill(dims, index.shape().rank(), dims.length, 1);
        return index.mul((double) stride).reshape(Shape.of(dims));
    }

    /// `x` with the named elements replaced by those of `value`, or with them added.
    Tensor update(Tensor x, Scatter.Kind kind, Tensor value) {
        Tensor places = places();
        Tensor all = value.expand(places.shape()).reshape(-1);
        return Indexing.scattered(kind, 0, x.reshape(-1), places.reshape(-1), all)
                .reshape(x.shape());
    }
}
