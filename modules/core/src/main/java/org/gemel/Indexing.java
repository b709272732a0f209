package org.gemel;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.gemel.op.Composite;
import org.gemel.op.Gather;
import org.gemel.op.Scan;
import org.gemel.op.Scatter;

/// Elements by index: what is built on [Gather] and [Scatter].
final class Indexing {
    private Indexing() {}

    static Tensor gathered(Tensor x, int axis, Tensor index) {
        return Tensor.apply(new Gather(axis), List.of(x, index)).getFirst();
    }

    static Tensor scattered(Scatter.Kind kind, int axis, Tensor x, Tensor index, Tensor source) {
        return Tensor.apply(new Scatter(kind, axis), List.of(x, index, source)).getFirst();
    }

    static Tensor zero(TensorType type) {
        return Tensor.full(new TensorType(type.dtype(), Shape.SCALAR), 0).expand(type.shape());
    }

    static Tensor gather(Tensor x, int axis, Tensor index) {
        int at = x.shape().axis(axis);
        fits("gather", x, at, index.shape(), index);
        int bound = x.shape().dim(at);
        // One operation: indices are checked where they are used, not in a pass of their own.
        Composite op =
                Composite.of(
                        "gather",
                        List.of(at, bound),
                        in -> {
                            Tensor checked = in.get(1).checkedIndex(bound, false, "gather");
                            return List.of(gathered(in.get(0), at, checked));
                        },
                        p ->
                                p.give(
                                        0,
                                        () ->
                                                scattered(
                                                        Scatter.Kind.ADD,
                                                        at,
                                                        zero(p.type(0)),
                                                        p.x(1),
                                                        p.g())));
        return Tensor.apply(op, List.of(cropped(x, at, index.shape()), index)).getFirst();
    }

    // Each dimension of `index` but `axis` is within x.
    private static void fits(String op, Tensor x, int axis, Shape other, Tensor index) {
        boolean fits = index.shape().rank() == x.shape().rank() && other.rank() == x.shape().rank();
        for (int d = 0; fits && d < x.shape().rank(); d++) {
            int room = d == axis ? other.dim(d) : Math.min(other.dim(d), x.shape().dim(d));
            fits = index.shape().dim(d) <= room;
        }
        if (!fits) {
            throw new TypeException(
                    "%s: expects an index of the rank of %s and not larger but along dimension %d,"
                                    .formatted(op, x.type(), axis)
                            + " nor larger than the source, but got %s (source %s); reshape it"
                                    .formatted(index.type(), other));
        }
    }

    private static Tensor cropped(Tensor x, int except, Shape to) {
        Tensor part = x;
        for (int d = 0; d < to.rank(); d++) {
            if (d != except && to.dim(d) < part.shape().dim(d)) {
                part = part.slice(d, 0, to.dim(d), 1);
            }
        }
        return part;
    }

    static Tensor scatter(Scatter.Kind kind, Tensor x, int axis, Tensor index, Tensor source) {
        int at = x.shape().axis(axis);
        String name = kind == Scatter.Kind.SET ? "scatter" : "scatterAdd";
        fits(name, x, at, source.shape(), index);
        Tensor checked = index.checkedIndex(x.shape().dim(at), false, name);
        Tensor used = cropped(source, -1, index.shape());
        return placed(x, at, index.shape(), part -> scattered(kind, at, part, checked, used));
    }

    /// As [#scatter], with all that comes to a place put together.
    static Tensor scatterReduce(
            Accumulation how,
            boolean includesSelf,
            Tensor x,
            int axis,
            Tensor index,
            Tensor source) {
        int at = x.shape().axis(axis);
        fits("scatterReduce", x, at, source.shape(), index);
        Tensor checked = index.checkedIndex(x.shape().dim(at), false, "scatterReduce");
        Tensor used = cropped(source, -1, index.shape());
        return placed(
                x,
                at,
                index.shape(),
                part -> ScatterReduction.apply(how, includesSelf, part, at, checked, used));
    }

    /// As [#indexPut], with all that comes to a row put together.
    static Tensor indexReduce(
            Accumulation how,
            boolean includesSelf,
            Tensor x,
            int axis,
            Tensor index,
            Tensor source) {
        int at = x.shape().axis(axis);
        // before the index is looked at, as in indexPut
        vector("indexReduce", index);
        matches("indexReduce", x, x.shape().with(at, (int) index.size()), source);
        Tensor rows = along("indexReduce", x, at, index);
        Tensor each = rows.expand(source.shape());
        return ScatterReduction.apply(how, includesSelf, x, at, each, source);
    }

    // Where the index is smaller than x, the rest stays.
    private static Tensor placed(Tensor x, int axis, Shape index, UnaryOperator<Tensor> change) {
        for (int d = 0; d < x.shape().rank(); d++) {
            int size = x.shape().dim(d);
            int used = index.dim(d);
            if (d != axis && used < size) {
                Tensor part = placed(x.slice(d, 0, used, 1), axis, index, change);
                return Tensor.concat(List.of(part, x.slice(d, used, size, 1)), d);
            }
        }
        return change.apply(x);
    }

