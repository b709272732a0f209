package org.gemel.op;

import java.util.List;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// Takes `count` elements from `start` in steps of `step` along each dimension. A negative step
/// reverses.
///
/// Primitive: nothing else takes a part without a copy; always a view.
///
/// @param starts the first index along each dimension
/// @param counts how many elements along each dimension
/// @param steps the distance between them, not 0
public record Slice(List<Integer> starts, List<Integer> counts, List<Integer> steps)
        implements Movement {
    /// Copies the lists.
    public Slice {
        starts = List.copyOf(starts);
        counts = List.copyOf(counts);
        steps = List.copyOf(steps);
    }

    @Override
    public String label() {
        return "slice";
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        TensorType x = inputs.getFirst();
        if (!fits(x.shape())) {
            throw new TypeException(
                    "slice: expects indices inside %s, but got start %s, count %s, step %s"
                                    .formatted(x, starts, counts, steps)
                            + "; indices run from 0 to the dimension less 1");
        }
        return x.with(Shape.of(counts.stream().mapToInt(Integer::intValue).toArray()));
    }

    /// Whether every index lies inside `shape`.
    boolean fits(Shape shape) {
        int rank = shape.rank();
        boolean fits = starts.size() == rank && counts.size() == rank && steps.size() == rank;
        for (int axis = 0; fits && axis < rank; axis++) {
            int first = starts.get(axis);
            int count = counts.get(axis);
            long last = first + (count - 1L) * steps.get(axis);
            int dim = shape.dim(axis);
            boolean inside = first >= 0 && first < dim && last >= 0 && last < dim;
            fits = count >= 0 && steps.get(axis) != 0 && (count == 0 || inside);
        }
        return fits;
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense x = inputs.getFirst();
        TensorType out = type(List.of(x.type()));
        return Dense.gathered(
                out,
                x,
                i -> {
                    int[] position = Strides.position(out.shape(), i);
                    for (int axis = 0; axis < position.length; axis++) {
                        position[axis] = starts.get(axis) + position[axis] * steps.get(axis);
                    }
                    return Strides.index(x.type().shape(), position);
                });
    }

    @Override
    public Tensor batched(List<Tensor> inputs, List<Boolean> batched, int size) {
        Slice behind =
                new Slice(
                        Primitive.prepend(0, starts),
                        Primitive.prepend(size, counts),
                        Primitive.prepend(1, steps));
        return inputs.getFirst().sliced(behind);
    }

    @Override
    public void vjp(Pullback p) {
        p.give(0, () -> p.g().padded(Pad.undoing(this, p.type(0).shape())));
    }

    @Override
    public String onnx() {
        return "Slice";
    }
}
