package org.gemel.testkit.ops;

import static org.gemel.testkit.ops.OpCase.op;
import static org.gemel.testkit.ops.OpCase.ops;
import static org.gemel.testkit.ops.Operand.x;

import java.util.ArrayList;
import java.util.List;
import org.gemel.DType;
import org.gemel.Linalg;
import org.gemel.Tensor;

/// Products of matrices, and linear algebra.
final class LinalgCases {
    private LinalgCases() {}

    static List<OpCase> rows() {
        List<OpCase> rows = new ArrayList<>(products());
        rows.addAll(decompositions());
        return rows;
    }

    private static List<OpCase> decompositions() {
        return List.of(
                op("multiDot", (a, b, c) -> Linalg.multiDot(a, b, c), x("2 n"), x("n 3"), x("3 2")),
                op("matrixExp", Linalg::matrixExp, x("n 2 2")).within(1024),
                op(
                        "choleskySolve",
                        (a, b) -> Linalg.choleskySolve(positive(a), b),
                        x("n 2 2"),
                        x("n 2 3")),
                ops("qr", in -> parts(Linalg.qr(in.getFirst())), x("n 3 2")).within(1 << 14),
                ops("qr wide", in -> parts(Linalg.qr(in.getFirst())), x("n 2 3")).within(1 << 14),
                ops("qr large", in -> parts(Linalg.qr(positive(in.getFirst()))), x("n n"))
                        .upTo(207)
                        .within(1 << 14),
                ops("eigh", in -> parts(Linalg.eigh(positive(in.getFirst()))), x("n 3 3"))
                        .within(1 << 20),
                ops("eigh large", in -> parts(Linalg.eigh(positive(in.getFirst()))), x("n n"))
                        .constant()
                        .upTo(207)
                        .within(1 << 14),
                ops("svd", in -> parts(Linalg.svd(in.getFirst())), x("n 3 2")).within(1 << 20),
                ops("svd wide", in -> parts(Linalg.svd(in.getFirst())), x("n 2 3")).within(1 << 20),
                ops("svd large", in -> parts(Linalg.svd(positive(in.getFirst()))), x("n n"))
                        .constant()
                        .upTo(207)
                        .within(1 << 14),
                op("singularValues", Linalg::singularValues, x("n 2 3")).within(1 << 14),
                op("pseudoInverse", a -> Linalg.pseudoInverse(a, 1e-15), x("n 3 2"))
                        .within(1 << 20),
                op("leastSquares", Linalg::leastSquares, x("n 3 2"), x("n 3 2")).within(1 << 20),
                op("leastSquares wide", Linalg::leastSquares, x("n 2 3"), x("n 2 2"))
                        .within(1 << 20));
    }

    private static List<Tensor> parts(Linalg.QandR parts) {
        return List.of(parts.q(), parts.r());
    }

    private static List<Tensor> parts(Linalg.Eigenpairs parts) {
        return List.of(parts.values(), parts.vectors());
    }

    private static List<Tensor> parts(Linalg.Svd parts) {
        return List.of(parts.u(), parts.s(), parts.vt());
    }

