package org.gemel.op;

import java.util.List;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// Takes elements along one dimension by index: `y[i, j, k] = x[i, index[i, j, k], k]` for axis 1.
///
/// Inputs: `x` and an i64 `index` of the same rank. Along all other dimensions the index has the
/// size of `x`, or size 1, and then serves all of them: whole rows are taken. Output: the shape of
/// `x` with the dimension's size that of the index. Indices run from 0 to the dimension less 1.
///
/// Primitive: which elements are read depends on data.
///
/// @param axis the dimension, from 0
public record Gather(int axis) implements Primitive {
    @Override
    public String label() {
        return "gather";
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        TensorType x = inputs.get(0);
        TensorType index = inputs.get(1);
        int at = axisOf(label(), axis, x, index);
        if (!serves(index.shape(), x.shape().with(at, index.shape().dim(at)))) {
            throw new TypeException(
                    "gather: expects an index whose dimensions other than %d are those of %s or 1,"
                                    .formatted(axis, x)
                            + " but got %s; slice or expand one of them".formatted(index));
        }
        return x.with(x.shape().with(at, index.shape().dim(at)));
    }

    /// Whether an index of this shape, repeated, has the shape `whole`.
    static boolean serves(Shape index, Shape whole) {
        boolean serves = true;
        for (int d = 0; d < whole.rank(); d++) {
            serves &= index.dim(d) == whole.dim(d) || index.dim(d) == 1;
        }
        return serves;
    }

    /// The dimension, once `x` and `index` are known to have it and the index to be one.
    static int axisOf(String op, int axis, TensorType x, TensorType index) {
        if (index.dtype() != DType.I64) {
            throw new TypeException(
                    "%s: expects indices of type i64, but got %s; did you mean index.to(DType.I64)?"
                            .formatted(op, index));
        }
        if (index.shape().rank() != x.shape().rank()) {
            throw new TypeException(
                    "%s: expects an index of the rank of %s, but got %s; reshape it, with size 1"
                                    .formatted(op, x, index)
                            + " where one index serves all");
        }
        return x.shape().axis(axis);
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense x = inputs.get(0);
        Dense index = inputs.get(1);
        TensorType out = type(List.of(x.type(), index.type()));
        return Dense.gathered(out, x, i -> place(x.type().shape(), out.shape(), index, i));
    }

    private int place(Shape from, Shape shape, Dense index, int i) {
        int[] position = Strides.position(shape, i);
        position[axis] = inside(index.integer(index.broadcastIndex(shape, i)), from.dim(axis));
        return Strides.index(from, position);
    }

    /// `index`, once known to lie in `0..bound-1`. Callers check before, with a message about what
    /// the user wrote; this keeps every backend from reading elsewhere.
    public static int inside(long index, int bound) {
        if (index < 0 || index >= bound) {
            throw new TypeException(
                    "gather or scatter: expects indices from 0 to %d, but got %d; check them first"
                            .formatted(bound - 1, index));
        }
        return (int) index;
    }

    @Override
    public boolean differentiable() {
        return true;
    }

    /// What was taken more than once collects the cotangents of all its places, in their order.
    @Override
    public void vjp(Pullback p) {
        p.give(
                0,
                () ->
                        Tensor.apply(
                                        new Scatter(Scatter.Kind.ADD, axis),
                                        List.of(Scatter.zeros(p.type(0)), p.x(1), p.g()))
                                .getFirst());
    }

    @Override
    public String onnx() {
        return "GatherElements";
    }
}
