package org.gemel;

/// What becomes of several elements that meet in one place.
public enum Accumulation {
    /// Their sum.
    SUM,
    /// Their product.
    PRODUCT,
    /// Their mean; of integers, rounded down.
    MEAN,
    /// The largest; NaN wins.
    LARGEST,
    /// The smallest; NaN wins.
    SMALLEST
}
