package org.gemel;

import java.util.Objects;

/// How [Tensor#gridSample] reads between elements and beyond them.
///
/// @param interpolation what lies between elements
/// @param outside what lies beyond them
/// @param alignCorners whether -1 and 1 are the centres of the corner elements, rather than their
///   outer edges
public record GridSampling(Interpolation interpolation, Outside outside, boolean alignCorners) {
    /// What lies between elements.
    public enum Interpolation {
        /// Straight lines along each dimension.
        LINEAR,
        /// The nearest element, at a tie the one with the even number.
        NEAREST,
        /// The cubic convolution with slope -3/4 (Keys, 1981), over 2 spatial dimensions.
        CUBIC
    }

    /// What lies beyond the elements.
    public enum Outside {
        /// Zeros.
        ZEROS,
        /// The elements at the border.
        BORDER,
        /// The elements again, mirrored at the border.
        REFLECTION
    }

    /// Straight lines, zeros outside, edges at -1 and 1.
    public static final GridSampling USUAL =
            new GridSampling(Interpolation.LINEAR, Outside.ZEROS, false);

    /// Checks for null.
    public GridSampling {
        Objects.requireNonNull(interpolation);
        Objects.requireNonNull(outside);
    }
}
