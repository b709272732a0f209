package org.gemel.testkit;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.gemel.Linalg;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.testkit.GoldenOps.Table;

/// Golden linear algebra.
final class GoldenLinalg {
    private GoldenLinalg() {}

    static void fill(Table ops) {
        ops.put("einsum", GoldenLinalg::einsum);
        ops.put("outer", c -> Linalg.outer(c.in("a"), c.in("b")));
        ops.put("tensordot", GoldenLinalg::tensordot);
        ops.put("kron", c -> Linalg.kron(c.in("a"), c.in("b")));
        ops.put("cross", c -> Linalg.cross(c.in("a"), c.in("b"), c.integer("dim", -1)));
        ops.put("cdist", c -> Linalg.distances(c.in("a"), c.in("b"), c.number("p", 2)));
        ops.put("inner", c -> c.in("a").matmul(c.in("b").transpose()));
        ops.put("matrix_norm", GoldenLinalg::matrixNorm);
        ops.put("multi_dot", c -> Linalg.multiDot(c.all().toArray(Tensor[]::new)));
        ops.put("vecdot", c -> c.in("a").mul(c.in("b")).sum(c.integer("dim", -1)));
        ops.put("matrix_exp", c -> Linalg.matrixExp(c.in("x")));
        ops.put("cholesky_solve", GoldenLinalg::choleskySolve);
        ops.put("cholesky_inverse", GoldenLinalg::choleskyInverse);
        ops.put("tensorinv", GoldenLinalg::tensorInverse);
        ops.put("tensorsolve", GoldenLinalg::tensorSolve);
        for (String name : List.of("mm", "bmm", "mv", "dot", "vdot")) {
            ops.put(name, c -> c.in("a").matmul(c.in("b")));
        }
        ops.put("cov", c -> Linalg.covariance(c.in("x"), c.number("correction", 1)));
        ops.put("corrcoef", c -> Linalg.correlation(c.in("x")));
        ops.put("trapezoid", c -> integral(c, Tensor::trapezoid, Tensor::trapezoid));
        ops.put(
                "cumulative_trapezoid",
                c -> integral(c, Tensor::cumulativeTrapezoid, Tensor::cumulativeTrapezoid));
        ops.put(
                "renorm",
                c -> c.in("x").renorm(c.number("p"), c.integer("dim"), c.number("maxnorm")));
        ops.put("bilinear", GoldenLinalg::bilinear);
        ops.put("cholesky", GoldenLinalg::cholesky);
        ops.put("solve", c -> Linalg.solve(c.in("A"), c.in("b")));
        ops.put("inverse", c -> Linalg.inverse(c.in("x")));
        ops.put("det", c -> Linalg.det(c.in("x")));
        ops.put("logdet", c -> Linalg.logdet(c.in("x")));
        ops.put("matrix_power", c -> Linalg.matrixPower(c.in("x"), c.integer("n")));
        ops.put("triangular_solve", GoldenLinalg::triangularSolve);
        ops.put("solve_triangular", GoldenLinalg::triangularSolve);
    }

    static Map<String, Function<Call, List<Tensor>>> several() {
        return Map.of(
                "slogdet",
                c -> {
                    Linalg.SignAndLog parts = Linalg.slogdet(c.in("x"));
                    return List.of(parts.sign(), parts.logAbs());
                });
    }

    private static Tensor einsum(Call call) {
        String equation = call.word("equation", "");
        return Linalg.einsum(equation, call.all().toArray(Tensor[]::new));
    }

    /// An integral by steps of a width.
    private interface Even {
        Tensor of(Tensor y, double width, int axis);
    }

    /// An integral between places.
    private interface Uneven {
        Tensor of(Tensor y, Tensor places, int axis);
    }

    private static Tensor integral(Call call, Even even, Uneven uneven) {
        int dim = call.integer("dim", -1);
        Optional<Tensor> x = call.optional("x");
        return x.isPresent() && call.optional("y").isPresent()
                ? uneven.of(call.in("y"), x.get(), dim)
                : even.of(call.in("x"), call.number("dx", 1), dim);
    }

