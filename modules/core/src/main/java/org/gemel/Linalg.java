package org.gemel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.gemel.op.Cholesky;
import org.gemel.op.Determinant;
import org.gemel.op.MatMul;
import org.gemel.op.Solve;
import org.gemel.op.TriangularSolve;

/// Linear algebra. Matrices lie in the last two dimensions; the others count them and broadcast.
public final class Linalg {
    private Linalg() {}

    /// Einstein's summation: products of elements, summed over the indices that the result lacks.
    ///
    /// `"ij,jk->ik"` is a matrix product, `"bij->bji"` a transpose, `"ii->i"` a diagonal, `"...ij"`
    /// leaves the leading dimensions as they are. Without `->` the result has the indices that
    /// occur once, in alphabetical order. Three or more operands are contracted in pairs, in the
    /// order that needs the fewest multiplications (up to eight operands; beyond, the cheapest pair
    /// first).
    public static Tensor einsum(String equation, Tensor... operands) {
        return Einsum.of(equation, List.of(operands));
    }

    /// The lower triangular `L` with `A = L L^T`, of symmetric positive definite `[.., n, n]`.
    public static Tensor cholesky(Tensor a) {
        return Tensor.apply(Cholesky.CHOLESKY, List.of(a)).getFirst();
    }

    /// The `X` with `A X = B`: `a` is `[.., n, n]`, `b` is `[.., n, k]` or, with a rank lower by
    /// one or of 1, `[.., n]`.
    public static Tensor solve(Tensor a, Tensor b) {
        if (b.shape().rank() == 1 || (b.shape().rank() == a.shape().rank() - 1 && vectors(a, b))) {
            return solve(a, b.unsqueeze(-1)).squeeze(-1);
        }
        return solved(a, b);
    }

    private static Tensor solved(Tensor a, Tensor b) {
        Shape batch = together("solve", a, b);
        return Tensor.apply(Solve.SOLVE, List.of(spread(a, batch), spread(b, batch))).getFirst();
    }

    // Whether `b` is a vector for each matrix rather than one matrix for all.
    private static boolean vectors(Tensor a, Tensor b) {
        int[] dims = a.shape().dims();
        return Arrays.equals(b.shape().dims(), Arrays.copyOf(dims, dims.length - 1));
    }

    /// The `X` with `A X = B` for triangular `A`, of which only that triangle is read.
    ///
    /// @param a `[.., n, n]`
    /// @param b `[.., n, k]`
    /// @param lower whether it is the lower triangle
    /// @param unit whether the diagonal counts as ones
    public static Tensor solveTriangular(Tensor a, Tensor b, boolean lower, boolean unit) {
        Shape batch = together("triangular_solve", a, b);
        return Tensor.apply(
                        new TriangularSolve(lower, unit),
                        List.of(spread(a, batch), spread(b, batch)))
                .getFirst();
    }

    private static Shape together(String op, Tensor a, Tensor b) {
        if (a.shape().rank() < 2 || b.shape().rank() < 2) {
            throw new TypeException(
                    "%s: expects matrices [.., n, n] and right-hand sides [.., n, k], but got %s and %s; reshape them first"
                            .formatted(op, a.type(), b.type()));
        }
        return Shape.broadcast(op, MatMul.batch(a.shape()), MatMul.batch(b.shape()));
    }

    private static Tensor spread(Tensor x, Shape batch) {
        int[] dims = Arrays.copyOf(batch.dims(), batch.rank() + 2);
        dims[dims.length - 2] = x.shape().dim(-2);
        dims[dims.length - 1] = x.shape().dim(-1);
        return x.expand(Shape.of(dims));
    }

    /// The inverse of `[.., n, n]`; [#solve] is better where it is only multiplied with.
    public static Tensor inverse(Tensor a) {
        // not by `solve`, to which the identity is a vector for each of as many matrices
        return solved(a, identity(a.type()));
    }

    /// The determinant of `[.., n, n]`.
    public static Tensor det(Tensor a) {
        return Tensor.apply(Determinant.DET, List.of(a)).getFirst();
    }

    /// The sign of a determinant and the logarithm of its size.
    ///
    /// @param sign -1, 0 or 1
    /// @param logAbs -inf where the sign is 0
    public record SignAndLog(Tensor sign, Tensor logAbs) {}

    /// Sign and logarithm of the determinant, which neither overflows nor underflows.
    public static SignAndLog slogdet(Tensor a) {
        return new SignAndLog(
                Tensor.apply(Determinant.DET_SIGN, List.of(a)).getFirst(),
                Tensor.apply(Determinant.LOG_ABS_DET, List.of(a)).getFirst());
    }

