package org.gemel.bench.stats;

import java.util.List;

/// How closely the numbers of two runs agree.
///
/// @param bitsEqual whether every number has the same bits in both
/// @param maxUlp the largest distance in units in the last place; `Long.MAX_VALUE` where only one
///   of two numbers is NaN. Zero and minus zero are 0 ulp apart although their bits differ
/// @param compared how many numbers were compared
public record Agreement(boolean bitsEqual, long maxUlp, long compared) {
    /// Compares arrays pairwise.
    ///
    /// @throws IllegalArgumentException if there are not as many numbers on both sides
    public static Agreement of(List<float[]> left, List<float[]> right) {
        if (left.size() != right.size()) {
            throw new IllegalArgumentException(
                    "%d arrays against %d".formatted(left.size(), right.size()));
        }
        Agreement all = new Agreement(true, 0, 0);
        for (int i = 0; i < left.size(); i++) {
            all = all.and(of(left.get(i), right.get(i)));
        }
        return all;
    }

    /// Both comparisons taken together.
    public Agreement and(Agreement other) {
        return new Agreement(
                bitsEqual && other.bitsEqual,
                Math.max(maxUlp, other.maxUlp),
                compared + other.compared);
    }

    private static Agreement of(float[] left, float[] right) {
        if (left.length != right.length) {
            throw new IllegalArgumentException(
                    "%d numbers against %d".formatted(left.length, right.length));
        }
        boolean equal = true;
        long most = 0;
        for (int i = 0; i < left.length; i++) {
            if (Float.floatToRawIntBits(left[i]) != Float.floatToRawIntBits(right[i])) {
                equal = false;
                most = Math.max(most, ulps(left[i], right[i]));
            }
        }
        return new Agreement(equal, most, left.length);
    }

    private static long ulps(float a, float b) {
        if (Float.isNaN(a) || Float.isNaN(b)) {
            return Float.isNaN(a) && Float.isNaN(b) ? 0 : Long.MAX_VALUE;
        }
        return Math.abs(rank(a) - rank(b));
    }

    // The position of a number among all floats in ascending order, zero at 0.
    private static long rank(float value) {
        int bits = Float.floatToRawIntBits(value);
        return bits >= 0 ? bits : (long) Integer.MIN_VALUE - bits;
    }
}
