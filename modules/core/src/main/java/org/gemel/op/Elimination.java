package org.gemel.op;

/// A matrix with its rows exchanged, as `L U`: `L` has ones on its diagonal, both share the array.
///
/// The pivot is the largest element of its column, the first at a tie.
///
/// @param factors `U`, and below it `L`
/// @param order which row of the matrix each row is
/// @param even whether the exchanges come to an even permutation
record Elimination(Matrix factors, int[] order, boolean even) {
    static Elimination of(Matrix a) {
        int n = a.rows();
        Matrix u = a.copy();
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        boolean even = true;
        for (int k = 0; k < n; k++) {
            int pivot = k;
            for (int i = k + 1; i < n; i++) {
                if (Math.abs(u.at(i, k)) > Math.abs(u.at(pivot, k))) {
                    pivot = i;
                }
            }
            if (pivot != k) {
                exchange(u, pivot, k);
                int row = order[k];
                order[k] = order[pivot];
                order[pivot] = row;
                even = !even;
            }
            if (u.at(k, k) != 0) {
                eliminate(u, k);
            }
        }
        return new Elimination(u, order, even);
    }

    private static void exchange(Matrix u, int a, int b) {
        for (int j = 0; j < u.columns(); j++) {
            double value = u.at(a, j);
            u.set(a, j, u.at(b, j));
            u.set(b, j, value);
        }
    }

    private static void eliminate(Matrix u, int k) {
        for (int i = k + 1; i < u.rows(); i++) {
            double factor = u.at(i, k) / u.at(k, k);
            u.set(i, k, factor);
            for (int j = k + 1; j < u.columns(); j++) {
                u.set(i, j, u.at(i, j) - factor * u.at(k, j));
            }
        }
    }

    boolean singular() {
        boolean zero = false;
        for (int i = 0; i < factors.rows(); i++) {
            zero |= factors.at(i, i) == 0;
        }
        return zero;
    }

    Matrix solve(Matrix b) {
        int n = factors.rows();
        Matrix x = new Matrix(n, b.columns());
        for (int c = 0; c < b.columns(); c++) {
            for (int i = 0; i < n; i++) {
                double sum = b.at(order[i], c);
                for (int k = 0; k < i; k++) {
                    sum -= factors.at(i, k) * x.at(k, c);
                }
                x.set(i, c, sum);
            }
            for (int i = n - 1; i >= 0; i--) {
                double sum = x.at(i, c);
                for (int k = i + 1; k < n; k++) {
                    sum -= factors.at(i, k) * x.at(k, c);
                }
                x.set(i, c, sum / factors.at(i, i));
            }
        }
        return x;
    }

    double determinant() {
        double product = even ? 1 : -1;
        for (int i = 0; i < factors.rows(); i++) {
            product *= factors.at(i, i);
        }
        return product;
    }

    double sign() {
        double sign = even ? 1 : -1;
        for (int i = 0; i < factors.rows(); i++) {
            sign *= Math.signum(factors.at(i, i));
        }
        return sign;
    }

    double logDeterminant() {
        double sum = 0;
        for (int i = 0; i < factors.rows(); i++) {
            sum += Math.log(Math.abs(factors.at(i, i)));
        }
        return sum;
    }
}
