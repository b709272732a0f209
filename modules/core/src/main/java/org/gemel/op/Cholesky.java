package org.gemel.op;

import java.util.List;
import org.gemel.GemelException;
import org.gemel.Linalg;
import org.gemel.Tensor;
import org.gemel.TensorType;

/// The lower triangular `L` with `A = L L^T`, for symmetric positive definite `A`, of which the
/// lower triangle is read; an error where it is not positive definite.
///
/// Derivative: with `P` the lower triangle of `L^T g`, its diagonal halved, `S = L^-T P L^-1`; the
/// cotangent is `(S + S^T) / 2` (Murray, 2016).
///
/// Primitive: each column depends on those before; as a graph it would grow with the matrix.
public enum Cholesky implements MatrixOp {
    /// The one operation of this kind.
    CHOLESKY;

    @Override
    public String label() {
        return "cholesky";
    }

    @Override
    public int arity() {
        return 1;
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        MatrixOp.square(label(), inputs.getFirst());
        return inputs.getFirst();
    }

    @Override
    public Matrix compute(List<Matrix> inputs, long which) {
        Matrix a = inputs.getFirst();
        int n = a.rows();
        Matrix l = new Matrix(n, n);
        for (int j = 0; j < n; j++) {
            for (int i = j; i < n; i++) {
                double sum = a.at(i, j);
                for (int k = 0; k < j; k++) {
                    sum -= l.at(i, k) * l.at(j, k);
                }
                if (i == j && sum <= 0) {
                    throw new GemelException(
                            "cholesky: expects positive definite matrices, but number %d is not: minor"
                                            .formatted(which)
                                    + " %d is not positive; add a multiple of the identity"
                                            .formatted(j + 1));
                }
                l.set(i, j, i == j ? Math.sqrt(sum) : sum / l.at(j, j));
            }
        }
        return l;
    }

    @Override
    public boolean mayFail() {
        return true;
    }

    @Override
    public boolean differentiable() {
        return true;
    }

    @Override
    public void vjp(Pullback p) {
        p.give(
                0,
                () -> {
                    Tensor upper = p.y().transpose();
                    Tensor half = Linalg.lowerHalf(upper.matmul(p.g()));
                    Tensor left = Linalg.solveTriangular(upper, half, false, false);
                    Tensor both = Linalg.solveTriangular(upper, left.transpose(), false, false);
                    return both.add(both.transpose()).mul(0.5);
                });
    }
}
