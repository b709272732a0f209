package org.gemel.nn;

import org.gemel.Pooling;
import org.gemel.Scope;
import org.gemel.Tensor;

/// The largest element of each window over the spatial dimensions of `[n, channels, ..]`, one to
/// three of them.
///
/// @param how the windows
public record MaxPool(Pooling how) implements Module {
    /// Windows of that size, side by side; one size for all dimensions, or one for each.
    public MaxPool(int... kernel) {
        this(Pooling.of(kernel));
    }

    @Override
    public Tensor forward(Tensor x) {
        return Scope.keeping(() ->
                switch (Spatial.dims("maxPool", x)) {
                    case 1 -> x.maxPool1d(how);
                    case 2 -> x.maxPool2d(how);
                    default -> x.maxPool3d(how);
                });
    }
}
