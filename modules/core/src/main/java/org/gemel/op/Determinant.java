package org.gemel.op;

import java.util.List;
import java.util.Locale;
import org.gemel.Linalg;
import org.gemel.Tensor;
import org.gemel.TensorType;

/// The determinant of square matrices, or a part of it, by Gaussian elimination with row pivoting.
///
/// Derivatives: with `A^-T` the transposed inverse, `det A^-T` and, of the logarithm, `A^-T`; of a
/// singular matrix an error, since there is no inverse.
///
/// Primitive: elimination chooses its pivots by the data, row after row.
public enum Determinant implements MatrixOp {
    /// The determinant.
    ///
    /// Primitive: elimination chooses its pivots by the data, row after row.
    DET,
    /// Its sign: -1, 0 or 1.
    ///
    /// Primitive: it comes from the pivots that elimination chooses.
    DET_SIGN,
    /// The logarithm of its size, which neither overflows nor underflows; -inf of a singular
    /// matrix.
    ///
    /// Primitive: the determinant itself overflows or vanishes where its logarithm does not.
    LOG_ABS_DET;

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
        MatrixOp.square(label(), x);
        return x.with(MatMul.batch(x.shape()));
    }

    @Override
    public Matrix compute(List<Matrix> inputs, long which) {
        Elimination lu = Elimination.of(inputs.getFirst());
        double value =
                switch (this) {
                    case DET -> lu.determinant();
                    case DET_SIGN -> lu.sign();
                    case LOG_ABS_DET -> lu.logDeterminant();
                };
        return new Matrix(1, 1, new double[] {value});
    }

    @Override
    public boolean differentiable() {
        return this != DET_SIGN;
    }

    @Override
    public void vjp(Pullback p) {
        switch (this) {
            case DET -> p.give(0, () -> spread(p.g().mul(p.y()), p));
            case LOG_ABS_DET -> p.give(0, () -> spread(p.g(), p));
            case DET_SIGN -> {}
        }
    }

    // A factor for each matrix, times its transposed inverse.
    private static Tensor spread(Tensor factor, Pullback p) {
        return Linalg.inverse(p.x(0).transpose()).mul(factor.unsqueeze(-1).unsqueeze(-1));
    }
}
