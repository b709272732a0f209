package org.gemel.op;

import java.util.List;
import java.util.Locale;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;

/// A part of `A = U S V^T`, of at least as many rows as columns, by Jacobi's rotations: `U` and `V`
/// have orthonormal columns, `S` is diagonal, not negative and descending.
///
/// Of each column of `U` the largest element is positive.
///
/// Derivatives: those of Townsend (2016); infinite or NaN where singular values of which vectors
/// are used are equal or zero.
///
/// Primitive: the rotations depend on the data, and their number too.
public enum SingularValues implements MatrixOp {
    /// `U`, `[.., m, n]`.
    ///
    /// Primitive: the rotations depend on the data, and their number too.
    SVD_U,
    /// The diagonal of `S`, `[.., n]`.
    ///
    /// Primitive: eigenvalues of `A^T A` have lost half the digits of the small ones.
    SVD_S,
    /// `V`, `[.., n, n]`.
    ///
    /// Primitive: the rotations depend on the data, and their number too.
    SVD_V;

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
        MatrixOp.tall("svd", x);
        Shape shape = x.shape();
        int n = shape.dim(-1);
        return switch (this) {
            case SVD_U -> x;
            case SVD_S -> MatrixOp.vectors(x, n);
            case SVD_V -> x.with(shape.with(shape.rank() - 2, n));
        };
    }

    @Override
    public Matrix compute(List<Matrix> inputs, long which) {
        Rotations parts = Rotations.of(inputs.getFirst());
        return switch (this) {
            case SVD_U -> parts.left();
            case SVD_S -> new Matrix(1, parts.values().length, parts.values());
            case SVD_V -> parts.right();
        };
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
                    Tensor x = p.x(0);
                    Tensor u = of(SVD_U, x);
                    Tensor s = of(SVD_S, x).unsqueeze(-2);
                    Tensor turned = of(SVD_V, x).transpose();
                    return switch (this) {
                        case SVD_U -> {
                            Tensor inside = u.transpose().matmul(p.g());
                            Tensor rest = p.g().sub(u.matmul(inside)).div(s);
                            yield u.matmul(apart(inside, s).mul(s)).add(rest).matmul(turned);
                        }
                        case SVD_S -> u.mul(p.g().unsqueeze(-2)).matmul(turned);
                        case SVD_V -> {
                            Tensor inside = apart(turned.matmul(p.g()), s);
                            yield u.mul(s).matmul(inside).matmul(turned);
                        }
                    };
                });
    }

    private static Tensor of(SingularValues op, Tensor x) {
        return Tensor.apply(op, List.of(x)).getFirst();
    }

    // What is not symmetric, over the differences of squares.
    private static Tensor apart(Tensor m, Tensor s) {
        return Eigen.overDifferences(m.sub(m.transpose()), s.square());
    }
}
