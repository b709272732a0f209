package org.gemel.op;

import java.util.Comparator;
import java.util.stream.IntStream;

/// Columns that Jacobi's rotations have made orthogonal, pair after pair (Hestenes, 1958), largest
/// first.
///
/// @param left the columns, of length 1
/// @param values how long they were
/// @param right what the matrix was multiplied with to get them
record Rotations(Matrix left, double[] values, Matrix right) {
    // Each sweep squares what is left; the bound is for what is not a number.
    private static final int SWEEPS = 60;
    private static final double NOTHING = 0x1p-52;

    static Rotations of(Matrix a) {
        Matrix w = a.copy();
        Matrix v = identity(a.columns());
        boolean turned = true;
        for (int sweep = 0; sweep < SWEEPS && turned; sweep++) {
            turned = false;
            for (int p = 0; p < a.columns(); p++) {
                for (int q = p + 1; q < a.columns(); q++) {
                    turned |= orthogonalize(w, v, p, q);
                }
            }
        }
        return sorted(w, v);
    }

    static Matrix identity(int n) {
        Matrix one = new Matrix(n, n);
        for (int i = 0; i < n; i++) {
            one.set(i, i, 1);
        }
        return one;
    }

    private static double product(Matrix w, int p, int q) {
        double sum = 0;
        for (int i = 0; i < w.rows(); i++) {
            sum += w.at(i, p) * w.at(i, q);
        }
        return sum;
    }

    private static boolean orthogonalize(Matrix w, Matrix v, int p, int q) {
        double a = product(w, p, p);
        double b = product(w, q, q);
        double c = product(w, p, q);
        double noise = 2 * NOTHING * Math.sqrt(w.rows());
        if (!(Math.abs(c) > noise * Math.sqrt(a) * Math.sqrt(b))) {
            return false;
        }
        double zeta = (b - a) / (2 * c);
        double t = tangent(zeta);
        rotate(w, p, q, t);
        rotate(v, p, q, t);
        return true;
    }

    /// The smaller root of `t^2 + 2 z t - 1`.
    static double tangent(double z) {
        return Math.copySign(1 / (Math.abs(z) + Math.hypot(1, z)), z);
    }

    /// Turns columns p and q by the angle with tangent `t`.
    static void rotate(Matrix w, int p, int q, double t) {
        double cos = 1 / Math.hypot(1, t);
        double sin = cos * t;
        for (int i = 0; i < w.rows(); i++) {
            double x = w.at(i, p);
            double y = w.at(i, q);
            w.set(i, p, cos * x - sin * y);
            w.set(i, q, sin * x + cos * y);
        }
    }

    private static Rotations sorted(Matrix w, Matrix v) {
        int n = w.columns();
        double[] lengths = new double[n];
        for (int j = 0; j < n; j++) {
            lengths[j] = Math.sqrt(product(w, j, j));
        }
        int[] order =
                IntStream.range(0, n)
                        .boxed()
                        .sorted(Comparator.comparingDouble(j -> -lengths[j]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        Matrix left = new Matrix(w.rows(), n);
        Matrix right = new Matrix(n, n);
        double[] values = new double[n];
        for (int j = 0; j < n; j++) {
            int from = order[j];
            values[j] = lengths[from];
            // what is shorter than the rounding of the longest has no direction of its own
            boolean none = values[j] <= values[0] * NOTHING * n;
            for (int i = 0; i < w.rows(); i++) {
                left.set(i, j, none ? 0 : w.at(i, from) / values[j]);
            }
            for (int i = 0; i < n; i++) {
                right.set(i, j, v.at(i, from));
            }
            if (none) {
                complete(left, j);
            }
            if (negative(left, j)) {
                negate(left, j);
                negate(right, j);
            }
        }
        return new Rotations(left, values, right);
    }

    // Some unit vector that is orthogonal to the columns before.
    private static void complete(Matrix w, int column) {
        for (int unit = 0; unit < w.rows(); unit++) {
            for (int i = 0; i < w.rows(); i++) {
                w.set(i, column, i == unit ? 1 : 0);
            }
            // twice is enough (Kahan)
            for (int pass = 0; pass < 2; pass++) {
                for (int j = 0; j < column; j++) {
                    double share = product(w, j, column);
                    for (int i = 0; i < w.rows(); i++) {
                        w.set(i, column, w.at(i, column) - share * w.at(i, j));
                    }
                }
            }
            double length = Math.sqrt(product(w, column, column));
            // one of the units is at least so far away from all columns before
            if (length >= 0.5 / Math.sqrt(w.rows())) {
                for (int i = 0; i < w.rows(); i++) {
                    w.set(i, column, w.at(i, column) / length);
                }
                return;
            }
        }
    }

    /// Whether the largest element of a column is negative, the first at a tie.
    static boolean negative(Matrix w, int column) {
        double largest = 0;
        for (int i = 0; i < w.rows(); i++) {
            if (Math.abs(w.at(i, column)) > Math.abs(largest)) {
                largest = w.at(i, column);
            }
        }
        return largest < 0;
    }

    static void negate(Matrix w, int column) {
        for (int i = 0; i < w.rows(); i++) {
            w.set(i, column, -w.at(i, column));
        }
    }
}
