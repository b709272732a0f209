package org.gemel.testkit;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.gemel.DType;
import org.gemel.Linalg;
import org.gemel.Tensor;
import org.gemel.testkit.GoldenOps.Table;

/// Golden factors of matrices, and what is made of them.
final class GoldenDecompositions {
    private GoldenDecompositions() {}

    static void fill(Table ops) {
        ops.put("eigvalsh", c -> symmetric(c).values());
        ops.put("svdvals", c -> Linalg.singularValues(c.in("x")));
        ops.put("nuclear_norm", c -> Linalg.singularValues(c.in("x")).sum(-1));
        ops.put("pinv", GoldenDecompositions::pseudoInverse);
        ops.put("pinverse", GoldenDecompositions::pseudoInverse);
        ops.put("lstsq", c -> Linalg.leastSquares(c.in("a"), c.in("b")));
        ops.put("matrix_rank", GoldenDecompositions::rank);
        ops.put("cond", GoldenDecompositions::condition);
    }

    static Map<String, Function<Call, List<Tensor>>> several() {
        return Map.of(
                "qr",
                c -> {
                    c.oneOf("mode", "reduced");
                    Linalg.QandR parts = Linalg.qr(c.in("x"));
                    return List.of(parts.q(), parts.r());
                },
                "eigh",
                c -> {
                    Linalg.Eigenpairs parts = symmetric(c);
                    return List.of(parts.values(), parts.vectors());
                },
                "svd",
                c -> {
                    if (c.flag("full_matrices")) {
                        throw new Unsupported("attribute full_matrices = true");
                    }
                    Linalg.Svd parts = Linalg.svd(c.in("x"));
                    return List.of(parts.u(), parts.s(), parts.vt());
                });
    }

    private static Linalg.Eigenpairs symmetric(Call call) {
        Tensor x = call.in("x");
        boolean lower = call.oneOf("UPLO", "L", "U").equals("L");
        return Linalg.eigh(lower ? x : x.transpose());
    }

    // The distance from 1 to the next number, for each of the larger dimension.
    private static double tolerance(Tensor x) {
        int larger = Math.max(x.shape().dim(-1), x.shape().dim(-2));
        return larger * (x.dtype() == DType.F64 ? Math.ulp(1.0) : Math.ulp(1f));
    }

    private static double tolerance(Call call, Tensor x) {
        String name = call.has("rtol") ? "rtol" : "rcond";
        return call.number(name, tolerance(x));
    }

    private static Tensor pseudoInverse(Call call) {
        Tensor x = call.in("x");
        return Linalg.pseudoInverse(x, tolerance(call, x));
    }

    private static Tensor rank(Call call) {
        Tensor x = call.in("x");
        Tensor values = Linalg.singularValues(x);
        Tensor least = values.amax(-1).unsqueeze(-1).mul(tolerance(call, x));
        return values.gt(least).to(DType.I64).sum(-1);
    }

    private static Tensor condition(Call call) {
        if (call.has("p") && call.number("p") != 2) {
            throw new Unsupported("attribute p other than 2");
        }
        Tensor values = Linalg.singularValues(call.in("x"));
        return values.amax(-1).div(values.amin(-1));
    }
}
