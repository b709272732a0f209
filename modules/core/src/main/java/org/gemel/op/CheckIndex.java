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
/// @param bound one more than the largest valid index
/// @param what the operation and argument that is checked, for the message
public record CheckIndex(int bound, String what) implements Primitive {
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

    /// The error for an index that is out of range.
    public GemelException violation(long index, long place) {
        return new TypeException(
                "%s: expects indices from 0 to %d, but got %d at place %d; check the data"
                        .formatted(what, bound - 1, index, place));
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense x = inputs.getFirst();
        for (int i = 0; i < x.size(); i++) {
            if (x.integer(i) < 0 || x.integer(i) >= bound) {
                throw violation(x.integer(i), i);
            }
        }
        return x;
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
