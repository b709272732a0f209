package org.gemel.op;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// The indices (i64) that sort along one dimension; of them the first `count`.
///
/// Stable: equal elements keep their order, also when descending. NaN counts as larger than all
/// others; zeros are equal whatever their sign.
///
/// Primitive: how elements move depends on data.
///
/// @param axis the dimension, from 0
/// @param descending whether the largest come first
/// @param count how many are wanted; the size of the dimension in the output
public record ArgSort(int axis, boolean descending, int count) implements Primitive {
    @Override
    public String label() {
        return "argsort";
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        Shape shape = inputs.getFirst().shape();
        int at = shape.axis(axis);
        if (count < 0 || count > shape.dim(at)) {
            throw new TypeException(
                    "argsort: expects a count from 0 to %d along dimension %d of %s, but got %d;"
                                    .formatted(shape.dim(at), axis, inputs.getFirst(), count)
                            + " take fewer");
        }
        return new TensorType(DType.I64, shape.with(at, count));
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense x = inputs.getFirst();
        TensorType out = type(List.of(x.type()));
        long[] places = new long[Math.toIntExact(out.shape().size())];
        for (int i = 0; i < places.length; i++) {
            int[] position = Strides.position(out.shape(), i);
            if (position[axis] == 0) {
                for (int j : sorted(x, position).subList(0, count)) {
                    places[Strides.index(out.shape(), position)] = j;
                    position[axis]++;
                }
            }
        }
        return Dense.ofLongs(out, i -> places[i]);
    }

    // The places along the axis of the line that begins at `start`, in the order of its elements.
    private List<Integer> sorted(Dense x, int[] start) {
        Shape from = x.type().shape();
        Comparator<Integer> order =
                Comparator.comparing(
                        j -> {
                            int[] there = start.clone();
                            there[axis] = j;
                            return Strides.index(from, there);
                        },
                        (p, q) -> compare(x, p, q));
        return IntStream.range(0, from.dim(axis))
                .boxed()
                .sorted(descending ? order.reversed() : order)
                .toList();
    }

    private static int compare(Dense x, int p, int q) {
        return x.type().dtype().isFloating()
                // so that -0 and 0 are equal
                ? Double.compare(x.real(p) + 0.0, x.real(q) + 0.0)
                : Long.compare(x.integer(p), x.integer(q));
    }

    @Override
    public boolean differentiable() {
        return false;
    }

    @Override
    public void vjp(Pullback p) {}

    @Override
    public String onnx() {
        return "TopK";
    }
}
