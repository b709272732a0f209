package org.gemel.op;

/// Where generated tests draw an operation's inputs from: an interval on which it is defined and
/// smooth enough for finite differences.
///
/// @param low the smallest sample
/// @param high the largest sample
/// @param gap samples closer to zero than this are moved away from it
public record Samples(double low, double high, double gap) {
    /// The whole neighbourhood of zero.
    public static final Samples ANY = new Samples(-3, 3, 0);

    /// Away from a kink or pole at zero.
    public static final Samples NONZERO = new Samples(-3, 3, 0.25);

    /// Greater than zero.
    public static final Samples POSITIVE = new Samples(0.25, 4, 0);

    /// Small enough that exponentials stay tame.
    public static final Samples MODERATE = new Samples(-2, 2, 0);

    /// Greater than -1.
    public static final Samples ABOVE_MINUS_ONE = new Samples(-0.75, 3, 0);

    /// Between -1 and 1, away from both.
    public static final Samples UNIT = new Samples(-0.9, 0.9, 0);

    /// Greater than 1.
    public static final Samples ABOVE_ONE = new Samples(1.25, 4, 0);

    /// Maps `unit` in [0, 1) to a sample.
    public double at(double unit) {
        double value = low + (high - low) * unit;
        return Math.abs(value) < gap ? Math.copySign(gap + Math.abs(value), value) : value;
    }
}
