package org.gemel.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// Linear algebra on the last two dimensions, for each of the matrices that the others count.
///
/// Every engine uses the algorithm here: one matrix at a time in `double`, in a fixed order of
/// operations, rounded once to the type.
public sealed interface MatrixOp extends Primitive
        permits Cholesky, Solve, TriangularSolve, Determinant, Qr, Eigen, SingularValues {
    /// How many inputs there are, 1 or 2.
    int arity();

    /// The result for one matrix, or one of each input; a number is a matrix of one element.
    ///
    /// @param which its place among the matrices, for messages
    Matrix compute(List<Matrix> inputs, long which);

    @Override
    default Dense reference(List<Dense> inputs) {
        TensorType out = type(inputs.stream().map(Dense::type).toList());
        double[] results = new double[Math.toIntExact(out.shape().size())];
        Shape first = inputs.getFirst().type().shape();
        long count = MatMul.batch(first).size();
        int per = count == 0 ? 0 : Math.toIntExact(results.length / count);
        for (int i = 0; i < count; i++) {
            List<Matrix> matrices = new ArrayList<>();
            for (Dense input : inputs) {
                Matrix matrix =
                        new Matrix(input.type().shape().dim(-2), input.type().shape().dim(-1));
                int base = i * matrix.elements().length;
                Arrays.setAll(matrix.elements(), j -> input.real(base + j));
                matrices.add(matrix);
            }
            System.arraycopy(compute(matrices, i).elements(), 0, results, i * per, per);
        }
        return Dense.of(out, i -> results[i]);
    }

    /// The check that `x` holds square matrices of real numbers.
    static void square(String op, TensorType x) {
        Shape shape = x.shape();
        if (!x.dtype().isFloating() || shape.rank() < 2 || shape.dim(-1) != shape.dim(-2)) {
            String hint =
                    x.dtype().isFloating()
                            ? "matrices lie in the last two dimensions"
                            : "convert it, as in x.to(DType.F64)";
            throw new TypeException(
                    "%s: expects square matrices [.., n, n] of a floating-point type, but got %s; %s"
                            .formatted(op, x, hint));
        }
    }

    /// The check that `x` holds matrices of real numbers with at least as many rows as columns.
    static void tall(String op, TensorType x) {
        Shape shape = x.shape();
        if (!x.dtype().isFloating() || shape.rank() < 2 || shape.dim(-2) < shape.dim(-1)) {
            String hint =
                    x.dtype().isFloating()
                            ? "matrices lie in the last two dimensions"
                            : "convert it, as in x.to(DType.F64)";
            throw new TypeException(
                    "%s: expects matrices [.., m, n] of a floating-point type with m of at least n, but got %s; %s"
                            .formatted(op, x, hint));
        }
    }

    /// A vector of `n` for each matrix of `x`.
    static TensorType vectors(TensorType x, int n) {
        int[] dims = MatMul.batch(x.shape()).dims();
        int[] more = Arrays.copyOf(dims, dims.length + 1);
        more[dims.length] = n;
        return x.with(Shape.of(more));
    }

    /// The check that `b` holds a right-hand side for every matrix of `a`.
    static void fit(String op, TensorType a, TensorType b) {
        square(op, a);
        Binary.sameDtype(op, a, b);
        Shape p = a.shape();
        Shape q = b.shape();
        if (q.rank() != p.rank()
                || q.dim(-2) != p.dim(-1)
                || !MatMul.batch(p).equals(MatMul.batch(q))) {
            throw new TypeException(
                    "%s: expects right-hand sides [.., n, k] for matrices [.., n, n], but got %s and %s; make a vector a column, as in b.unsqueeze(-1)"
                            .formatted(op, a, b));
        }
    }

    @Override
    default Tensor batched(List<Tensor> inputs, List<Boolean> batched, int size) {
        return Tensor.apply(this, Primitive.repeated(inputs, batched, size)).getFirst();
    }

    @Override
    default boolean widens() {
        return true;
    }

    @Override
    default String onnx() {
        return "";
    }
}
