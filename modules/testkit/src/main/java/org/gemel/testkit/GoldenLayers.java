package org.gemel.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.testkit.GoldenOps.Table;

/// Golden matrix products, normalisations, attention and recurrent cells.
final class GoldenLayers {
    private GoldenLayers() {}

    static void fill(Table ops) {
        ops.put("matmul", c -> c.in("a").matmul(c.in("b")));
        ops.put("linear", c -> linear(c.in("x"), c.in("weight"), c.optional("bias")));
        ops.put("addmm", GoldenLayers::addmm);
        ops.put("outer", c -> c.in("a").unsqueeze(1).mul(c.in("b").unsqueeze(0)));
        ops.put("bilinear", GoldenLayers::bilinear);
        ops.put("batch_norm_eval", GoldenLayers::batchNormEval);
        ops.put("layer_norm", GoldenLayers::layerNorm);
        ops.put("rms_norm", GoldenLayers::rmsNorm);
        ops.put("group_norm", GoldenLayers::groupNorm);
        ops.put("instance_norm", GoldenLayers::instanceNorm);
        ops.put("local_response_norm", GoldenLayers::localResponseNorm);
        ops.put("normalize_l2", GoldenLayers::normalize);
        ops.put("sdpa", GoldenLayers::attention);
        ops.put("multi_head_attention", GoldenLayers::multiHead);
        ops.put("rnn_tanh_cell", c -> gates(c, c.in("h")).tanh());
        ops.put("gru_cell", c -> gru(c.in("x"), c.in("h"), weights(c, "")));
    }

    static Map<String, Function<Call, List<Tensor>>> several() {
        return Map.of(
                "batch_norm_train", GoldenLayers::batchNormTrain,
                "lstm_cell", c -> lstm(c.in("x"), c.in("h"), c.in("c"), weights(c, "")),
                "gru", c -> sequence(c, false),
                "lstm", c -> sequence(c, true));
    }

    static Tensor linear(Tensor x, Tensor weight, Optional<Tensor> bias) {
        return bias.map(b -> x.linear(weight, b)).orElseGet(() -> x.linear(weight));
    }

    private static Tensor addmm(Call call) {
        Tensor product = call.in("a").matmul(call.in("b")).mul(call.number("alpha", 1));
        return call.in("c").mul(call.number("beta", 1)).add(product);
    }

