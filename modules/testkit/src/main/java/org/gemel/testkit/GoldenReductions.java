package org.gemel.testkit;

import java.util.Arrays;
import java.util.function.BiFunction;
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
        reduction(ops, "amax", (x, dims) -> x.amax(dims));
        reduction(ops, "amin", (x, dims) -> x.amin(dims));
        reduction(ops, "prod", (x, dims) -> x.prod(dims));
        reduction(ops, "logsumexp", GoldenReductions::logSumExp);
        reduction(ops, "all", (x, dims) -> x.to(DType.I32).amin(dims).to(DType.BOOL));
        reduction(ops, "any", (x, dims) -> x.to(DType.I32).amax(dims).to(DType.BOOL));
        ops.put("var", GoldenReductions::variance);
        ops.put("std", c -> variance(c).sqrt());
        norm(ops, "norm_l1", (x, dims) -> x.abs().sum(dims));
        norm(ops, "norm_l2", (x, dims) -> x.square().sum(dims).sqrt());
        norm(ops, "norm_l3", (x, dims) -> x.abs().pow(3).sum(dims).pow(1.0 / 3));
        norm(ops, "norm_linf", (x, dims) -> x.abs().amax(dims));
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

    private static void norm(Table ops, String name, BiFunction<Tensor, int[], Tensor> op) {
        ops.put(
                name,
                c -> {
                    Tensor x = c.in("x");
                    boolean named = c.number("p", 2) >= 1;
                    return kept(c, x, op.apply(x, named ? dims(c, x) : new int[0]));
                });
    }

    // The dimensions that are reduced, all unless told.
    private static int[] dims(Call call, Tensor x) {
        int rank = x.shape().rank();
        if (!call.has("dims")) {
            return IntStream.range(0, rank).toArray();
        }
        int[] dims = call.integers("dims");
        if (dims.length == 0 && rank > 0) {
            throw new Unsupported("attribute dims = []");
        }
        return Arrays.stream(dims).map(x.shape()::axis).toArray();
    }

    private static Tensor kept(Call call, Tensor x, Tensor reduced) {
        return call.flag("keepdim") ? reduced.reshape(x.shape().reduced(dims(call, x))) : reduced;
    }

    static Tensor logSumExp(Tensor x, int[] dims) {
        Tensor top = x.detach().amax(dims);
        // an infinite maximum would make inf - inf
        Tensor finite = Tensor.where(top.abs().lt(1.0 / 0), top, top.zerosLike());
        Tensor spread = finite.reshape(x.shape().reduced(dims));
        return x.sub(spread).exp().sum(dims).log().add(finite);
    }

    /// The variance over `dims`, which stay with size 1.
    static Tensor variance(Tensor x, int[] dims, double correction) {
        double count = Arrays.stream(dims).mapToDouble(x.shape()::dim).reduce(1, (a, b) -> a * b);
        Tensor mean = x.mean(dims).reshape(x.shape().reduced(dims));
        Tensor squares = x.sub(mean).square().sum(dims).reshape(mean.shape());
        return squares.div(Math.max(0, count - correction));
    }

    private static Tensor variance(Call call) {
        Tensor x = call.in("x");
        int[] dims = dims(call, x);
        Tensor all = variance(x, dims, call.number("correction", 1));
        if (call.flag("keepdim")) {
            return all;
        }
        int[] left =
                IntStream.range(0, x.shape().rank())
                        .filter(axis -> Arrays.stream(dims).noneMatch(dim -> dim == axis))
                        .map(x.shape()::dim)
                        .toArray();
        return all.reshape(left);
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
