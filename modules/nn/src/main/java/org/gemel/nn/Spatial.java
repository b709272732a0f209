package org.gemel.nn;

import org.gemel.Tensor;
import org.gemel.TypeException;

/// The dimensions behind those of samples and channels.
final class Spatial {
    private Spatial() {}

    /// How many of `[n, channels, ..]` are spatial: 1 to 3.
    static int dims(String name, Tensor x) {
        int dims = x.shape().rank() - 2;
        if (dims < 1 || dims > 3) {
            throw new TypeException(
                    "%s: expects [n, channels, ..] with 1 to 3 spatial dimensions, but got %s; unsqueeze"
                                    .formatted(name, x.type())
                            + " or reshape it");
        }
        return dims;
    }
}
