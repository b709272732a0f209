package org.gemel.op;

import java.util.List;
import org.gemel.TensorType;

/// A tensor of one repeated value; no inputs.
///
/// Primitive: values from nothing.
///
/// @param type what is made
/// @param value the value, rounded to the type
public record Fill(TensorType type, double value) implements Primitive {
    @Override
    public String label() {
        return "fill";
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        return type;
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        return Dense.of(type, i -> value);
    }

    @Override
    public boolean differentiable() {
        return false;
    }

    @Override
    public void vjp(Pullback p) {}

    @Override
    public String onnx() {
        return "ConstantOfShape";
    }
}