    /// The logarithm of the determinant; NaN where that is negative.
    public static Tensor logdet(Tensor a) {
        SignAndLog parts = slogdet(a);
        Tensor none = Tensor.full(parts.sign().type(), Double.NaN);
        return Tensor.where(parts.sign().lt(0), none, parts.logAbs());
    }

    /// `A` times itself, `exponent` times; the identity for 0, of the inverse for less.
    public static Tensor matrixPower(Tensor a, int exponent) {
        if (exponent < 0) {
            return matrixPower(inverse(a), Math.negateExact(exponent));
        }
        Tensor power = a;
        Tensor result = exponent == 0 ? identity(a.type()).expand(a.shape()) : a;
        boolean started = false;
        for (int rest = exponent; rest > 0; rest >>= 1) {
            if ((rest & 1) == 1) {
                result = started ? result.matmul(power) : power;
                started = true;
            }
            power = rest > 1 ? power.matmul(power) : power;
        }
        return result;
    }

    /// The factors of `A = Q R` of `[.., m, n]`, with `k` the smaller of both.
    ///
    /// @param q orthonormal columns `[.., m, k]`
    /// @param r an upper triangle `[.., k, n]`, with the signs that LAPACK gives it
    public record QandR(Tensor q, Tensor r) {}

    /// The factors of `A = Q R` (reduced), by Householder's reflections.
    public static QandR qr(Tensor a) {
        return Decompositions.qr(a);
    }

    /// Eigenvalues, ascending `[.., n]`, and eigenvectors in columns `[.., n, n]`, whose largest
    /// elements are positive.
    public record Eigenpairs(Tensor values, Tensor vectors) {}

    /// The eigenvalues and eigenvectors of symmetric `[.., n, n]`, of which the lower triangle is
    /// read. The derivatives of vectors need eigenvalues that differ.
    public static Eigenpairs eigh(Tensor a) {
        return Decompositions.eigh(a);
    }

    /// The factors of `A = U S V^T` of `[.., m, n]`, with `k` the smaller of both.
    ///
    /// @param u orthonormal columns `[.., m, k]`
    /// @param s the singular values, descending `[.., k]`
    /// @param vt orthonormal rows `[.., k, n]`
    public record Svd(Tensor u, Tensor s, Tensor vt) {}

    /// The singular value decomposition (reduced). The derivatives of vectors need singular values
    /// that differ and are not zero.
    public static Svd svd(Tensor a) {
        return Decompositions.svd(a);
    }

    /// The singular values of `[.., m, n]`, descending.
    public static Tensor singularValues(Tensor a) {
        return Decompositions.singularValues(a);
    }

    /// The pseudo-inverse `[.., n, m]` of `[.., m, n]` (Moore, 1920; Penrose, 1955), where singular
    /// values of at most `tolerance` times the largest count as zeros.
    public static Tensor pseudoInverse(Tensor a, double tolerance) {
        return Decompositions.pseudoInverse(a, tolerance);
    }

    /// The `X` that brings `A X` nearest to `B`, in the sum of squares: `a` is `[.., m, n]` of full
    /// rank, `b` is `[.., m, k]`; of several the shortest.
    public static Tensor leastSquares(Tensor a, Tensor b) {
        return Decompositions.leastSquares(a, b);
    }

    /// The exponential of `[.., n, n]`, the sum of its powers over factorials. Matrices up to a
    /// norm of 1000 or so, beyond which elements overflow anyway.
    public static Tensor matrixExp(Tensor a) {
        return MatrixFunctions.exponential(a);
    }

    /// The product of matrices, in the order that needs the fewest multiplications; the first and
    /// the last may be vectors.
    public static Tensor multiDot(Tensor... factors) {
        return MatrixFunctions.product(List.of(factors));
    }

    /// The `X` with `L L^T X = B`: `lower` is what [#cholesky] gives, `b` is `[.., n, k]`.
    public static Tensor choleskySolve(Tensor lower, Tensor b) {
        Tensor half = solveTriangular(lower, b, true, false);
        return solveTriangular(lower.transpose(), half, false, false);
    }

    /// All products of an element of `a` with one of `b`, both vectors: `[n, m]`.
    public static Tensor outer(Tensor a, Tensor b) {
        if (a.shape().rank() != 1 || b.shape().rank() != 1) {
            throw new TypeException(
                    "outer: expects two vectors, but got %s and %s; flatten them, as in x.reshape(-1)"
                            .formatted(a.type(), b.type()));
        }
        return a.unsqueeze(1).mul(b.unsqueeze(0));
    }

