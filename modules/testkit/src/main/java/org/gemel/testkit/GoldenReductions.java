package org.gemel.testkit;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.gemel.DType;
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
        ops.put(
                "dist",
                c -> {
                    Tensor x = c.in("a").sub(c.in("b"));
                    int[] all = IntStream.range(0, x.shape().rank()).toArray();
                    return x.norm(c.number("p", 2), all);
                });
        ops.put("argmax", c -> index(c, true));
        ops.put("argmin", c -> index(c, false));
    }

    static Map<String, Function<Call, List<Tensor>>> several() {
        return Map.of(
                "max",
                c -> extreme(c, true),
                "min",
                c -> extreme(c, false),
                "aminmax",
                c -> both(c, (x, dims) -> x.amin(dims), (x, dims) -> x.amax(dims)),
                "var_mean",
                c ->
                        both(
                                c,
                                (x, dims) -> x.variance(correction(c), dims),
                                (x, dims) -> x.mean(dims)),
                "std_mean",
                c ->
                        both(
                                c,
                                (x, dims) -> x.deviation(correction(c), dims),
                                (x, dims) -> x.mean(dims)));
    }

    private static List<Tensor> both(
            Call call,
            BiFunction<Tensor, int[], Tensor> first,
            BiFunction<Tensor, int[], Tensor> second) {
        Tensor x = call.in("x");
        int[] dims = dims(call, x);
        return List.of(kept(call, x, first.apply(x, dims)), kept(call, x, second.apply(x, dims)));
    }

    // With a dimension also where it is found, and then the gradient goes there alone; of two
    // tensors the larger or smaller of both.
    private static List<Tensor> extreme(Call call, boolean largest) {
        if (call.all().size() == 2) {
            Tensor a = call.all().getFirst();
            Tensor b = call.all().getLast();
            return List.of(largest ? a.maximum(b) : a.minimum(b));
        }
        Tensor x = call.in("x");
        int[] dims = dims(call, x);
        if (!call.has("dims")) {
            return List.of(kept(call, x, largest ? x.amax(dims) : x.amin(dims)));
        }
        Tensor index = index(call, largest);
        Tensor places = call.flag("keepdim") ? index : index.unsqueeze(dims[0]);
        Tensor values = x.takeAlong(places, dims[0]);
        return List.of(call.flag("keepdim") ? values : values.squeeze(dims[0]), index);
    }

    private static double correction(Call call) {
        double bessel = !call.has("unbiased") || call.flag("unbiased") ? 1 : 0;
        return call.number("correction", bessel);
    }

    private static void reduction(Table ops, String name, BiFunction<Tensor, int[], Tensor> op) {
        ops.put(
                name,
                c -> {
                    Tensor x = adds(name) ? summed(c) : c.in("x");
                    return kept(c, x, op.apply(x, dims(c, x)));
                });
    }

    private static boolean adds(String name) {
        return Set.of("sum", "mean", "prod", "nansum", "nanmean").contains(name);
    }

    /// The input in the type that it is summed up in: one that is asked for, or i64 for all
    /// integers and truth values, as in PyTorch.
    static Tensor summed(Call call) {
        Tensor x = call.in("x");
        return switch (call.word("dtype", "")) {
            case "float32" -> x.to(DType.F32);
            case "float64" -> x.to(DType.F64);
            case "int64" -> x.to(DType.I64);
            case "" -> x.dtype().isFloating() ? x : x.to(DType.I64);
            default -> throw new Unsupported("attribute dtype = " + call.word("dtype", ""));
        };
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
                    return kept(c, x, op.apply(x, dims(c, x), correction(c)));
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
