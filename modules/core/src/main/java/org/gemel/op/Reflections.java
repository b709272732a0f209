package org.gemel.op;

/// Householder's reflections that make a matrix of at least as many rows as columns upper
/// triangular, one for each column.
///
/// @param factors the triangle, and below it what the reflections' vectors hold after a 1
/// @param scales what each reflection subtracts of its vector times its product with a column
record Reflections(Matrix factors, double[] scales) {
    static Reflections of(Matrix a) {
        Matrix r = a.copy();
        double[] scales = new double[a.columns()];
        for (int k = 0; k < a.columns(); k++) {
            double below = 0;
            for (int i = k + 1; i < a.rows(); i++) {
                below += r.at(i, k) * r.at(i, k);
            }
            if (below != 0) {
                double alpha = r.at(k, k);
                double beta = -Math.copySign(Math.sqrt(alpha * alpha + below), alpha);
                scales[k] = (beta - alpha) / beta;
                for (int i = k + 1; i < a.rows(); i++) {
                    r.set(i, k, r.at(i, k) / (alpha - beta));
                }
                r.set(k, k, beta);
                for (int j = k + 1; j < a.columns(); j++) {
                    reflect(r, k, scales[k], r, j);
                }
            }
        }
        return new Reflections(r, scales);
    }

    // Reflects column j of `to` by the vector in column k of `from`.
    private static void reflect(Matrix from, int k, double scale, Matrix to, int j) {
        double sum = to.at(k, j);
        for (int i = k + 1; i < from.rows(); i++) {
            sum += from.at(i, k) * to.at(i, j);
        }
        sum *= scale;
        to.set(k, j, to.at(k, j) - sum);
        for (int i = k + 1; i < from.rows(); i++) {
            to.set(i, j, to.at(i, j) - sum * from.at(i, k));
        }
    }

    Matrix triangle() {
        int n = factors.columns();
        Matrix r = new Matrix(n, n);
        for (int i = 0; i < n; i++) {
            for (int j = i; j < n; j++) {
                r.set(i, j, factors.at(i, j));
            }
        }
        return r;
    }

    Matrix orthonormal() {
        Matrix q = new Matrix(factors.rows(), factors.columns());
        for (int j = 0; j < q.columns(); j++) {
            q.set(j, j, 1);
        }
        for (int k = q.columns() - 1; k >= 0; k--) {
            for (int j = k; j < q.columns(); j++) {
                reflect(factors, k, scales[k], q, j);
            }
        }
        return q;
    }
}
