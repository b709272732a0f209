package org.gemel.op;

import java.util.List;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// Joins tensors along one dimension; all others are equal.
///
/// Primitive: sums of padded parts would change -0.0, and read everything once per part.
///
/// @param axis the dimension, from 0
public record Concat(int axis) implements Primitive {
    @Override
    public String label() {
        return "concat";
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        TensorType first = inputs.getFirst();
        int total = 0;
        for (TensorType input : inputs) {
            Binary.sameDtype("concat", first, input);
            if (input.shape().rank() != first.shape().rank()
                    || !input.shape()
                            .with(axis, 0)
                            .equals(first.shape().with(first.shape().axis(axis), 0))) {
                throw new TypeException(
                        "concat: expects shapes that differ only in dimension %d, but got %s and %s"
                                        .formatted(axis, first, input)
                                + "; reshape or slice one of them");
            }
            total += input.shape().dim(axis);
        }
        return first.with(first.shape().with(axis, total));
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        TensorType out = type(inputs.stream().map(Dense::type).toList());
        Shape shape = out.shape();
        return out.dtype().isFloating()
                ? Dense.of(out, i -> locate(inputs, shape, i, true).doubleValue())
                : Dense.ofLongs(out, i -> locate(inputs, shape, i, false).longValue());
    }

    private Number locate(List<Dense> inputs, Shape shape, int i, boolean real) {
        int[] position = Strides.position(shape, i);
        int part = 0;
        while (position[axis] >= inputs.get(part).type().shape().dim(axis)) {
            position[axis] -= inputs.get(part).type().shape().dim(axis);
            part++;
        }
        Dense source = inputs.get(part);
        int index = Strides.index(source.type().shape(), position);
        if (real) {
            return source.real(index);
        }
        return source.integer(index);
    }

    @Override
    public boolean differentiable() {
        return true;
    }

    @Override
    public Tensor batched(List<Tensor> inputs, List<Boolean> batched, int size) {
        List<Tensor> all = Primitive.repeated(inputs, batched, size);
        return Tensor.apply(new Concat(axis + 1), all).getFirst();
    }

    @Override
    public void vjp(Pullback p) {
        int start = 0;
        for (int i = 0; i < p.arity(); i++) {
            int from = start;
            int count = p.type(i).shape().dim(axis);
            p.give(i, () -> p.g().slice(axis, from, from + count, 1));
            start += count;
        }
    }

    @Override
    public String onnx() {
        return "Concat";
    }
}
