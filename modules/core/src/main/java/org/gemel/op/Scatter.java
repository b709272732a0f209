package org.gemel.op;

import java.util.List;
import java.util.Locale;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// A copy of `x` in which elements along one dimension are replaced or added to, by index: `y[i,
/// index[i, j, k], k] = source[i, j, k]` for axis 1. The transpose of [Gather].
///
/// Inputs: `x`, an i64 `index` and a `source` of the dtype of `x`, all of one rank. The source has
/// the sizes of `x` but along the axis; the index has those of the source, or 1, and then serves
/// all. An element that is named more than once takes what it gets in the row-major order of the
/// source, in its own precision: a sum is the same whatever the number of threads, and the last one
/// stays when elements are replaced.
///
/// Primitive: which elements are written depends on data, and in which order they add up.
///
/// @param kind what happens to a named element
/// @param axis the dimension, from 0
public record Scatter(Kind kind, int axis) implements Primitive {
    /// What happens to a named element.
    public enum Kind {
        /// It is replaced.
        SET,
        /// The source's is added.
        ADD
    }

    /// Zeros that take no memory, to scatter into.
    static Tensor zeros(TensorType type) {
        return Tensor.full(new TensorType(type.dtype(), Shape.SCALAR), 0).expand(type.shape());
    }

    @Override
    public String label() {
        return "scatter_" + kind.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        TensorType x = inputs.get(0);
        TensorType index = inputs.get(1);
        TensorType source = inputs.get(2);
        int at = Gather.axisOf(label(), axis, x, index);
        Binary.sameDtype(label(), x, source);
        if (kind == Kind.ADD && x.dtype() == DType.BOOL) {
            throw new TypeException(
                    "scatter_add: expects a number type, but got %s; convert it first, as in"
                                    .formatted(x)
                            + " x.to(DType.I64)");
        }
        Shape whole = x.shape().with(at, index.shape().dim(at));
        if (!source.shape().equals(whole) || !Gather.serves(index.shape(), whole)) {
            throw new TypeException(
                    "%s: expects a source %s for %s and an index of that shape, or of size 1 where"
                                    .formatted(label(), whole, x)
                            + " it serves all, but got %s and %s; slice or expand them"
                                    .formatted(source, index));
        }
        return x;
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense x = inputs.get(0);
        Dense index = inputs.get(1);
        Dense source = inputs.get(2);
        Shape shape = source.type().shape();
        boolean real = x.type().dtype().isFloating();
        double[] reals = new double[x.size()];
        long[] integers = new long[x.size()];
        for (int i = 0; i < x.size(); i++) {
            if (real) {
                reals[i] = x.real(i);
            } else {
                integers[i] = x.integer(i);
            }
        }
        for (int i = 0; i < source.size(); i++) {
            int[] position = Strides.position(shape, i);
            long named = index.integer(index.broadcastIndex(shape, i));
            position[axis] = Gather.inside(named, x.type().shape().dim(axis));
            int at = Strides.index(x.type().shape(), position);
            switch (kind) {
                case SET -> {
                    reals[at] = source.real(i);
                    integers[at] = source.integer(i);
                }
                case ADD -> {
                    reals[at] = x.type().dtype().round(reals[at] + source.real(i));
                    integers[at] += source.integer(i);
                }
            }
        }
        return real ? Dense.of(x.type(), i -> reals[i]) : Dense.ofLongs(x.type(), i -> integers[i]);
    }

    @Override
    public boolean differentiable() {
        return true;
    }

    /// Added: both get the cotangent, the source at its places. Replaced: what was overwritten, in
    /// `x` or in the source, gets zero.
    @Override
    public void vjp(Pullback p) {
        switch (kind) {
            case ADD -> {
                p.give(0, p::g);
                p.give(2, () -> taken(p.g(), p.x(1)));
            }
            case SET -> {
                p.give(0, () -> scattered(p.g(), p.x(1), zeros(p.type(2))));
                p.give(
                        2,
                        () -> {
                            Tensor taken = taken(p.g(), p.x(1));
                            Tensor stayed = stayed(p);
                            return Tensor.where(stayed, taken, taken.zerosLike());
                        });
            }
        }
    }

    private Tensor taken(Tensor from, Tensor index) {
        return Tensor.apply(new Gather(axis), List.of(from, index)).getFirst();
    }

    private Tensor scattered(Tensor to, Tensor index, Tensor source) {
        return Tensor.apply(new Scatter(Kind.SET, axis), List.of(to, index, source)).getFirst();
    }

    // Whether an element of the source is the last one for its place: the places' last writers are
    // scattered likewise.
    private Tensor stayed(Pullback p) {
        TensorType numbers = p.type(2).with(DType.I64);
        Tensor own = Tensor.apply(new Iota(numbers), List.of()).getFirst();
        Tensor last = scattered(zeros(p.type(0).with(DType.I64)), p.x(1), own);
        return taken(last, p.x(1)).eq(own);
    }

    @Override
    public boolean widens() {
        return kind == Kind.ADD;
    }

    @Override
    public String onnx() {
        return "ScatterElements";
    }
}