    /// The sums of products over the last `count` axes of `a` and the first ones of `b`, as in
    /// `[.., i, j] x [i, j, ..]` for 2; the outer product for 0.
    public static Tensor tensordot(Tensor a, Tensor b, int count) {
        if (count < 0 || count > a.shape().rank() || count > b.shape().rank()) {
            throw new TypeException(
                    "tensordot: expects at most as many axes as both tensors have, but got %d for %s and %s;"
                                    .formatted(count, a.type(), b.type())
                            + " take fewer");
        }
        int first = a.shape().rank() - count;
        return tensordot(
                a,
                b,
                IntStream.range(first, first + count).toArray(),
                IntStream.range(0, count).toArray());
    }

    /// The sums of products over pairs of axes; the other axes of `a`, then those of `b`.
    ///
    /// @param axesOfA which are summed over
    /// @param axesOfB for each of them the one of `b`, of the same size
    public static Tensor tensordot(Tensor a, Tensor b, int[] axesOfA, int[] axesOfB) {
        int[] p = Arrays.stream(axesOfA).map(a.shape()::axis).toArray();
        int[] q = Arrays.stream(axesOfB).map(b.shape()::axis).toArray();
        boolean pairs =
                p.length == q.length
                        && Arrays.stream(p).distinct().count() == p.length
                        && Arrays.stream(q).distinct().count() == q.length
                        && IntStream.range(0, p.length)
                                .allMatch(i -> a.shape().dim(p[i]) == b.shape().dim(q[i]));
        if (!pairs) {
            throw new TypeException(
                    "tensordot: expects pairs of different axes of equal sizes, but got %s of %s and %s of"
                                    .formatted(
                                            Arrays.toString(axesOfA),
                                            a.type(),
                                            Arrays.toString(axesOfB))
                            + " %s; name them in the same order".formatted(b.type()));
        }
        int[] freeOfA = others(a.shape().rank(), p);
        int[] freeOfB = others(b.shape().rank(), q);
        int[] dims =
                IntStream.concat(
                                Arrays.stream(freeOfA).map(a.shape()::dim),
                                Arrays.stream(freeOfB).map(b.shape()::dim))
                        .toArray();
        Tensor rows = a.permute(joined(freeOfA, p));
        Tensor columns = b.permute(joined(q, freeOfB));
        int inner = size(a.shape(), p);
        return rows.reshape(size(a.shape(), freeOfA), inner)
                .matmul(columns.reshape(inner, size(b.shape(), freeOfB)))
                .reshape(dims);
    }

    private static int[] others(int rank, int[] axes) {
        return IntStream.range(0, rank)
                .filter(axis -> Arrays.stream(axes).noneMatch(taken -> taken == axis))
                .toArray();
    }

    private static int[] joined(int[] first, int[] last) {
        return IntStream.concat(Arrays.stream(first), Arrays.stream(last)).toArray();
    }

    private static int size(Shape shape, int[] axes) {
        return Arrays.stream(axes).map(shape::dim).reduce(1, Math::multiplyExact);
    }

    /// Kronecker's product of two tensors of one rank: `b` in the place of every element of `a`,
    /// multiplied by it.
    public static Tensor kron(Tensor a, Tensor b) {
        int rank = a.shape().rank();
        if (b.shape().rank() != rank) {
            throw new TypeException(
                    "kron: expects tensors of one rank, but got %s and %s; unsqueeze the lower"
                            .formatted(a.type(), b.type()));
        }
        int[] left = new int[2 * rank];
        int[] right = new int[2 * rank];
        int[] dims = new int[rank];
        for (int d = 0; d < rank; d++) {
            left[2 * d] = a.shape().dim(d);
            left[2 * d + 1] = 1;
            right[2 * d] = 1;
            right[2 * d + 1] = b.shape().dim(d);
            dims[d] = a.shape().dim(d) * b.shape().dim(d);
        }
        return a.reshape(left).mul(b.reshape(right)).reshape(Shape.of(dims));
    }

    /// The cross product of vectors of 3 along `axis`; the other dimensions broadcast.
    public static Tensor cross(Tensor a, Tensor b, int axis) {
        int at = a.shape().axis(axis);
        if (a.shape().rank() != b.shape().rank()
                || a.shape().dim(at) != 3
                || b.shape().dim(at) != 3) {
            throw new TypeException(
                    "cross: expects tensors of one rank with size 3 along dimension %d, but got %s"
                                    .formatted(at, a.type())
                            + " and %s; name another dimension".formatted(b.type()));
        }
        return a.roll(-1, at).mul(b.roll(-2, at)).sub(a.roll(-2, at).mul(b.roll(-1, at)));
    }

