package org.gemel;

import java.util.Objects;
import java.util.OptionalInt;

/// How [Tensor#embedding(Tensor, Lookup)] reads rows and spreads gradients.
///
/// @param padding the row that only fills up and gets no gradient; negative ones count from the end
/// @param longest rows are shrunk to a norm of at most this before they are read, without a trace
///   in the derivative; may be infinite
/// @param norm the order of that norm
/// @param byFrequency whether the gradient of a row is divided by the number of times it is read
public record Lookup(OptionalInt padding, double longest, double norm, boolean byFrequency) {
    /// Rows as they are.
    public static final Lookup PLAIN =
            new Lookup(OptionalInt.empty(), Double.POSITIVE_INFINITY, 2, false);

    /// Checks the norm.
    public Lookup {
        Objects.requireNonNull(padding);
        if (!(longest >= 0) || !(norm > 0)) {
            throw new GemelException(
                    "embedding: expects a longest norm of at least 0 of a positive order, but got %s"
                                    .formatted(longest)
                            + " of order %s; check both".formatted(norm));
        }
    }

    /// This lookup with a row that only fills up.
    public Lookup padding(int row) {
        return new Lookup(OptionalInt.of(row), longest, norm, byFrequency);
    }

    /// This lookup of rows shrunk to a norm.
    public Lookup longest(double most, double order) {
        return new Lookup(padding, most, order, byFrequency);
    }

    /// This lookup with gradients divided by the number of times a row is read.
    public Lookup scaledByFrequency() {
        return new Lookup(padding, longest, norm, true);
    }
}
