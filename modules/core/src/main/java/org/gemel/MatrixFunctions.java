package org.gemel;

import java.util.ArrayList;
import java.util.List;
import org.gemel.op.Composite;

/// Exponentials and chains of matrices, as composites.
final class MatrixFunctions {
    // Terms that reach the digits of f64 for norms up to 1.
    private static final int TERMS = 18;

    // Beyond 2 to this power an exponential overflows.
    private static final int SQUARINGS = 10;

    private static final Composite EXPONENTIAL =
            Composite.of("matrix_exp", List.of(), in -> List.of(body(in.getFirst())));

    private MatrixFunctions() {}

    static Tensor exponential(Tensor a) {
        int rank = a.shape().rank();
        if (!a.dtype().isFloating() || rank < 2 || a.shape().dim(-1) != a.shape().dim(-2)) {
            throw new TypeException(
                    "matrixExp: expects square matrices [.., n, n] of a floating-point type, but got"
                            + " %s; reshape or convert it".formatted(a.type()));
        }
        return a.size() == 0 ? a : Tensor.apply(EXPONENTIAL, List.of(a)).getFirst();
    }

    // Halved until the norm is at most 1, and squared as often; how often is a number for each
    // matrix, so all of them are squared as often as any may need.
    private static Tensor body(Tensor a) {
        Tensor norm = a.detach().abs().sum(-2).amax(-1).unsqueeze(-1).unsqueeze(-1);
        Tensor halvings = norm.log2().ceil().clamp(0, SQUARINGS);
        Tensor small = a.mul(halvings.neg().exp2());
        Tensor one = Linalg.band(a.onesLike(), 0, 0);
        Tensor sum = one;
        for (int k = TERMS; k > 0; k--) {
            sum = small.matmul(sum).mul(1.0 / k).add(one);
        }
        for (int i = 0; i < SQUARINGS; i++) {
            Tensor more = halvings.gt(i);
            Tensor squared = sum.matmul(sum);
            sum = Tensor.where(more, squared, sum);
        }
        return sum;
    }

    static Tensor product(List<Tensor> factors) {
        if (factors.size() < 2) {
            throw new TypeException(
                    "multiDot: expects at least two factors, but got %d; a single one is its own"
                                    .formatted(factors.size())
                            + " product");
        }
        for (int i = 0; i < factors.size(); i++) {
            int rank = factors.get(i).shape().rank();
            boolean end = i == 0 || i == factors.size() - 1;
            if (rank != 2 && !(end && rank == 1)) {
                throw new TypeException(
                        "multiDot: expects matrices, and vectors at the ends alone, but got %s at place"
                                        .formatted(factors.get(i).type())
                                + " %d; reshape it".formatted(i));
            }
        }
        return product(factors, splits(factors), 0, factors.size() - 1);
    }

    private static Tensor product(List<Tensor> factors, int[][] splits, int first, int last) {
        if (first == last) {
            return factors.get(first);
        }
        int split = splits[first][last];
        return product(factors, splits, first, split)
                .matmul(product(factors, splits, split + 1, last));
    }

    // The textbook's recursion: for each run of factors where it is best taken apart.
    private static int[][] splits(List<Tensor> factors) {
        int n = factors.size();
        List<Integer> sizes = new ArrayList<>();
        Shape head = factors.getFirst().shape();
        sizes.add(head.rank() == 1 ? 1 : head.dim(0));
        factors.forEach(factor -> sizes.add(factor.shape().dim(-1)));
        if (factors.getLast().shape().rank() == 1) {
            sizes.set(n, 1);
        }
        double[][] costs = new double[n][n];
        int[][] splits = new int[n][n];
        for (int length = 1; length < n; length++) {
            for (int first = 0; first + length < n; first++) {
                int last = first + length;
                costs[first][last] = Double.POSITIVE_INFINITY;
                for (int split = first; split < last; split++) {
                    double ends = (double) sizes.get(first) * sizes.get(last + 1);
                    double cost =
                            costs[first][split]
                                    + costs[split + 1][last]
                                    + ends * sizes.get(split + 1);
                    if (cost < costs[first][last]) {
                        costs[first][last] = cost;
                        splits[first][last] = split;
                    }
                }
            }
        }
        return splits;
    }
}
