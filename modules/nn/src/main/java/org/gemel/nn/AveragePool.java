package org.gemel.nn;

import org.gemel.Pooling;
import org.gemel.Scope;
import org.gemel.Tensor;

/// The mean of each window over the spatial dimensions of `[n, channels, ..]`, one to three of
/// them.
///
/// @param how the windows
public record AveragePool(Pooling how) implements Module {
    /// Windows of that size, side by side; one size for all dimensions, or one for each.
    public AveragePool(int... kernel) {
        this(Pooling.of(kernel));
    }

    @Override
    public Tensor forward(Tensor x) {
        return Scope.keeping(() ->
                switch (Spatial.dims("averagePool", x)) {
                    case 1 -> x.avgPool1d(how);
                    case 2 -> x.avgPool2d(how);
                    default -> x.avgPool3d(how);
                });
    }
}
