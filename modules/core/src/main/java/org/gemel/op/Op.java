package org.gemel.op;

import java.util.List;
import org.gemel.TensorType;

/// An operation: a value that says what is to be computed, whatever runs it.
///
/// Everything that is true of an operation stands in its row or record here: name, type rule,
/// reference meaning, derivative, ONNX name. A backend adds only speed.
public sealed interface Op permits Primitive, Composite {
    /// The name in small letters, in printed graphs, reports and messages, as in `matmul`.
    String label();

    /// The types of the outputs for inputs of the given types.
    ///
    /// @throws org.gemel.TypeException if these inputs do not fit; names rule, facts and remedy
    List<TensorType> infer(List<TensorType> inputs);

    /// Hands the cotangents of the inputs to `pullback`, written in tensor calls, so that it serves
    /// both modes and higher orders alike.
    void vjp(Pullback pullback);

    /// Whether any input has a derivative other than zero.
    boolean differentiable();
}
