package org.gemel.nn;

import java.util.Arrays;
import org.gemel.Scope;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TypeException;

/// All dimensions from `first` on as one, as between convolutions and a linear layer.
///
/// @param first the first of them, from 0
public record Flatten(int first) implements Module {
    /// All but the samples' dimension.
    public Flatten() {
        this(1);
    }

    @Override
    public Tensor forward(Tensor x) {
        int[] dims = x.shape().dims();
        if (first < 0 || first >= dims.length) {
            throw new TypeException(
                    "flatten: expects a tensor with dimension %d, but got %s; name another one"
                            .formatted(first, x.type()));
        }
        int[] kept = Arrays.copyOf(dims, first + 1);
        kept[first] = Arrays.stream(dims, first, dims.length).reduce(1, (a, b) -> a * b);
        return Scope.keeping(() -> x.reshape(Shape.of(kept)));
    }
}
