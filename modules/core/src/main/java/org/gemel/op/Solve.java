package org.gemel.op;

import java.util.List;
import org.gemel.GemelException;
import org.gemel.Tensor;
import org.gemel.TensorType;

/// The `X` with `A X = B`, by Gaussian elimination with row pivoting; an error where `A` is
/// singular.
///
/// Derivatives: `A^-T g` for `B`, and minus that times `X^T` for `A`.
///
/// Primitive: elimination chooses its pivots by the data, row after row.
public enum Solve implements MatrixOp {
    /// The one operation of this kind.
    SOLVE;

    @Override
    public String label() {
        return "solve";
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
        Elimination lu = Elimination.of(inputs.getFirst());
        if (lu.singular()) {
            throw new GemelException(
                    "solve: expects matrices that have an inverse, but number %d is singular; add a"
                                    .formatted(which)
                            + " multiple of the identity, or solve a least-squares problem");
        }
        return lu.solve(inputs.getLast());
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
        Tensor b = Tensor.apply(this, List.of(p.x(0).transpose(), p.g())).getFirst();
        p.give(0, () -> b.matmul(p.y().transpose()).neg());
        p.give(1, () -> b);
    }
}