    // A number of axes, or the lists of both sides.
    private static Tensor tensordot(Call call) {
        Tensor a = call.in("a");
        Tensor b = call.in("b");
        String name = call.has("axes") ? "axes" : "dims";
        return call.isList(name)
                ? Linalg.tensordot(a, b, axes(call, name, 0), axes(call, name, 1))
                : Linalg.tensordot(a, b, call.integer(name, 2));
    }

    private static int[] axes(Call call, String name, int side) {
        return call.rows(name).get(side).stream().mapToInt(Optional::orElseThrow).toArray();
    }

    private static Tensor bilinear(Call call) {
        Tensor each = Linalg.bilinear(call.in("x1"), call.in("x2"), call.in("weight"));
        return call.optional("bias").map(each::add).orElse(each);
    }

    // The product that makes the matrix positive definite is part of the operation.
    private static Tensor cholesky(Call call) {
        Tensor x = call.in("x");
        int n = x.shape().dim(-1);
        Tensor ones = Linalg.band(x.onesLike(), 0, 0);
        Tensor lower = Linalg.cholesky(x.matmul(x.transpose()).add(ones.mul(n)));
        return call.flag("upper") ? lower.transpose() : lower;
    }

    // Frobenius's, of singular values, or the largest or smallest sum of sizes down the columns or
    // along the rows.
    static Tensor matrixNorm(Call call) {
        Tensor x = call.in("x");
        if (!call.has("ord") || (call.isWord("ord") && call.word("ord", "").equals("fro"))) {
            return x.norm(2, -2, -1);
        }
        if (call.isWord("ord") && call.word("ord", "").equals("nuc")) {
            return Linalg.singularValues(x).sum(-1);
        }
        double order = call.number("ord");
        if (Math.abs(order) == 2) {
            Tensor values = Linalg.singularValues(x);
            return order > 0 ? values.amax(-1) : values.amin(-1);
        }
        if (Math.abs(order) != 1 && !Double.isInfinite(order)) {
            throw new Unsupported("attribute ord = " + order);
        }
        Tensor sums = x.abs().sum(Math.abs(order) == 1 ? -2 : -1);
        return order > 0 ? sums.amax(-1) : sums.amin(-1);
    }

    private static Tensor choleskySolve(Call call) {
        Tensor b = call.optional("b").orElseGet(() -> call.in("a"));
        Tensor factor = call.optional("L").orElseGet(() -> call.rest().getLast());
        Tensor lower = call.flag("upper") ? factor.transpose() : factor;
        return Linalg.choleskySolve(lower, b);
    }

    private static Tensor choleskyInverse(Call call) {
        Tensor x = call.in("x");
        Tensor lower = call.flag("upper") ? x.transpose() : x;
        return Linalg.choleskySolve(lower, Linalg.band(x.onesLike(), 0, 0));
    }

    // The inverse of the matrix that the first dimensions and the others make.
    private static Tensor tensorInverse(Call call) {
        Tensor x = call.in("x");
        int[] dims = x.shape().dims();
        int rows = call.integer("ind", 2);
        int[] turned = new int[dims.length];
        for (int d = 0; d < dims.length; d++) {
            turned[d] = dims[(d + rows) % dims.length];
        }
        int size = Arrays.stream(dims, 0, rows).reduce(1, (a, b) -> a * b);
        return Linalg.inverse(x.reshape(size, -1)).reshape(Shape.of(turned));
    }

    private static Tensor tensorSolve(Call call) {
        Tensor a = call.in("a");
        Tensor b = call.in("b");
        int[] dims = a.shape().dims();
        int size = Math.toIntExact(b.size());
        int[] rest = Arrays.copyOfRange(dims, b.shape().rank(), dims.length);
        return Linalg.solve(a.reshape(size, -1), b.reshape(-1)).reshape(Shape.of(rest));
    }

    private static Tensor triangularSolve(Call call) {
        return Linalg.solveTriangular(
                call.in("A"), call.in("b"), !call.flag("upper"), call.flag("unitriangular"));
    }
}