    private static List<OpCase> products() {
        return List.of(
                op("matmul", Tensor::matmul, x("3 n"), x("n 2")),
                op("matmul wide", Tensor::matmul, x("3 4"), x("4 n")),
                op("matmul tall", Tensor::matmul, x("n 4"), x("4 3")),
                op("matmul batched", Tensor::matmul, x("2 1 3 n"), x("3 n 2")),
                op("matmul of vectors", Tensor::matmul, x("n"), x("n")),
                op("matmul by a vector", Tensor::matmul, x("3 n"), x("n")),
                op("linear", (x, w, b) -> x.linear(w, b), x("2 2 n"), x("3 n"), x("3"))
                        .onnx("Gemm"),
                op("linear without bias", (x, w) -> x.linear(w), x("n 4"), x("3 4")),
                op("einsum", (a, b) -> Linalg.einsum("bij,bjk->bik", a, b), x("2 3 n"), x("2 n 2"))
                        .onnx("Einsum"),
                op("einsum of a diagonal", a -> Linalg.einsum("ii->i", a), x("n n")).upTo(207),
                op("einsum of axes", a -> Linalg.einsum("...ij->...ji", a), x("2 3 n")),
                op("einsum of sums", (a, b) -> Linalg.einsum("ij,j->", a, b), x("3 n"), x("n")),
                op(
                        "einsum of three",
                        (a, b, c) -> Linalg.einsum("ij,jk,kl->il", a, b, c),
                        x("2 n"),
                        x("n 3"),
                        x("3 2")),
                op("kron", Linalg::kron, x("2 n"), x("2 3")),
                // Chains of 2n additions.
                op("tensordot", (a, b) -> Linalg.tensordot(a, b, 2), x("3 n 2"), x("n 2 4"))
                        .within(128),
                op(
                        "tensordot of axes",
                        (a, b) -> Linalg.tensordot(a, b, new int[] {0, -1}, new int[] {2, 0}),
                        x("3 2 n"),
                        x("n 2 3")),
                op("cross", (a, b) -> Linalg.cross(a, b, 1), x("n 3"), x("n 3")),
                op("covariance", a -> Linalg.covariance(a, 1), x("2 n")).curvedAt(4),
                op("covariance of a vector", a -> Linalg.covariance(a, 0), x("n")),
                op("correlation", Linalg::correlation, x("2 n")).curvedAt(4).within(64),
                op("vander", a -> Linalg.vander(a, 4, false), x("2 n")),
                op("blockDiagonal", (a, b) -> Linalg.blockDiagonal(a, b), x("2 n"), x("3 2")),
                op("distances", (a, b) -> Linalg.distances(a, b, 2), x("3 2"), x("n 2")),
                op("outer", Linalg::outer, x("3"), x("n")),
                op("bilinear", Linalg::bilinear, x("n 3"), x("n 2"), x("2 3 2")),
                op("band", a -> Linalg.band(a, -1, 0), x("3 n")),
                op("lowerHalf", Linalg::lowerHalf, x("3 n")),
                op("cholesky", a -> Linalg.cholesky(positive(a)), x("n 2 2")),
                op("cholesky large", a -> Linalg.cholesky(positive(a)), x("n n"))
                        .upTo(207)
                        .within(1 << 14),
                op("solve", (a, b) -> Linalg.solve(positive(a), b), x("n 2 2"), x("n 2 3")),
                op("solve large", (a, b) -> Linalg.solve(positive(a), b), x("n n"), x("n"))
                        .upTo(207)
                        .within(1 << 14),
                op(
                        "solveTriangular",
                        (a, b) -> Linalg.solveTriangular(positive(a), b, true, false),
                        x("n 2 2"),
                        x("n 2 3")),
                op(
                                "solveTriangular upper",
                                (a, b) ->
                                        Linalg.solveTriangular(
                                                positive(a).div(100), b, false, true),
                                x("n n"),
                                x("n 2"))
                        .preparing()
                        .upTo(17)
                        .within(1 << 14),
                op("inverse", a -> Linalg.inverse(positive(a)), x("n 2 2")).within(256),
                op("det", a -> Linalg.det(positive(a)), x("n 3 3")).within(256),
                ops(
                        "slogdet",
                        in -> {
                            Linalg.SignAndLog parts = Linalg.slogdet(positive(in.getFirst()));
                            return List.of(parts.sign(), parts.logAbs());
                        },
                        x("n 2 2")),
                op("logdet", a -> Linalg.logdet(positive(a)), x("n n")).upTo(207).within(1 << 14),
                op("matrixPower", a -> Linalg.matrixPower(a, 5), x("n 2 2")).within(256),
                op("matrixPower inverse", a -> Linalg.matrixPower(positive(a), -2), x("n 2 2"))
                        .within(1024));
    }

    // Symmetric, and positive definite by far; what is no matrix stays wrong.
    private static Tensor positive(Tensor a) {
        int rank = a.shape().rank();
        boolean square = rank >= 2 && a.shape().dim(-1) == a.shape().dim(-2);
        if (!square || !a.dtype().isFloating()) {
            return a;
        }
        int n = a.shape().dim(-1);
        Tensor places = Tensor.arange(n, DType.I64);
        Tensor one = places.unsqueeze(1).eq(places.unsqueeze(0)).to(a.dtype());
        return a.matmul(a.transpose()).add(one.mul(4));
    }
}
