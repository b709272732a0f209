package org.gemel.op;

import java.util.List;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// `condition ? a : b` per element; the three inputs broadcast.
///
/// The cotangent reaches only the chosen side, so that a NaN of the other one does not leak.
///
/// Primitive: arithmetic with 0 and 1 would let NaN through from the side that is not chosen.
public enum Select implements Pointwise {
    /// The one operation of this kind.
    WHERE;

    @Override
    public String label() {
        return "where";
    }

    @Override
    public int arity() {
        return 3;
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        TensorType condition = inputs.get(0);
        TensorType a = inputs.get(1);
        TensorType b = inputs.get(2);
        if (condition.dtype() != DType.BOOL) {
            throw new TypeException(
                    "where: expects a bool condition, but got %s; compare first, as in x.ne(0)"
                            .formatted(condition));
        }
        Binary.sameDtype("where", a, b);
        return a.with(
                Shape.broadcast(
                        "where",
                        condition.shape(),
                        Shape.broadcast("where", a.shape(), b.shape())));
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense condition = inputs.get(0);
        TensorType out = type(inputs.stream().map(Dense::type).toList());
        Shape shape = out.shape();
        if (out.dtype().isFloating()) {
            return Dense.of(
                    out,
                    i -> {
                        Dense side = side(inputs, condition, shape, i);
                        return side.real(side.broadcastIndex(shape, i));
                    });
        }
        return Dense.ofLongs(
                out,
                i -> {
                    Dense side = side(inputs, condition, shape, i);
                    return side.integer(side.broadcastIndex(shape, i));
                });
    }

    private static Dense side(List<Dense> inputs, Dense condition, Shape shape, int i) {
        return inputs.get(condition.integer(condition.broadcastIndex(shape, i)) != 0 ? 1 : 2);
    }

    @Override
    public void vjp(Pullback p) {
        p.give(1, () -> Tensor.where(p.x(0), p.g(), p.g().zerosLike()));
        p.give(2, () -> Tensor.where(p.x(0), p.g().zerosLike(), p.g()));
    }

    @Override
    public String onnx() {
        return "Where";
    }

    @Override
    public String toString() {
        return label();
    }
}
