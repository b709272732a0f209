package org.gemel.op;

import java.util.List;
import org.gemel.TensorType;

/// An operation that backends implement; all others are composites of these.
///
/// Primitives have one output. Sealed: adding one makes the compiler list every place that must
/// answer for it.
public sealed interface Primitive extends Op
        permits Pointwise,
                Movement,
                Reduce,
                ArgReduce,
                Gather,
                Scatter,
                Scan,
                Recurrence,
                ArgSort,
                MatMul,
                Conv,
                Pool,
                Pad,
                Concat,
                Fill,
                Iota,
                Random,
                CheckIndex {
    /// The type of the output for inputs of the given types.
    ///
    /// @throws org.gemel.TypeException if these inputs do not fit
    TensorType type(List<TensorType> inputs);

    /// What the operation means, on plain arrays: the specification that every backend is tested
    /// against. Floating-point values are computed in `double` and rounded once to the type.
    Dense reference(List<Dense> inputs);

    /// The operator of the ONNX standard with this meaning, or an empty text.
    String onnx();

    @Override
    default List<TensorType> infer(List<TensorType> inputs) {
        return List.of(type(inputs));
    }
}
