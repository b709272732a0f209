package org.gemel.testkit;

import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.gemel.Tensor;
import org.gemel.testkit.GoldenOps.Table;

/// Golden operations that combine elements along dimensions.
final class GoldenReductions {
    private GoldenReductions() {}

    static void fill(Table ops) {
        reduction(ops, "sum", (x, dims) -> x.sum(dims));
        reduction(ops, "mean", (x, dims) -> x.mean(dims));
        reduction(ops, "nansum", (x, dims) -> x.nanSum(dims));
        reduction(ops, "nanmean", (x, dims) -> x.nanMean(dims));
        reduction(ops, "amax", (x, dims) -> x.amax(dims));
        reduction(ops, "amin", (x, dims) -> x.amin(dims));
        reduction(ops, "prod", (x, dims) -> x.prod(dims));
        reduction(ops, "logsumexp", (x, dims) -> x.logSumExp(dims));
        reduction(ops, "all", (x, dims) -> x.all(dims));
        reduction(ops, "any", (x, dims) -> x.any(dims));
        spread(ops, "var", (x, dims, correction) -> x.variance(correction, dims));
        spread(ops, "std", (x, dims, correction) -> x.deviation(correction, dims));
        for (String name : List.of("norm", "norm_l0", "norm_l1", "norm_l2", "norm_l3")) {
            norm(ops, name);
        }
        norm(ops, "norm_linf");
        norm(ops, "norm_lminf");
        norm(ops, "vector_norm");
        ops.put("argmax", c -> index(c, true));
        ops.put("argmin", c -> index(c, false));
    }

    private static void reduction(Table ops, String name, BiFunction<Tensor, int[], Tensor> op) {
        ops.put(
                name,
                c -> {
                    Tensor x = c.in("x");
                    return kept(c, x, op.apply(x, dims(c, x)));
                });
    }

    // The name says which norm unless an attribute does.
    private static void norm(Table ops, String name) {
        String digits = name.replaceAll("\\D", "");
        double named =
                switch (name) {
                    case "norm_linf" -> Double.POSITIVE_INFINITY;
                    case "norm_lminf" -> Double.NEGATIVE_INFINITY;
                    default -> digits.isEmpty() ? 2 : Integer.parseInt(digits);
                };
        ops.put(
                name,
                c -> {
                    Tensor x = c.in("x");
                    return kept(c, x, x.norm(c.number("p", named), dims(c, x)));
                });
    }

    private interface Spread {
        Tensor apply(Tensor x, int[] dims, double correction);
    }

    private static void spread(Table ops, String name, Spread op) {
        ops.put(
                name,
                c -> {
                    Tensor x = c.in("x");
                    double bessel = !c.has("unbiased") || c.flag("unbiased") ? 1 : 0;
                    double correction = c.number("correction", bessel);
                    return kept(c, x, op.apply(x, dims(c, x), correction));
                });
    }

    // The dimensions that are reduced, all unless told.
    private static int[] dims(Call call, Tensor x) {
        int rank = x.shape().rank();
        if (!call.has("dims")) {
            return IntStream.range(0, rank).toArray();
        }
        int[] dims = call.integers("dims");
        // No dimensions are all of them, as in PyTorch.
        if (dims.length == 0) {
            return IntStream.range(0, rank).toArray();
        }
        return Arrays.stream(dims).map(x.shape()::axis).toArray();
    }

    private static Tensor kept(Call call, Tensor x, Tensor reduced) {
        return call.flag("keepdim") ? reduced.reshape(x.shape().reduced(dims(call, x))) : reduced;
    }

    private static Tensor index(Call call, boolean largest) {
        Tensor x = call.in("x");
        int[] dims = dims(call, x);
        boolean flat = !call.has("dims");
        if (!flat && dims.length != 1) {
            throw new Unsupported("attribute dims of more than one dimension");
        }
        Tensor source = flat ? x.reshape(-1) : x;
        int axis = flat ? 0 : dims[0];
        return kept(call, x, largest ? source.argmax(axis) : source.argmin(axis));
    }
}