    static Tensor takeAlong(Tensor x, Tensor index, int axis) {
        int at = x.shape().axis(axis);
        if (index.shape().rank() != x.shape().rank()) {
            throw new TypeException(
                    "takeAlong: expects an index of the rank of %s, but got %s; reshape it"
                            .formatted(x.type(), index.type()));
        }
        Tensor checked = index.checkedIndex(x.shape().dim(at), true, "takeAlong");
        Shape across =
                Shape.broadcast("takeAlong", x.shape().with(at, 1), index.shape().with(at, 1));
        return gathered(x.expand(across.with(at, x.shape().dim(at))), at, checked);
    }

    static Tensor take(Tensor x, Tensor index) {
        Tensor checked = index.checkedIndex(Math.toIntExact(x.size()), true, "take");
        return gathered(x.reshape(-1), 0, checked.reshape(-1)).reshape(index.shape());
    }

    private static void vector(String op, Tensor index) {
        if (index.shape().rank() > 1) {
            throw new TypeException(
                    "%s: expects a vector of indices, but got %s; reshape it, or use gather"
                            .formatted(op, index.type()));
        }
    }

    // A vector of indices for all rows along `axis`.
    private static Tensor along(String op, Tensor x, int axis, Tensor index) {
        Shape along = Shape.along(x.shape().rank(), axis, (int) index.size());
        return index.checkedIndex(x.shape().dim(axis), false, op).reshape(along);
    }

    static Tensor indexSelect(Tensor x, int axis, Tensor index) {
        int at = x.shape().axis(axis);
        vector("indexSelect", index);
        return gathered(x, at, along("indexSelect", x, at, index));
    }

    static Tensor indexPut(
            String op, Scatter.Kind kind, Tensor x, int axis, Tensor index, Tensor source) {
        int at = x.shape().axis(axis);
        // before the index is looked at, so that eager and traced say the same
        vector(op, index);
        matches(op, x, x.shape().with(at, (int) index.size()), source);
        return scattered(kind, at, x, along(op, x, at, index), source);
    }

    private static void matches(String op, Tensor x, Shape whole, Tensor source) {
        if (!source.shape().equals(whole)) {
            throw new TypeException(
                    "%s: expects a source %s, a row of %s for each index, but got %s; expand it"
                            .formatted(op, whole, x.type(), source.type()));
        }
    }

    static Tensor oneHot(Tensor index, int classes) {
        Tensor checked = index.checkedIndex(classes, false, "oneHot");
        Tensor all = Tensor.arange(classes, DType.I64);
        return checked.unsqueeze(-1).eq(all).to(DType.I64);
    }

    static Tensor maskedFill(Tensor x, Tensor mask, Tensor value) {
        Tensor filled = Tensor.where(mask, value, x);
        if (!filled.shape().equals(x.shape())) {
            throw new TypeException(
                    "maskedFill: expects a mask and a value that broadcast to %s, but got %s and %s;"
                                    .formatted(x.type(), mask.type(), value.type())
                            + " expand the tensor first");
        }
        return filled;
    }

    private static Tensor mask(Tensor x) {
        return x.dtype() == DType.BOOL ? x : x.ne(x.zerosLike());
    }

    /// How many elements of a `bool` tensor are true; reads it.
    static int count(Tensor mask) {
        return Math.toIntExact(mask.to(DType.I64).sum().toLongArray()[0]);
    }

    /// The row-major places of the `count` true elements of a `bool` vector.
    static Tensor places(Tensor mask, int count) {
        int size = Math.toIntExact(mask.size());
        if (size == 0) {
            return zero(TensorType.of(DType.I64, 0));
        }
        Tensor ordinal =
                Tensor.apply(new Scan(Scan.Kind.SUM, 0, false), List.of(mask.to(DType.I64)))
                        .getFirst();
        // one place more, for all that is false
        Tensor target = Tensor.where(mask, ordinal.sub(1), ordinal.zerosLike().add(count));
        Tensor room = zero(TensorType.of(DType.I64, count + 1));
        Tensor own = Tensor.arange(size, DType.I64);
        return scattered(Scatter.Kind.SET, 0, room, target, own).slice(0, 0, count, 1);
    }

    /// The coordinates of the elements that are not zero, one vector for each dimension.
    static List<Tensor> coordinates(Tensor x) {
        Tensor mask = mask(x).reshape(-1);
        Tensor places = places(mask, count(mask));
        List<Tensor> all = new ArrayList<>();
        long[] strides = x.shape().rowMajorStrides();
        for (int d = 0; d < strides.length; d++) {
            int dim = Math.max(1, x.shape().dim(d));
            Tensor above = places.div((double) strides[d]);
            all.add(above.sub(above.div(dim).mul(dim)));
        }
        return all;
    }

    static Tensor nonzero(Tensor x) {
        if (x.shape().rank() == 0) {
            return zero(TensorType.of(DType.I64, count(mask(x).reshape(1)), 0));
        }
        return Tensor.concat(
                coordinates(x).stream().map(column -> column.unsqueeze(1)).toList(), 1);
    }

    static Tensor maskedSelect(Tensor x, Tensor mask) {
        if (mask.dtype() != DType.BOOL) {
            throw new TypeException(
                    "maskedSelect: expects a bool mask, but got %s; compare first, as in x.ne(0)"
                            .formatted(mask.type()));
        }
        Shape shape = Shape.broadcast("maskedSelect", x.shape(), mask.shape());
        Tensor flat = mask.expand(shape).reshape(-1);
        return gathered(x.expand(shape).reshape(-1), 0, places(flat, count(flat)));
    }
}
