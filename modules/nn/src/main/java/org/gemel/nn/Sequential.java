package org.gemel.nn;

import java.util.List;
import org.gemel.Tensor;

/// Layers one after the other.
///
/// @param layers the first one gets the input
public record Sequential(List<Module> layers) implements Module {
    /// Copies the list.
    public Sequential {
        layers = List.copyOf(layers);
    }

    /// Layers one after the other; functions such as `Tensor::relu` are layers too.
    public Sequential(Module... layers) {
        this(List.of(layers));
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor y = x;
        for (Module layer : layers) {
            y = layer.forward(y);
        }
        return y;
    }
}
