package org.gemel.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// Places the input in a larger tensor of zeros: element `i` along a dimension goes to `start + i
/// step`. The transpose of [Slice], whose derivative it is.
///
/// Primitive: a concatenation cannot spread elements apart, which the derivative of a slice needs.
///
/// @param shape the shape of the output
/// @param starts where the first element goes along each dimension
/// @param steps the distance between elements, not 0
public record Pad(Shape shape, List<Integer> starts, List<Integer> steps) implements Primitive {
    /// Copies the lists.
    public Pad {
        starts = List.copyOf(starts);
        steps = List.copyOf(steps);
    }

    /// Padding by `before` and `after` zeros along each dimension of `input`.
    public static Pad around(Shape input, int[] before, int[] after) {
        int[] dims = input.dims();
        List<Integer> starts = new ArrayList<>();
        for (int axis = 0; axis < dims.length; axis++) {
            dims[axis] += before[axis] + after[axis];
            starts.add(before[axis]);
        }
        return new Pad(Shape.of(dims), starts, Collections.nCopies(dims.length, 1));
    }

    /// Puts what `slice` took from a tensor of shape `whole` back to its place.
    public static Pad undoing(Slice slice, Shape whole) {
        return new Pad(whole, slice.starts(), slice.steps());
    }

    /// The slice that takes the input back out, for an input of shape `inner`.
    public Slice inverse(Shape inner) {
        List<Integer> counts = new ArrayList<>();
        for (int dim : inner.dims()) {
            counts.add(dim);
        }
        return new Slice(starts, counts, steps);
    }

    @Override
    public String label() {
        return "pad";
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        TensorType x = inputs.getFirst();
        if (shape.rank() != x.shape().rank() || starts.size() != shape.rank()) {
            throw new TypeException(
                    "pad: expects one start and dimension for each dimension of %s, but got %s in"
                                    .formatted(x, starts)
                            + " %s; give all %d".formatted(shape, x.shape().rank()));
        }
        if (!inverse(x.shape()).fits(shape)) {
            throw new TypeException(
                    "pad: expects a place in %s for every element of %s, but got start %s, step %s;"
                                    .formatted(shape, x, starts, steps)
                            + " make the output larger");
        }
        return x.with(shape);
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense x = inputs.getFirst();
        int[] source = new int[Math.toIntExact(shape.size())];
        Arrays.fill(source, -1);
        for (int i = 0; i < x.size(); i++) {
            int[] position = Strides.position(x.type().shape(), i);
            for (int axis = 0; axis < position.length; axis++) {
                position[axis] = starts.get(axis) + position[axis] * steps.get(axis);
            }
            source[Strides.index(shape, position)] = i;
        }
        return x.type().dtype().isFloating()
                ? Dense.of(x.type().with(shape), i -> source[i] < 0 ? 0 : x.real(source[i]))
                : Dense.ofLongs(
                        x.type().with(shape), i -> source[i] < 0 ? 0 : x.integer(source[i]));
    }

    @Override
    public boolean differentiable() {
        return true;
    }

    @Override
    public Tensor batched(List<Tensor> inputs, List<Boolean> batched, int size) {
        Pad behind =
                new Pad(
                        Primitive.prepend(size, shape),
                        Primitive.prepend(0, starts),
                        Primitive.prepend(1, steps));
        return inputs.getFirst().padded(behind);
    }

    @Override
    public void vjp(Pullback p) {
        p.give(0, () -> p.g().sliced(inverse(p.type(0).shape())));
    }

    @Override
    public String onnx() {
        return "Pad";
    }
}
