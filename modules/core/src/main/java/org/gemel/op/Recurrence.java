package org.gemel.op;

import java.util.List;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// The linear recurrence `y[k] = a[k] y[k - 1] + b[k]` along one dimension, `y[0] = b[0]`.
///
/// It is what cumulative products and sums of exponentials have as derivative, and its own
/// derivative is a recurrence the other way round. In `double` for floating-point types, one
/// element after the other, each result rounded once.
///
/// Primitive: running products and sums divide where this does not, and fail at zeros.
///
/// @param axis the dimension, from 0
/// @param reverse whether it runs from the last element to the first
public record Recurrence(int axis, boolean reverse) implements Primitive {
    @Override
    public String label() {
        return "recurrence";
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        TensorType a = inputs.get(0);
        TensorType b = inputs.get(1);
        if (!a.equals(b) || !a.dtype().isFloating()) {
            throw new TypeException(
                    "recurrence: expects two inputs of one floating-point type and shape, but got"
                            + " %s and %s; expand or convert one of them".formatted(a, b));
        }
        a.shape().axis(axis);
        return a;
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense a = inputs.get(0);
        Dense b = inputs.get(1);
        Shape shape = a.type().shape();
        int length = shape.dim(axis);
        int step = 1;
        for (int d = axis + 1; d < shape.rank(); d++) {
            step *= shape.dim(d);
        }
        double[] y = new double[a.size()];
        for (int i = 0; i < y.length; i++) {
            int order = i / step % length;
            int at = reverse ? i + (length - 1 - 2 * order) * step : i;
            int before = reverse ? at + step : at - step;
            y[at] = order == 0 ? b.real(at) : a.real(at) * y[before] + b.real(at);
        }
        return Dense.of(a.type(), i -> y[i]);
    }

    /// `x` moved by one place along `axis`, towards the end or towards the beginning, with `fill`
    /// in the free place.
    public static Tensor shifted(Tensor x, int axis, boolean towardsBeginning, double fill) {
        int length = x.shape().dim(axis);
        if (length == 0) {
            return x;
        }
        TensorType edge = x.type().with(x.shape().with(axis, 1));
        Tensor free = Tensor.full(edge, fill);
        return towardsBeginning
                ? Tensor.concat(List.of(x.slice(axis, 1, length, 1), free), axis)
                : Tensor.concat(List.of(free, x.slice(axis, 0, length - 1, 1)), axis);
    }

    @Override
    public boolean differentiable() {
        return true;
    }

    @Override
    public void vjp(Pullback p) {
        p.give(0, () -> carried(p).mul(shifted(p.y(), axis, reverse, 0)));
        p.give(1, () -> carried(p));
    }

    // What reaches an element, directly and through all later ones.
    private Tensor carried(Pullback p) {
        Tensor onward = shifted(p.x(0), axis, !reverse, 0);
        return Tensor.apply(new Recurrence(axis, !reverse), List.of(onward, p.g())).getFirst();
    }

    @Override
    public boolean widens() {
        return true;
    }

    @Override
    public String onnx() {
        return "";
    }
}
