package org.gemel.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.gemel.DType;
import org.gemel.Gemel;
import org.gemel.Tensor;
import org.gemel.nn.ClassLosses;
import org.gemel.nn.Losses;
import org.gemel.nn.Reduction;
import org.gemel.nn.VectorLosses;
import org.gemel.testkit.GoldenOps.Table;

/// Golden loss functions.
final class GoldenLosses {
    private GoldenLosses() {}

    static void fill(Table ops) {
        loss(ops, "mse_loss", (c, r) -> averaged(c, r, Losses::meanSquare));
        loss(ops, "l1_loss", (c, r) -> averaged(c, r, Losses::absolute));
        loss(ops, "huber_loss", GoldenLosses::huber);
        loss(
                ops,
                "smooth_l1_loss",
                (c, r) -> Losses.smoothAbsolute(c.in("x"), c.in("target"), c.number("beta", 1), r));
        loss(
                ops,
                "bce_loss",
                (c, r) ->
                        Losses.binaryCrossEntropy(
                                c.in("x"), c.in("target"), c.optional("weight"), r));
        loss(
                ops,
                "bce_with_logits",
                (c, r) ->
                        Losses.binaryCrossEntropyWithLogits(
                                c.in("x"),
                                c.in("target"),
                                c.optional("weight"),
                                c.optional("pos_weight"),
                                r));
        loss(
                ops,
                "hinge_embedding_loss",
                (c, r) ->
                        Losses.hingeEmbedding(c.in("x"), c.in("target"), c.number("margin", 1), r));
        loss(
                ops,
                "margin_ranking_loss",
                (c, r) ->
                        Losses.marginRanking(
                                c.in("a"), c.in("b"), c.in("target"), c.number("margin", 0), r));
        loss(
                ops,
                "cosine_embedding_loss",
                (c, r) ->
                        VectorLosses.cosineEmbedding(
                                c.in("a"), c.in("b"), c.in("target"), c.number("margin", 0), r));
        loss(ops, "triplet_margin_loss", GoldenLosses::triplet);
        loss(ops, "poisson_nll_loss", GoldenLosses::poisson);
        loss(ops, "gaussian_nll_loss", GoldenLosses::gaussian);
        loss(
                ops,
                "kl_div",
                (c, r) -> Losses.divergence(c.in("x"), c.in("target"), c.flag("log_target"), r));
        loss(ops, "soft_margin_loss", (c, r) -> Losses.softMargin(c.in("x"), c.in("target"), r));
        for (String name :
                new String[] {"multilabel_soft_margin_loss", "multi_label_soft_margin_loss"}) {
            loss(
                    ops,
                    name,
                    (c, r) ->
                            Losses.multiLabelSoftMargin(
                                    c.in("x"), c.in("target"), c.optional("weight"), r));
        }
        for (String name : new String[] {"multilabel_margin_loss", "multi_label_margin_loss"}) {
            loss(ops, name, (c, r) -> ClassLosses.multiLabelMargin(c.in("x"), c.in("target"), r));
        }
        loss(
                ops,
                "multi_margin_loss",
                (c, r) ->
                        ClassLosses.multiMargin(
                                c.in("x"),
                                c.in("target"),
                                c.integer("p", 1),
                                c.number("margin", 1),
                                c.optional("weight"),
                                r));
        loss(ops, "ctc_loss", GoldenLosses::ctc);
        loss(ops, "cross_entropy", GoldenLosses::crossEntropy);
        loss(ops, "linear_cross_entropy", GoldenLosses::linearCrossEntropy);
        loss(
                ops,
                "nll_loss",
                (c, r) ->
                        ClassLosses.negativeLogLikelihood(
                                c.in("x"), c.in("target"), classes(c, 0), r));
        ops.put(
                "cosine_similarity",
                c ->
                        VectorLosses.cosineSimilarity(
                                c.in("a"), c.in("b"), c.integer("dim", 1), c.number("eps", 1e-8)));
        ops.put(
                "pairwise_distance",
                c -> {
                    Tensor each =
                            VectorLosses.pairwiseDistance(
                                    c.in("a"), c.in("b"), c.number("p", 2), c.number("eps", 1e-6));
                    return c.flag("keepdim") ? each.unsqueeze(-1) : each;
                });
        ops.put(
                "normalize_l2",
                c ->
                        VectorLosses.normalize(
                                c.in("x"),
                                c.number("p", 2),
                                c.integer("dim", 1),
                                c.number("eps", 1e-12)));
    }

    private static void loss(Table ops, String name, BiFunction<Call, Reduction, Tensor> loss) {
        ops.put(
                name,
                c ->
                        loss.apply(
                                c,
                                switch (c.oneOf("reduction", "mean", "sum", "none", "batchmean")) {
                                    case "mean" -> Reduction.MEAN;
                                    case "sum" -> Reduction.SUM;
                                    case "batchmean" -> Reduction.BATCH_MEAN;
                                    default -> Reduction.NONE;
                                }));
    }