    private static Tensor bilinear(Call call) {
        Tensor left = call.in("x1").unsqueeze(0).matmul(call.in("weight"));
        Tensor each = left.mul(call.in("x2").unsqueeze(0)).sum(-1).transpose();
        return call.optional("bias").map(each::add).orElse(each);
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
        return call.in("x").rmsNorm(normalized(call), call.optional("weight"), call.number("eps"));
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

    private static Tensor normalize(Call call) {
        Tensor x = call.in("x");
        int[] dim = {x.shape().axis(call.integer("dim", 1))};
        Tensor norm = x.square().sum(dim).sqrt().reshape(x.shape().reduced(dim));
        return x.div(norm.maximum(norm.zerosLike().add(call.number("eps", 1e-12))));
    }

    // ---- attention

    private static Tensor attention(Call call) {
        Tensor q = call.in("q");
        Tensor k = call.in("k");
        Tensor v = call.in("v");
        if (call.flag("gqa")) {
            int times = q.shape().dim(-3) / k.shape().dim(-3);
            k = shared(k, times);
            v = shared(v, times);
        }
        double scale = call.number("scale", 1 / Math.sqrt(q.shape().dim(-1)));
        Tensor scores = q.matmul(k.transpose()).mul(scale);
        return attend(scores, call.optional("mask"), call.flag("causal")).matmul(v);
    }

    // Every head repeated for a group of queries.
    private static Tensor shared(Tensor x, int times) {
        int axis = x.shape().rank() - 3;
        Tensor one = x.unsqueeze(axis + 1);
        Shape wide = x.shape().with(axis, x.shape().dim(axis) * times);
        return one.expand(one.shape().with(axis + 1, times)).reshape(wide);
    }

    static Tensor attend(Tensor scores, Optional<Tensor> mask, boolean causal) {
        Tensor never = Tensor.full(scores.type(), Double.NEGATIVE_INFINITY);
        if (mask.isPresent()) {
            boolean choice = mask.get().dtype() == DType.BOOL;
            scores = choice ? Tensor.where(mask.get(), scores, never) : scores.add(mask.get());
        }
        if (causal) {
            Tensor rows = Tensor.arange(scores.shape().dim(-2), DType.I64).unsqueeze(1);
            Tensor columns = Tensor.arange(scores.shape().dim(-1), DType.I64).unsqueeze(0);
            scores = Tensor.where(columns.le(rows), scores, never);
        }
        return scores.softmax(-1);
    }

    private static Tensor multiHead(Call call) {
        Tensor x = call.in("x");
        int heads = call.integer("heads");
        int t = x.shape().dim(0);
        int n = x.shape().dim(1);
        int e = x.shape().dim(2);
        Tensor packed = linear(x, call.in("w_in"), call.optional("b_in"));
        List<Tensor> parts =
                GoldenShapes.split(packed, 2, e, e, e).stream()
                        .map(p -> p.reshape(t, n, heads, e / heads).permute(1, 2, 0, 3))
                        .toList();
        Tensor scores = parts.get(0).matmul(parts.get(1).transpose());
        Tensor scaled = scores.div(Math.sqrt((double) e / heads));
        Tensor mixed = attend(scaled, Optional.empty(), call.flag("causal")).matmul(parts.get(2));
        Tensor joined = mixed.permute(2, 0, 1, 3).reshape(t, n, e);
        return linear(joined, call.in("w_out"), call.optional("b_out"));
    }

    // ---- recurrent cells

    /// The weights of a cell for the input and the state.
    private record Weights(
            Tensor input, Tensor state, Optional<Tensor> inputBias, Optional<Tensor> stateBias) {}

    private static Weights weights(Call call, String suffix) {
        return new Weights(
                call.in("w_ih" + suffix),
                call.in("w_hh" + suffix),
                call.optional("b_ih" + suffix),
                call.optional("b_hh" + suffix));
    }

    private static Tensor gates(Call call, Tensor h) {
        return gates(call.in("x"), h, weights(call, ""));
    }

    private static Tensor gates(Tensor x, Tensor h, Weights w) {
        return linear(x, w.input(), w.inputBias()).add(linear(h, w.state(), w.stateBias()));
    }

    private static Tensor gru(Tensor x, Tensor h, Weights w) {
        int n = h.shape().dim(-1);
        List<Tensor> a = GoldenShapes.split(linear(x, w.input(), w.inputBias()), -1, n, n, n);
        List<Tensor> b = GoldenShapes.split(linear(h, w.state(), w.stateBias()), -1, n, n, n);
        Tensor reset = a.get(0).add(b.get(0)).sigmoid();
        Tensor update = a.get(1).add(b.get(1)).sigmoid();
        Tensor next = a.get(2).add(reset.mul(b.get(2))).tanh();
        return update.rsub(1).mul(next).add(update.mul(h));
    }

    private static List<Tensor> lstm(Tensor x, Tensor h, Tensor c, Weights w) {
        int n = h.shape().dim(-1);
        List<Tensor> all = GoldenShapes.split(gates(x, h, w), -1, n, n, n, n);
        Tensor kept = all.get(1).sigmoid().mul(c);
        Tensor cell = kept.add(all.get(0).sigmoid().mul(all.get(2).tanh()));
        return List.of(all.get(3).sigmoid().mul(cell.tanh()), cell);
    }

    private static List<Tensor> sequence(Call call, boolean cells) {
        Tensor x = call.in("x");
        int directions = call.flag("bidirectional") ? 2 : 1;
        int layers = call.integer("layers", 1);
        List<List<Tensor>> last = List.of(new ArrayList<>(), new ArrayList<>());
        for (int layer = 0; layer < layers; layer++) {
            List<Tensor> sides = new ArrayList<>();
            for (int side = 0; side < directions; side++) {
                int index = layer * directions + side;
                Weights w = weights(call, "_l" + layer + (side == 1 ? "r" : ""));
                Tensor h = GoldenShapes.select(call.in("h0"), 0, index);
                Tensor c = cells ? GoldenShapes.select(call.in("c0"), 0, index) : h;
                sides.add(unrolled(x, h, c, w, cells, side == 1, last));
            }
            x = directions == 1 ? sides.getFirst() : Tensor.concat(sides, 2);
        }
        List<Tensor> results = new ArrayList<>();
        results.add(x);
        results.add(GoldenShapes.stack(last.get(0), 0));
        if (cells) {
            results.add(GoldenShapes.stack(last.get(1), 0));
        }
        return results;
    }

    private static Tensor unrolled(
            Tensor x,
            Tensor h,
            Tensor c,
            Weights w,
            boolean cells,
            boolean backward,
            List<List<Tensor>> last) {
        int steps = x.shape().dim(0);
        Tensor[] outputs = new Tensor[steps];
        for (int i = 0; i < steps; i++) {
            int t = backward ? steps - 1 - i : i;
            Tensor input = GoldenShapes.select(x, 0, t);
            List<Tensor> next = cells ? lstm(input, h, c, w) : List.of(gru(input, h, w));
            h = next.getFirst();
            c = next.getLast();
            outputs[t] = h;
        }
        last.get(0).add(h);
        last.get(1).add(c);
        return GoldenShapes.stack(List.of(outputs), 0);
    }
}
