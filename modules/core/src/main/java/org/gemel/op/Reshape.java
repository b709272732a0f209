package org.gemel.op;

import java.util.List;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// The same elements in row-major order under another shape.
///
/// Primitive: nothing else changes the shape and keeps the order; a view where strides allow.
///
/// @param shape the shape of the output; as many elements as the input has
public record Reshape(Shape shape) implements Movement {
    @Override
    public String label() {
        return "reshape";
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        TensorType x = inputs.getFirst();
        if (x.shape().size() != shape.size()) {
            throw new TypeException(
                    "reshape: expects as many elements as the input has, but got %s (%d) to %s (%d)"
                                    .formatted(x, x.shape().size(), shape, shape.size())
                            + "; give one dimension as -1 to have it worked out");
        }
        return x.with(shape);
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense x = inputs.getFirst();
        return Dense.gathered(x.type().with(shape), x, i -> i);
    }

    @Override
    public Tensor batched(List<Tensor> inputs, List<Boolean> batched, int size) {
        return inputs.getFirst().reshape(Primitive.prepend(size, shape));
    }

    @Override
    public void vjp(Pullback p) {
        p.give(0, () -> p.g().reshape(p.type(0).shape()));
    }

    @Override
    public String onnx() {
        return "Reshape";
    }
}
