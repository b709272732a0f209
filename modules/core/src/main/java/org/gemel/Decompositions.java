package org.gemel;

import java.util.List;
import org.gemel.op.Eigen;
import org.gemel.op.MatrixOp;
import org.gemel.op.Qr;
import org.gemel.op.SingularValues;

/// Factors of matrices, whose primitives take them with as many rows as columns or more.
final class Decompositions {
    private Decompositions() {}

    private static Tensor part(MatrixOp op, Tensor x) {
        return Tensor.apply(op, List.of(x)).getFirst();
    }

    private static boolean wide(String op, Tensor a) {
        if (a.shape().rank() < 2 || !a.dtype().isFloating()) {
            throw new TypeException(
                    "%s: expects matrices [.., m, n] of a floating-point type, but got %s; reshape or"
                                    .formatted(op, a.type())
                            + " convert it");
        }
        return a.shape().dim(-2) < a.shape().dim(-1);
    }

    // The first columns, as many as there are rows, decide on Q.
    static Linalg.QandR qr(Tensor a) {
        if (!wide("qr", a)) {
            return new Linalg.QandR(part(Qr.QR_Q, a), part(Qr.QR_R, a));
        }
        int rows = a.shape().dim(-2);
        Tensor first = a.slice(-1, 0, rows, 1);
        Tensor q = part(Qr.QR_Q, first);
        Tensor rest = q.transpose().matmul(a.slice(-1, rows, a.shape().dim(-1), 1));
        return new Linalg.QandR(q, Tensor.concat(List.of(part(Qr.QR_R, first), rest), -1));
    }

    static Linalg.Eigenpairs eigh(Tensor a) {
        return new Linalg.Eigenpairs(part(Eigen.EIGENVALUES, a), part(Eigen.EIGENVECTORS, a));
    }

    static Linalg.Svd svd(Tensor a) {
        if (wide("svd", a)) {
            Linalg.Svd turned = svd(a.transpose());
            return new Linalg.Svd(turned.vt().transpose(), turned.s(), turned.u().transpose());
        }
        return new Linalg.Svd(
                part(SingularValues.SVD_U, a),
                part(SingularValues.SVD_S, a),
                part(SingularValues.SVD_V, a).transpose());
    }

    static Tensor singularValues(Tensor a) {
        return part(SingularValues.SVD_S, wide("svd", a) ? a.transpose() : a);
    }

    static Tensor pseudoInverse(Tensor a, double tolerance) {
        if (!(tolerance >= 0)) {
            throw new TypeException(
                    "pseudoInverse: expects a tolerance of at least 0, but got %s; 1e-15 is usual"
                            .formatted(tolerance));
        }
        if (wide("pseudoInverse", a)) {
            return pseudoInverse(a.transpose(), tolerance).transpose();
        }
        Linalg.Svd parts = svd(a);
        Tensor s = parts.s();
        Tensor least = s.slice(-1, 0, Math.min(1, s.shape().dim(-1)), 1).mul(tolerance);
        Tensor used = s.gt(least);
        Tensor inverse = Tensor.where(used, s, s.onesLike()).reciprocal();
        Tensor weights = Tensor.where(used, inverse, s.zerosLike()).unsqueeze(-2);
        Tensor v = parts.vt().transpose();
        return v.mul(weights).matmul(parts.u().transpose());
    }

    static Tensor leastSquares(Tensor a, Tensor b) {
        if (wide("leastSquares", a)) {
            // the shortest lies in the span of the rows
            Linalg.QandR parts = qr(a.transpose());
            Tensor lower = parts.r().transpose();
            return parts.q().matmul(Linalg.solveTriangular(lower, b, true, false));
        }
        Linalg.QandR parts = qr(a);
        Tensor right = parts.q().transpose().matmul(b);
        return Linalg.solveTriangular(parts.r(), right, false, false);
    }
}
