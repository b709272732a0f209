package org.gemel;

/// What a quantile is that falls between two numbers.
public enum Between {
    /// On the straight line from one to the other.
    LINEAR,
    /// The lower one.
    LOWER,
    /// The higher one.
    HIGHER,
    /// Their mean.
    MIDPOINT,
    /// The nearer one, at a tie the one at an even place.
    NEAREST;

    // Where to look instead of at a place between.
    double place(double place) {
        return switch (this) {
            case LINEAR -> place;
            case LOWER -> Math.floor(place);
            case HIGHER -> Math.ceil(place);
            case MIDPOINT -> (Math.floor(place) + Math.ceil(place)) / 2;
            case NEAREST -> Math.rint(place);
        };
    }

    // The same of many.
    Tensor place(Tensor place) {
        return switch (this) {
            case LINEAR -> place;
            case LOWER -> place.floor();
            case HIGHER -> place.ceil();
            case MIDPOINT -> place.floor().add(place.ceil()).mul(0.5);
            case NEAREST -> place.round();
        };
    }
}