    /// A loss of two tensors.
    private interface Pair {
        Tensor of(Tensor x, Tensor target, Reduction reduction);
    }

    // With weights, the mean divides by their sum.
    private static Tensor averaged(Call call, Reduction reduction, Pair loss) {
        Tensor x = call.in("x");
        Tensor target = call.in("target");
        Optional<Tensor> weight = call.optional("weight");
        if (weight.isEmpty()) {
            return loss.of(x, target, reduction);
        }
        Tensor each = loss.of(x, target, Reduction.NONE).mul(weight.get());
        return reduction == Reduction.MEAN
                ? each.sum().div(weight.get().expand(each.shape()).sum())
                : reduction.of(each);
    }

    private static Tensor huber(Call call, Reduction reduction) {
        double delta = call.number("delta", 1);
        Tensor each = Losses.huber(call.in("x"), call.in("target"), delta, Reduction.NONE);
        return reduction.of(call.optional("weight").map(each::mul).orElse(each));
    }

    private static Tensor triplet(Call call, Reduction reduction) {
        VectorLosses.Triplet settings =
                new VectorLosses.Triplet(
                        call.number("margin", 1),
                        call.number("p", 2),
                        call.number("eps", 1e-6),
                        call.flag("swap"));
        return VectorLosses.tripletMargin(
                call.in("a"), call.in("p"), call.in("n"), settings, reduction);
    }

    private static Tensor poisson(Call call, Reduction reduction) {
        boolean logInput = !call.has("log_input") || call.flag("log_input");
        Losses.Poisson settings =
                new Losses.Poisson(logInput, call.flag("full"), call.number("eps", 1e-8));
        return Losses.poisson(call.in("x"), call.in("target"), settings, reduction);
    }

    private static Tensor gaussian(Call call, Reduction reduction) {
        return Losses.gaussian(
                call.in("x"),
                call.in("target"),
                call.in("var"),
                call.flag("full"),
                call.number("eps", 1e-6),
                reduction);
    }

    private static Tensor ctc(Call call, Reduction reduction) {
        Tensor x = call.optional("log_probs").orElseGet(() -> call.in("x"));
        int n = x.shape().dim(1);
        Tensor steps = lengths(call, "input_lengths", n, x.shape().dim(0));
        Tensor target = call.optional("targets").orElseGet(() -> call.in("target"));
        Tensor lengths = lengths(call, "target_lengths", n, target.shape().dim(-1));
        return ClassLosses.ctc(
                x,
                target.shape().rank() == 1 ? rows(target, lengths) : target,
                steps,
                lengths,
                call.integer("blank", 0),
                call.flag("zero_infinity"),
                reduction);
    }

    // An input, an attribute, or all there is.
    private static Tensor lengths(Call call, String name, int n, int all) {
        Optional<Tensor> input = call.optional(name);
        if (input.isPresent()) {
            return input.get().to(DType.I64);
        }
        long[] each = new long[n];
        Arrays.fill(each, all);
        if (call.has(name)) {
            each = Arrays.stream(call.integers(name)).asLongStream().toArray();
        }
        return Gemel.tensor(each, n);
    }

    // Labels one after the other, a row for each length.
    private static Tensor rows(Tensor target, Tensor lengths) {
        long[] counts = lengths.toLongArray();
        int most = Math.toIntExact(Arrays.stream(counts).max().orElse(0));
        List<Tensor> rows = new ArrayList<>();
        int from = 0;
        for (long count : counts) {
            int to = from + Math.toIntExact(count);
            int[] after = {most - Math.toIntExact(count)};
            rows.add(target.slice(0, from, to, 1).pad(new int[1], after, 0));
            from = to;
        }
        return Tensor.stack(rows, 0);
    }

    private static ClassLosses.Settings classes(Call call, double smoothing) {
        return new ClassLosses.Settings(
                call.optional("weight"), call.integer("ignore_index", -100), smoothing);
    }

    private static Tensor linearCrossEntropy(Call call, Reduction reduction) {
        Tensor x = call.in("x");
        Tensor weight = call.optional("linear_weight").orElseGet(() -> call.in("weight"));
        Optional<Tensor> bias = call.optional("linear_bias").or(() -> call.optional("bias"));
        ClassLosses.Settings settings =
                new ClassLosses.Settings(
                        Optional.empty(),
                        call.integer("ignore_index", -100),
                        call.number("label_smoothing", 0));
        Tensor logits = GoldenLayers.linear(x, weight, bias);
        return ClassLosses.crossEntropy(logits, call.in("target"), settings, reduction);
    }

    private static Tensor crossEntropy(Call call, Reduction reduction) {
        Tensor x = call.in("x");
        Tensor target = call.in("target");
        boolean probabilities =
                call.oneOf("target", "indices", "probabilities").equals("probabilities");
        if (probabilities != target.dtype().isFloating()) {
            throw new Unsupported("attribute target and the target's dtype");
        }
        double smoothing = call.number("label_smoothing", 0);
        return ClassLosses.crossEntropy(x, target, classes(call, smoothing), reduction);
    }
}
