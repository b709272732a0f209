package org.gemel.nn;

import java.util.Arrays;
import java.util.List;
import org.gemel.Scope;
import org.gemel.Tensor;

/// Means over the spatial dimensions of `[n, channels, ..]`, one to three of them, of windows that
/// give the output its size; size 1 is the mean of each channel.
///
/// @param output one size for each spatial dimension
public record AdaptiveAveragePool(List<Integer> output) implements Module {
    /// Copies the list.
    public AdaptiveAveragePool {
        output = List.copyOf(output);
    }

    /// Outputs of that size.
    public AdaptiveAveragePool(int... output) {
        this(Arrays.stream(output).boxed().toList());
    }

    @Override
    public Tensor forward(Tensor x) {
        int[] size = output.stream().mapToInt(Integer::intValue).toArray();
        return Scope.keeping(() ->
                switch (Spatial.dims("adaptiveAveragePool", x)) {
                    case 1 -> x.adaptiveAvgPool1d(size);
                    case 2 -> x.adaptiveAvgPool2d(size);
                    default -> x.adaptiveAvgPool3d(size);
                });
    }
}
