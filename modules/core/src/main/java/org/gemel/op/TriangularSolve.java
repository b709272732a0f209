package org.gemel.op;

import java.util.List;
import org.gemel.Linalg;
import org.gemel.Tensor;
import org.gemel.TensorType;

/// The `X` with `A X = B`, where `A` is triangular: only that triangle is read. A zero on the
/// diagonal gives infinities, as division does.
///
/// Derivatives: `A^-T g` for `B`, and the triangle of minus that times `X^T` for `A`.
///
/// Primitive: each row depends on those before; as a graph it would grow with the matrix.
///
/// @param lower whether the lower triangle is read, or the upper one
/// @param unit whether the diagonal counts as ones and is not read
public record TriangularSolve(boolean lower, boolean unit) implements MatrixOp {
    @Override
    public String label() {
        return "triangular_solve";
    }

    @Override
    public int arity() {
        return 2;
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        MatrixOp.fit(label(), inputs.getFirst(), inputs.getLast());
        return inputs.getLast();
    }

    @Override
    public Matrix compute(List<Matrix> inputs, long which) {
        Matrix a = inputs.getFirst();
        Matrix x = inputs.getLast().copy();
        int n = a.rows();
        for (int step = 0; step < n; step++) {
            int i = lower ? step : n - 1 - step;
            for (int c = 0; c < x.columns(); c++) {
                double sum = x.at(i, c);
                for (int k = lower ? 0 : i + 1; k < (lower ? i : n); k++) {
                    sum -= a.at(i, k) * x.at(k, c);
                }
                x.set(i, c, unit ? sum : sum / a.at(i, i));
            }
        }
        return x;
    }

    @Override
    public boolean differentiable() {
        return true;
    }

    @Override
    public void vjp(Pullback p) {
        Tensor b = Linalg.solveTriangular(p.x(0).transpose(), p.g(), !lower, unit);
        p.give(
                0,
                () -> {
                    Tensor whole = b.matmul(p.y().transpose()).neg();
                    int first = unit ? 1 : 0;
                    return lower
                            ? Linalg.band(whole, Integer.MIN_VALUE, -first)
                            : Linalg.band(whole, first, Integer.MAX_VALUE);
                });
        p.give(1, () -> b);
    }
}
