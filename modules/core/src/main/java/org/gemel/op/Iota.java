package org.gemel.op;

import java.util.List;
import org.gemel.TensorType;

/// The numbers 0, 1, 2, ... in row-major order; no inputs.
///
/// Primitive: values from nothing.
///
/// @param type what is made
public record Iota(TensorType type) implements Primitive {
    @Override
    public String label() {
        return "iota";
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        return type;
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        return Dense.ofLongs(type, i -> i);
    }

    @Override
    public boolean differentiable() {
        return false;
    }

    @Override
    public void vjp(Pullback p) {}

    @Override
    public String onnx() {
        return "Range";
    }
}