    /// The distance, as a `p`-norm, of every row of `a` `[.., n, size]` from every one of `b` `[..,
    /// m, size]`: `[.., n, m]`. Where it is 0 so is the derivative.
    public static Tensor distances(Tensor a, Tensor b, double p) {
        if (a.shape().rank() < 2
                || b.shape().rank() < 2
                || a.shape().dim(-1) != b.shape().dim(-1)) {
            throw new TypeException(
                    "distances: expects rows of one size, [.., n, size] and [.., m, size], but got"
                            + " %s and %s; reshape them".formatted(a.type(), b.type()));
        }
        return a.unsqueeze(-2).sub(b.unsqueeze(-3)).norm(p, -1);
    }

    /// `x1^T W[k] x2 + b[k]`: `x1` is `[.., n]`, `x2` is `[.., m]`, `weight` is `[outputs, n, m]`;
    /// the result is `[.., outputs]`.
    public static Tensor bilinear(Tensor x1, Tensor x2, Tensor weight) {
        return einsum("...i,oij,...j->...o", x1, weight, x2);
    }

    /// The identity matrix of the last two dimensions' size, without the others.
    private static Tensor identity(TensorType type) {
        int n = type.shape().rank() == 0 ? 0 : type.shape().dim(-1);
        Tensor places = Tensor.arange(n, DType.I64);
        return places.unsqueeze(1).eq(places.unsqueeze(0)).to(type.dtype());
    }

    /// The covariances `[.., variables, variables]` of `[.., variables, observations]`, with the
    /// divisor `observations - correction`; of a vector, its variance.
    public static Tensor covariance(Tensor x, double correction) {
        return Statistics.covariance(x, correction);
    }

    /// The coefficients of correlation (Pearson, 1895): [#covariance] divided by both deviations.
    public static Tensor correlation(Tensor x) {
        return Statistics.correlation(x);
    }

    /// The powers of the elements of `x` `[.., n]` as rows `[.., n, columns]` (Vandermonde's
    /// matrix): exponents `columns - 1 .. 0`, or 0 first if `increasing`.
    public static Tensor vander(Tensor x, int columns, boolean increasing) {
        if (x.shape().rank() == 0 || columns < 0) {
            throw new TypeException(
                    "vander: expects vectors and at least 0 columns, but got %s and %d; reshape it"
                            .formatted(x.type(), columns));
        }
        Tensor powers = Tensor.arange(columns, x.dtype());
        return x.unsqueeze(-1).pow(increasing ? powers : powers.flip(0));
    }

    /// Matrices `[.., n, m]` one after the other along the diagonal of a larger one, zeros
    /// elsewhere.
    public static Tensor blockDiagonal(Tensor... blocks) {
        int columns = 0;
        for (Tensor block : blocks) {
            if (block.shape().rank() < 2) {
                throw new TypeException(
                        "blockDiagonal: expects matrices, but got %s; reshape it"
                                .formatted(block.type()));
            }
            columns += block.shape().dim(-1);
        }
        List<Tensor> rows = new ArrayList<>();
        int before = 0;
        for (Tensor block : blocks) {
            int[] left = new int[block.shape().rank()];
            int[] right = new int[left.length];
            left[left.length - 1] = before;
            before += block.shape().dim(-1);
            right[left.length - 1] = columns - before;
            rows.add(block.pad(left, right, 0));
        }
        return Tensor.concat(rows, -2);
    }

    /// The elements of the last two dimensions whose column is `first` to `last` places right of
    /// the diagonal; zeros elsewhere.
    public static Tensor band(Tensor x, int first, int last) {
        Tensor offset = offsets(matrices("band", x));
        Tensor inside =
                offset.ge(Tensor.full(offset.type().with(Shape.SCALAR), first))
                        .and(offset.le(Tensor.full(offset.type().with(Shape.SCALAR), last)));
        return Tensor.where(inside, x, x.zerosLike());
    }

    /// The lower triangle with half the diagonal; zeros elsewhere.
    public static Tensor lowerHalf(Tensor x) {
        Tensor diagonal = offsets(matrices("lowerHalf", x)).eq(0);
        return Tensor.where(diagonal, x.mul(0.5), band(x, Integer.MIN_VALUE, 0));
    }

    // How far right of the diagonal each place is.
    private static Tensor offsets(Tensor x) {
        Tensor rows = Tensor.arange(x.shape().dim(-2), DType.I64).unsqueeze(1);
        return Tensor.arange(x.shape().dim(-1), DType.I64).unsqueeze(0).sub(rows);
    }

    private static Tensor matrices(String op, Tensor x) {
        if (x.shape().rank() < 2) {
            throw new TypeException(
                    "%s: expects matrices in the last two dimensions, but got %s; reshape it first"
                            .formatted(op, x.type()));
        }
        return x;
    }
}
