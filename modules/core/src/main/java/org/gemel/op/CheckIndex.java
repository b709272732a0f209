package org.gemel.op;

import java.util.List;
import org.gemel.DType;
import org.gemel.GemelException;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// The input itself (i64), once every element is known to lie in `0..bound-1`; otherwise the
/// operation throws.
///
/// Primitive: nothing else can fail by what the elements are.
///
/// @param bound one more than the largest valid index
/// @param wraps whether indices from `-bound` to `-1` are valid too: they count from the end, and
///   the output has them from the beginning
/// @param what the operation and argument that is checked, for the message
public record CheckIndex(int bound, boolean wraps, String what) implements Primitive {
    /// A check for indices from 0.
    public CheckIndex(int bound, String what) {
        this(bound, false, what);
    }

    @Override
    public String label() {
        return "check_index";
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        TensorType x = inputs.getFirst();
        if (x.dtype() != DType.I64) {
            throw new TypeException(
                    "%s: expects indices of type i64, but got %s; did you mean x.to(DType.I64)?"
                            .formatted(what, x));
        }
        return x;
    }

    /// What the output has for `index`, or the error for one that is out of range.
    public long checked(long index, long place) {
        if (index < (wraps ? -bound : 0) || index >= bound) {
            throw violation(index, place);
        }
        return index < 0 ? index + bound : index;
    }

    private GemelException violation(long index, long place) {
        return new TypeException(
                "%s: expects indices from %d to %d, but got %d at place %d; check the data"
                        .formatted(what, wraps ? -bound : 0, bound - 1, index, place));
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense x = inputs.getFirst();
        return Dense.ofLongs(x.type(), i -> checked(x.integer(i), i));
    }

    @Override
    public boolean mayFail() {
        return true;
    }

    @Override
    public boolean differentiable() {
        return false;
    }

    @Override
    public Tensor batched(List<Tensor> inputs, List<Boolean> batched, int size) {
        return Tensor.apply(this, inputs).getFirst();
    }

    @Override
    public void vjp(Pullback p) {}

    @Override
    public String onnx() {
        return "";
    }
}
