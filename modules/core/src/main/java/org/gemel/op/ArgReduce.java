package org.gemel.op;

import java.util.List;
import java.util.Locale;
import org.gemel.DType;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// The index (i64) of the largest or smallest element along one dimension, which stays with size
/// 1. The first one at a tie; NaN counts as the most extreme.
///
/// Primitive: a comparison with the extreme and a reduction of indices would read the input three
/// times.
///
/// @param kind which element is sought
/// @param axis the dimension, from 0
public record ArgReduce(Kind kind, int axis) implements Primitive {
    /// Which element is sought.
    public enum Kind {
        /// The largest.
        ARGMAX,
        /// The smallest.
        ARGMIN
    }

    @Override
    public String label() {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        TensorType x = inputs.getFirst();
        if (x.shape().dim(x.shape().axis(axis)) == 0 || x.dtype() == DType.BOOL) {
            throw new TypeException(
                    "%s: expects numbers to choose from, but got %s along dimension %d; check for"
                                    .formatted(label(), x, axis)
                            + " an empty tensor, convert bool first");
        }
        return new TensorType(DType.I64, x.shape().reduced(new int[] {axis}));
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense x = inputs.getFirst();
        TensorType out = type(List.of(x.type()));
        return Dense.ofLongs(out, i -> best(x, Strides.position(out.shape(), i)));
    }

    private int best(Dense x, int[] position) {
        int best = 0;
        int bestIndex = 0;
        for (int j = 0; j < x.type().shape().dim(axis); j++) {
            position[axis] = j;
            int index = Strides.index(x.type().shape(), position);
            if (j == 0 || wins(x, index, bestIndex)) {
                best = j;
                bestIndex = index;
            }
        }
        return best;
    }

    private boolean wins(Dense x, int candidate, int best) {
        if (!x.type().dtype().isFloating()) {
            int order = Long.compare(x.integer(candidate), x.integer(best));
            return kind == Kind.ARGMAX ? order > 0 : order < 0;
        }
        double value = x.real(candidate);
        double former = x.real(best);
        return switch (kind) {
            case ARGMAX -> value > former || (Double.isNaN(value) && !Double.isNaN(former));
            case ARGMIN -> value < former || (Double.isNaN(value) && !Double.isNaN(former));
        };
    }

    @Override
    public boolean differentiable() {
        return false;
    }

    @Override
    public Tensor batched(List<Tensor> inputs, List<Boolean> batched, int size) {
        return Tensor.apply(new ArgReduce(kind, axis + 1), inputs).getFirst();
    }

    @Override
    public void vjp(Pullback p) {}

    @Override
    public boolean widens() {
        return true;
    }

    @Override
    public String onnx() {
        return kind == Kind.ARGMAX ? "ArgMax" : "ArgMin";
    }
}
