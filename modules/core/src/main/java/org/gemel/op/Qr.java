package org.gemel.op;

import java.util.List;
import java.util.Locale;
import org.gemel.Linalg;
import org.gemel.Tensor;
import org.gemel.TensorType;

/// A factor of `A = Q R` by Householder's reflections: `Q` has orthonormal columns, `R` is upper
/// triangular, of at least as many rows as columns.
///
/// Signs are LAPACK's: a diagonal element of `R` has the sign opposite to what it is made from.
///
/// Derivative: with `M = R gR^T - gQ^T Q` and `C` its lower triangle mirrored, `(gQ + Q C) R^-T`
/// (Walter and Lehmann, 2018); of a rank below the number of columns an error or infinite.
///
/// Primitive: each column is reflected by those before; as a graph it would grow with the matrix.
public enum Qr implements MatrixOp {
    /// The orthonormal columns `[.., m, n]`.
    ///
    /// Primitive: each column is reflected by those before; as a graph it would grow with the
    /// matrix.
    QR_Q,
    /// The upper triangle `[.., n, n]`.
    ///
    /// Primitive: `Q^T A` has no zeros below its diagonal.
    QR_R;

    @Override
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public int arity() {
        return 1;
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        TensorType x = inputs.getFirst();
        MatrixOp.tall("qr", x);
        int n = x.shape().dim(-1);
        return this == QR_Q ? x : x.with(x.shape().with(x.shape().rank() - 2, n));
    }

    @Override
    public Matrix compute(List<Matrix> inputs, long which) {
        Reflections reflections = Reflections.of(inputs.getFirst());
        return switch (this) {
            case QR_Q -> reflections.orthonormal();
            case QR_R -> reflections.triangle();
        };
    }

    @Override
    public boolean differentiable() {
        return true;
    }

    @Override
    public void vjp(Pullback p) {
        switch (this) {
            case QR_Q ->
                    p.give(
                            0,
                            () -> {
                                Tensor q = p.y();
                                Tensor r = of(QR_R, p.x(0));
                                Tensor m = p.g().transpose().matmul(q).neg();
                                return divided(p.g().add(q.matmul(mirrored(m))), r);
                            });
            case QR_R ->
                    p.give(
                            0,
                            () -> {
                                Tensor m = p.y().matmul(p.g().transpose());
                                return divided(of(QR_Q, p.x(0)).matmul(mirrored(m)), p.y());
                            });
        }
    }

    private static Tensor of(Qr op, Tensor x) {
        return Tensor.apply(op, List.of(x)).getFirst();
    }

    // The lower triangle, on both sides.
    private static Tensor mirrored(Tensor m) {
        Tensor below = Linalg.band(m, Integer.MIN_VALUE, -1);
        return Linalg.band(m, Integer.MIN_VALUE, 0).add(below.transpose());
    }

    // x R^-T
    private static Tensor divided(Tensor x, Tensor r) {
        return Linalg.solveTriangular(r, x.transpose(), false, false).transpose();
    }
}
