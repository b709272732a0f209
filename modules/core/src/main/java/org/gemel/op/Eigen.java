package org.gemel.op;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.gemel.Linalg;
import org.gemel.Tensor;
import org.gemel.TensorType;

/// A part of `A = V L V^T` of symmetric `A`, of which the lower triangle is read, by Jacobi's
/// rotations: `V` is orthogonal, `L` is diagonal and ascends.
///
/// Of each column of `V` the largest element is positive.
///
/// Derivatives: with `F` the inverse differences of the eigenvalues, `V diag(gL) V^T` and the
/// symmetric part of `V (F * V^T gV) V^T`; infinite or NaN where eigenvalues of which vectors are
/// used are equal.
///
/// Primitive: the rotations depend on the data, and their number too.
public enum Eigen implements MatrixOp {
    /// The eigenvalues `[.., n]`.
    ///
    /// Primitive: the rotations depend on the data, and their number too.
    EIGENVALUES,
    /// The eigenvectors as columns `[.., n, n]`.
    ///
    /// Primitive: the rotations depend on the data, and their number too.
    EIGENVECTORS;

    // Each sweep squares what is left; the bound is for what is not a number.
    private static final int SWEEPS = 60;

    // Less than any eigenvalue can tell, relative to the norm.
    private static final double NOTHING = 0x1p-58;

    @Override
    public String label() {
        return switch (this) {
            case EIGENVALUES -> "eigenvalues";
            case EIGENVECTORS -> "eigenvectors";
        };
    }

    @Override
    public int arity() {
        return 1;
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        TensorType x = inputs.getFirst();
        MatrixOp.square("eigh", x);
        return switch (this) {
            case EIGENVALUES -> MatrixOp.vectors(x, x.shape().dim(-1));
            case EIGENVECTORS -> x;
        };
    }

    @Override
    public Matrix compute(List<Matrix> inputs, long which) {
        Matrix a = symmetric(inputs.getFirst());
        int n = a.rows();
        Matrix v = Rotations.identity(n);
        double sum = 0;
        for (double element : a.elements()) {
            sum += element * element;
        }
        double nothing = Math.sqrt(sum) * NOTHING;
        boolean turned = true;
        for (int sweep = 0; sweep < SWEEPS && turned; sweep++) {
            turned = false;
            for (int p = 0; p < n; p++) {
                for (int q = p + 1; q < n; q++) {
                    turned |= annihilate(a, v, p, q, nothing);
                }
            }
        }
        int[] order =
                IntStream.range(0, n)
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> a.at(i, i)))
                        .mapToInt(Integer::intValue)
                        .toArray();
        return switch (this) {
            case EIGENVALUES -> values(a, order);
            case EIGENVECTORS -> vectors(v, order);
        };
    }

    private static Matrix symmetric(Matrix x) {
        Matrix a = x.copy();
        for (int i = 0; i < a.rows(); i++) {
            for (int j = i + 1; j < a.rows(); j++) {
                a.set(i, j, a.at(j, i));
            }
        }
        return a;
    }

    // Turns rows and columns p and q so that the element there vanishes.
    private static boolean annihilate(Matrix a, Matrix v, int p, int q, double nothing) {
        double element = a.at(p, q);
        if (Math.abs(element) <= nothing) {
            a.set(p, q, 0);
            a.set(q, p, 0);
            return false;
        }
        double t = Rotations.tangent((a.at(q, q) - a.at(p, p)) / (2 * element));
        double high = a.at(q, q) + t * element;
        double low = a.at(p, p) - t * element;
        Rotations.rotate(a, p, q, t);
        for (int i = 0; i < a.rows(); i++) {
            a.set(p, i, a.at(i, p));
            a.set(q, i, a.at(i, q));
        }
        a.set(p, p, low);
        a.set(q, q, high);
        a.set(p, q, 0);
        a.set(q, p, 0);
        Rotations.rotate(v, p, q, t);
        return !Double.isNaN(t);
    }

    private static Matrix values(Matrix a, int[] order) {
        Matrix values = new Matrix(1, order.length);
        for (int i = 0; i < order.length; i++) {
            values.set(0, i, a.at(order[i], order[i]));
        }
        return values;
    }

    private static Matrix vectors(Matrix v, int[] order) {
        Matrix vectors = new Matrix(v.rows(), v.rows());
        for (int j = 0; j < order.length; j++) {
            for (int i = 0; i < v.rows(); i++) {
                vectors.set(i, j, v.at(i, order[j]));
            }
            if (Rotations.negative(vectors, j)) {
                Rotations.negate(vectors, j);
            }
        }
        return vectors;
    }

    @Override
    public boolean differentiable() {
        return true;
    }

    @Override
    public void vjp(Pullback p) {
        switch (this) {
            case EIGENVALUES ->
                    p.give(
                            0,
                            () -> {
                                Tensor v = of(EIGENVECTORS, p.x(0));
                                return v.mul(p.g().unsqueeze(-2)).matmul(v.transpose());
                            });
            case EIGENVECTORS ->
                    p.give(
                            0,
                            () -> {
                                Tensor v = p.y();
                                Tensor inside = v.transpose().matmul(p.g());
                                Tensor values = of(EIGENVALUES, p.x(0)).unsqueeze(-2);
                                Tensor parts = overDifferences(inside, values);
                                Tensor both = parts.add(parts.transpose()).mul(0.5);
                                return v.matmul(both).matmul(v.transpose());
                            });
        }
    }

    /// The elements of `m` over the differences of the values `[.., 1, n]` of their columns and
    /// rows; zeros on the diagonal.
    static Tensor overDifferences(Tensor m, Tensor values) {
        Tensor one = Linalg.band(m.onesLike(), 0, 0);
        Tensor differences = values.sub(values.transpose()).add(one);
        return Tensor.where(one.gt(0), m.zerosLike(), m.div(differences));
    }

    private static Tensor of(Eigen op, Tensor x) {
        return Tensor.apply(op, List.of(x)).getFirst();
    }
}
