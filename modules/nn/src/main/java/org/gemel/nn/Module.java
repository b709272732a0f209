package org.gemel.nn;

import java.util.List;
import java.util.SequencedMap;
import org.gemel.Parameter;
import org.gemel.Tensor;

/// A layer or a model: a function of a tensor, with parameters in its fields.
///
/// Nothing is registered. Parameters are found in the fields, in the order of their declaration,
/// and in the modules that fields hold, alone, in an `Optional`, or in lists and arrays.
public interface Module {
    /// The layer's output for the input `x`.
    Tensor forward(Tensor x);

    /// All parameters, each one once, in the order of the fields.
    default List<Parameter> parameters() {
        return List.copyOf(namedParameters().values());
    }

    /// All parameters by their path, as in `l1.weight` or `layers.0.bias`, in the order of the
    /// fields. A parameter that is reached twice appears under its first path.
    default SequencedMap<String, Parameter> namedParameters() {
        return ParameterSearch.in(this);
    }

    /// This module and all below it, each one once, in the order of the fields.
    default List<Module> modules() {
        return ParameterSearch.modules(this);
    }

    /// Switches this module and all below it between training and inference: [BatchNorm] and
    /// [Dropout] differ in the two. Everything starts in training.
    default void training(boolean choice) {
        ParameterSearch.children(this).forEach(child -> child.training(choice));
    }
}
