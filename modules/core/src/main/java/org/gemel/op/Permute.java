package org.gemel.op;

import java.util.Arrays;
import java.util.List;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// Reorders the dimensions: output dimension `i` is input dimension `order.get(i)`.
///
/// Primitive: nothing else changes the order of dimensions; always a view.
///
/// @param order a permutation of `0..rank-1`
public record Permute(List<Integer> order) implements Movement {
    /// Copies the order.
    public Permute {
        order = List.copyOf(order);
    }

    @Override
    public String label() {
        return "permute";
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        TensorType x = inputs.getFirst();
        boolean[] seen = new boolean[x.shape().rank()];
        boolean valid = order.size() == seen.length;
        for (int axis : order) {
            valid = valid && axis >= 0 && axis < seen.length && !seen[axis];
            if (valid) {
                seen[axis] = true;
            }
        }
        if (!valid) {
            throw new TypeException(
                    "permute: expects each of the %d dimensions of %s once, but got %s"
                                    .formatted(seen.length, x, order)
                            + "; name every dimension, as in permute(1, 0)");
        }
        int[] dims = order.stream().mapToInt(axis -> x.shape().dim(axis)).toArray();
        return x.with(Shape.of(dims));
    }

    /// The permutation that undoes this one.
    public Permute inverse() {
        Integer[] back = new Integer[order.size()];
        for (int i = 0; i < back.length; i++) {
            back[order.get(i)] = i;
        }
        return new Permute(Arrays.asList(back));
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense x = inputs.getFirst();
        TensorType out = type(List.of(x.type()));
        long[] source = x.type().shape().rowMajorStrides();
        long[] strides = order.stream().mapToLong(axis -> source[axis]).toArray();
        return Dense.gathered(out, x, i -> Strides.offset(out.shape(), strides, i));
    }

    @Override
    public Tensor batched(List<Tensor> inputs, List<Boolean> batched, int size) {
        List<Integer> later = order.stream().map(axis -> axis + 1).toList();
        return inputs.getFirst().permute(new Permute(Primitive.prepend(0, later)));
    }

    @Override
    public void vjp(Pullback p) {
        p.give(0, () -> p.g().permute(inverse()));
    }

    @Override
    public String onnx() {
        return "Transpose";
    }
}
