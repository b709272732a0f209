package org.gemel.testkit;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.gemel.Tensor;
import org.gemel.testkit.GoldenOps.Table;

/// Golden matrix products and normalisations.
final class GoldenLayers {
    private GoldenLayers() {}

    static void fill(Table ops) {
        ops.put("matmul", c -> c.in("a").matmul(c.in("b")));
        ops.put("linear", c -> linear(c.in("x"), c.in("weight"), c.optional("bias")));
        ops.put("addmm", GoldenLayers::addmm);
        ops.put("batch_norm_eval", GoldenLayers::batchNormEval);
        ops.put("layer_norm", GoldenLayers::layerNorm);
        ops.put("rms_norm", GoldenLayers::rmsNorm);
        ops.put("group_norm", c -> groupNorm(c, c.integer("groups")));
        ops.put("instance_norm", c -> groupNorm(c, c.in("x").shape().dim(1)));
    }

    static Map<String, Function<Call, List<Tensor>>> several() {
        return Map.of("batch_norm_train", GoldenLayers::batchNormTrain);
    }

    static Tensor linear(Tensor x, Tensor weight, Optional<Tensor> bias) {
        return bias.map(b -> x.linear(weight, b)).orElseGet(() -> x.linear(weight));
    }

    private static Tensor addmm(Call call) {
        Tensor product = call.in("a").matmul(call.in("b")).mul(call.number("alpha", 1));
        return call.in("c").mul(call.number("beta", 1)).add(product);
    }

    // ---- normalisation

    private static Tensor channels(Tensor vector, Tensor like) {
        int[] dims = new int[like.shape().rank()];
        Arrays.fill(dims, 1);
        dims[1] = like.shape().dim(1);
        return vector.reshape(dims);
    }

    private static Tensor scaled(Call call, Tensor x) {
        Tensor y = call.optional("weight").map(w -> x.mul(channels(w, x))).orElse(x);
        return call.optional("bias").map(b -> y.add(channels(b, x))).orElse(y);
    }

    private static Tensor batchNormEval(Call call) {
        Tensor x = call.in("x");
        Tensor mean = channels(call.in("running_mean"), x);
        Tensor variance = channels(call.in("running_var"), x);
        return scaled(call, x.sub(mean).div(variance.add(call.number("eps")).sqrt()));
    }

    private static List<Tensor> batchNormTrain(Call call) {
        Tensor x = call.in("x");
        int[] dims = IntStream.range(0, x.shape().rank()).filter(axis -> axis != 1).toArray();
        double count = (double) x.size() / x.shape().dim(1);
        Tensor variance = GoldenReductions.variance(x, dims, 0);
        Tensor mean = x.mean(dims);
        Tensor y = normalized(x, dims, call.number("eps"));
        double keep = 1 - call.number("momentum");
        Tensor unbiased = variance.reshape(mean.shape()).mul(count / (count - 1));
        return List.of(
                scaled(call, y),
                call.in("running_mean").mul(keep).add(mean.mul(1 - keep)),
                call.in("running_var").mul(keep).add(unbiased.mul(1 - keep)));
    }

    private static Tensor normalized(Tensor x, int[] dims, double eps) {
        Tensor mean = x.mean(dims).reshape(x.shape().reduced(dims));
        Tensor variance = GoldenReductions.variance(x, dims, 0);
        return x.sub(mean).mul(variance.add(eps).rsqrt());
    }

    private static int[] trailing(Tensor x, int count) {
        return IntStream.range(x.shape().rank() - count, x.shape().rank()).toArray();
    }

    private static Tensor layerNorm(Call call) {
        Tensor x = call.in("x");
        int[] dims = trailing(x, call.integers("normalized_shape").length);
        Tensor y = normalized(x, dims, call.number("eps", 1e-5));
        Tensor z = call.optional("weight").map(y::mul).orElse(y);
        return call.optional("bias").map(z::add).orElse(z);
    }

    private static Tensor rmsNorm(Call call) {
        Tensor x = call.in("x");
        int[] dims = trailing(x, call.integers("normalized_shape").length);
        Tensor mean = x.square().mean(dims).reshape(x.shape().reduced(dims));
        Tensor y = x.div(mean.add(call.number("eps")).sqrt());
        return call.optional("weight").map(y::mul).orElse(y);
    }

    private static Tensor groupNorm(Call call, int groups) {
        Tensor x = call.in("x");
        Tensor rows = x.reshape(x.shape().dim(0), groups, -1);
        Tensor y = normalized(rows, new int[] {2}, call.number("eps", 1e-5));
        return scaled(call, y.reshape(x.shape()));
    }
}
