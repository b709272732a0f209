package org.gemel.op;

import java.util.Arrays;
import java.util.List;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// Repeats dimensions of size 1, and adds leading ones, up to a given shape (NumPy's
/// `broadcast_to`).
///
/// Primitive: nothing else repeats without a copy; always a view.
///
/// @param shape the shape of the output
public record Expand(Shape shape) implements Movement {
    @Override
    public String label() {
        return "expand";
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        TensorType x = inputs.getFirst();
        if (x.shape().rank() > shape.rank()
                || !Shape.broadcast("expand", x.shape(), shape).equals(shape)) {
            throw new TypeException(
                    "expand: expects a shape that %s broadcasts to, but got %s; only dimensions of"
                                    .formatted(x, shape)
                            + " size 1 can grow");
        }
        return x.with(shape);
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense x = inputs.getFirst();
        return Dense.gathered(x.type().with(shape), x, i -> x.broadcastIndex(shape, i));
    }

    @Override
    public Tensor batched(List<Tensor> inputs, List<Boolean> batched, int size) {
        Tensor x = inputs.getFirst();
        int[] dims = new int[shape.rank() + 1];
        Arrays.fill(dims, 1);
        dims[0] = size;
        int own = x.shape().rank() - 1;
        System.arraycopy(x.shape().dims(), 1, dims, dims.length - own, own);
        return x.reshape(Shape.of(dims)).expand(Primitive.prepend(size, shape));
    }

    @Override
    public void vjp(Pullback p) {
        p.give(0, () -> p.g());
    }

    @Override
    public String onnx() {
        return "Expand";
    }
}
