package org.gemel.testkit;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.gemel.DType;
import org.gemel.Linalg;
import org.gemel.Tensor;
import org.gemel.testkit.GoldenOps.Table;

/// Golden matrix products and normalisations.
final class GoldenLayers {
    private GoldenLayers() {}

    static void fill(Table ops) {
        ops.put("matmul", c -> product(c.in("a"), c.in("b")));
        ops.put("linear", c -> linear(c.in("x"), c.in("weight"), c.optional("bias")));
        ops.put("addmm", GoldenLayers::addmm);
        ops.put("baddbmm", GoldenLayers::addmm);
        ops.put("addmv", GoldenLayers::addmm);
        ops.put("addbmm", c -> added(c, c.in("a").matmul(c.in("b")).sum(0)));
        ops.put("addr", c -> added(c, Linalg.outer(c.in("a"), c.in("b"))));
        ops.put("batch_norm_eval", GoldenLayers::batchNormEval);
        ops.put("batch_norm", GoldenLayers::batchNorm);
        ops.put("weight_norm", GoldenLayers::weightNorm);
        for (String name : List.of("dropout", "dropout2d", "alpha_dropout", "feature_dropout")) {
            ops.put(name, GoldenLayers::kept);
        }
        ops.put("layer_norm", GoldenLayers::layerNorm);
        ops.put("rms_norm", GoldenLayers::rmsNorm);
        ops.put("group_norm", GoldenLayers::groupNorm);
        ops.put("instance_norm", GoldenLayers::instanceNorm);
        ops.put("local_response_norm", GoldenLayers::localResponseNorm);
    }

    static Map<String, Function<Call, List<Tensor>>> several() {
        return Map.of("batch_norm_train", GoldenLayers::batchNormTrain);
    }

    // Of integers by way of f64, which holds them up to 2^53.
    private static Tensor product(Tensor a, Tensor b) {
        return a.dtype().isFloating()
                ? a.matmul(b)
                : a.to(DType.F64).matmul(b.to(DType.F64)).to(a.dtype());
    }

    static Tensor linear(Tensor x, Tensor weight, Optional<Tensor> bias) {
        return bias.map(b -> x.linear(weight, b)).orElseGet(() -> x.linear(weight));
    }

    private static Tensor addmm(Call call) {
        return added(call, call.in("a").matmul(call.in("b")));
    }

    private static Tensor added(Call call, Tensor product) {
        Tensor scaled = product.mul(call.number("alpha", 1));
        return call.in("c").mul(call.number("beta", 1)).add(scaled);
    }

    // ---- normalisation

    private static Tensor batchNormEval(Call call) {
        return call.in("x")
                .batchNorm(
                        call.in("running_mean"),
                        call.in("running_var"),
                        call.optional("weight"),
                        call.optional("bias"),
                        call.number("eps", 1e-5));
    }

    // Without statistics, or in training, those of the batch.
    private static Tensor batchNorm(Call call) {
        boolean running = call.optional("running_mean").isPresent();
        boolean training = call.flag("training");
        // which the output does not depend on
        call.optional("running_var");
        call.has("momentum");
        return running && !training
                ? batchNormEval(call)
                : call.in("x")
                        .batchNorm(
                                call.optional("weight"),
                                call.optional("bias"),
                                call.number("eps", 1e-5))
                        .output();
    }

    // The direction of one, each slice as long as the other says.
    private static Tensor weightNorm(Call call) {
        Tensor v = call.in("v");
        int dim = v.shape().axis(call.integer("dim", 0));
        int[] others = IntStream.range(0, v.shape().rank()).filter(d -> d != dim).toArray();
        return v.mul(call.in("g").div(v.keep(v.norm(2, others), others)));
    }

    // Nothing is dropped outside of training.
    private static Tensor kept(Call call) {
        if (call.number("p", 0.5) != 0 && !(call.has("training") && !call.flag("training"))) {
            throw new Unsupported("a share that is dropped at random");
        }
        return call.in("x");
    }

    private static List<Tensor> batchNormTrain(Call call) {
        Tensor.BatchNorm norm =
                call.in("x")
                        .batchNorm(
                                call.optional("weight"),
                                call.optional("bias"),
                                call.number("eps", 1e-5));
        double momentum = call.number("momentum", 0.1);
        return List.of(
                norm.output(),
                norm.runningMean(call.in("running_mean"), momentum),
                norm.runningVariance(call.in("running_var"), momentum));
    }

    private static Tensor layerNorm(Call call) {
        return call.in("x")
                .layerNorm(
                        normalized(call),
                        call.optional("weight"),
                        call.optional("bias"),
                        call.number("eps", 1e-5));
    }

    private static Tensor rmsNorm(Call call) {
        Optional<Tensor> weight = call.optional("weight");
        int dims =
                call.has("normalized_shape")
                        ? normalized(call)
                        : weight.map(tensor -> tensor.shape().rank()).orElse(1);
        return call.in("x").rmsNorm(dims, weight, call.number("eps", spacing(call)));
    }

    // The distance from 1 to the next number, as in PyTorch.
    private static double spacing(Call call) {
        return call.in("x").dtype() == DType.F64 ? Math.ulp(1.0) : Math.ulp(1f);
    }

    // How many of the last dimensions; their sizes must be those of the input.
    private static int normalized(Call call) {
        int[] shape = call.integers("normalized_shape");
        int[] dims = call.in("x").shape().dims();
        int first = dims.length - shape.length;
        if (first < 0 || !Arrays.equals(shape, Arrays.copyOfRange(dims, first, dims.length))) {
            throw new Unsupported("normalized_shape " + Arrays.toString(shape));
        }
        return shape.length;
    }

    private static Tensor groupNorm(Call call) {
        return call.in("x")
                .groupNorm(
                        call.integer("groups"),
                        call.optional("weight"),
                        call.optional("bias"),
                        call.number("eps", 1e-5));
    }

    private static Tensor instanceNorm(Call call) {
        boolean own = !call.has("use_input_stats") || call.flag("use_input_stats");
        if (!own) {
            return batchNormEval(call);
        }
        return call.in("x")
                .instanceNorm(
                        call.optional("weight"), call.optional("bias"), call.number("eps", 1e-5));
    }

    private static Tensor localResponseNorm(Call call) {
        return call.in("x")
                .localResponseNorm(
                        call.integer("size"),
                        call.number("alpha", 1e-4),
                        call.number("beta", 0.75),
                        call.number("k", 1));
    }
}
