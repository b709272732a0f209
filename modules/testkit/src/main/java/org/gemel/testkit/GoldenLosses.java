package org.gemel.testkit;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.testkit.GoldenOps.Table;

/// Golden loss functions.
final class GoldenLosses {
    private GoldenLosses() {}

    static void fill(Table ops) {
        loss(ops, "mse_loss", c -> difference(c).square());
        loss(ops, "l1_loss", c -> difference(c).abs());
        loss(ops, "huber_loss", GoldenLosses::huber);
        loss(ops, "smooth_l1_loss", GoldenLosses::smoothL1);
        loss(ops, "bce_loss", GoldenLosses::binaryCrossEntropy);
        loss(ops, "bce_with_logits", GoldenLosses::binaryCrossEntropyWithLogits);
        loss(ops, "hinge_embedding_loss", GoldenLosses::hinge);
        loss(ops, "margin_ranking_loss", GoldenLosses::ranking);
        loss(ops, "cosine_embedding_loss", GoldenLosses::cosineEmbedding);
        loss(ops, "triplet_margin_loss", GoldenLosses::triplet);
        loss(ops, "poisson_nll_loss", GoldenLosses::poisson);
        loss(ops, "gaussian_nll_loss", GoldenLosses::gaussian);
        ops.put("kl_div", GoldenLosses::divergence);
        ops.put("cross_entropy", GoldenLosses::crossEntropy);
        ops.put("nll_loss", c -> likelihood(c, c.in("x"), 0));
        ops.put("cosine_similarity", GoldenLosses::cosineSimilarity);
    }

    // A loss for each element, and what the case makes of them.
    private static void loss(Table ops, String name, Function<Call, Tensor> each) {
        ops.put(
                name,
                c ->
                        switch (c.oneOf("reduction", "mean", "sum", "none")) {
                            case "mean" -> each.apply(c).mean();
                            case "sum" -> each.apply(c).sum();
                            default -> each.apply(c);
                        });
    }

    private static Tensor difference(Call call) {
        return call.in("x").sub(call.in("target"));
    }

    private static Tensor huber(Call call) {
        double delta = call.number("delta", 1);
        Tensor d = difference(call);
        Tensor near = d.square().mul(0.5);
        Tensor far = d.abs().sub(0.5 * delta).mul(delta);
        return Tensor.where(d.abs().le(d.zerosLike().add(delta)), near, far);
    }

    private static Tensor smoothL1(Call call) {
        double beta = call.number("beta", 1);
        Tensor d = difference(call);
        Tensor near = d.square().mul(0.5).div(beta);
        return Tensor.where(d.abs().lt(beta), near, d.abs().sub(0.5 * beta));
    }

    private static Tensor weighted(Call call, Tensor loss) {
        return call.optional("weight").map(loss::mul).orElse(loss);
    }

    private static Tensor binaryCrossEntropy(Call call) {
        Tensor x = call.in("x");
        Tensor t = call.in("target");
        Tensor floor = x.zerosLike().sub(100);
        Tensor yes = x.log().maximum(floor).mul(t);
        Tensor no = x.neg().log1p().maximum(floor).mul(t.rsub(1));
        return weighted(call, yes.add(no).neg());
    }

    static Tensor logitsLoss(Tensor x, Tensor t) {
        return x.mul(t.rsub(1)).add(x.neg().softplus());
    }

    private static Tensor binaryCrossEntropyWithLogits(Call call) {
        Tensor x = call.in("x");
        Tensor t = call.in("target");
        Optional<Tensor> positive = call.optional("pos_weight");
        if (positive.isEmpty()) {
            return weighted(call, logitsLoss(x, t));
        }
        Tensor scale = positive.get().sub(1).mul(t).add(1);
        return weighted(call, x.mul(t.rsub(1)).add(scale.mul(x.neg().softplus())));
    }

    private static Tensor hinge(Call call) {
        Tensor x = call.in("x");
        Tensor far = x.rsub(call.number("margin", 1)).relu();
        return Tensor.where(call.in("target").gt(0), x, far);
    }

    private static Tensor ranking(Call call) {
        Tensor gap = call.in("a").sub(call.in("b")).mul(call.in("target")).neg();
        return gap.add(call.number("margin", 0)).relu();
    }

    private static Tensor cosine(Tensor a, Tensor b, int dim, double floor) {
        Tensor product = a.square().sum(dim).mul(b.square().sum(dim)).sqrt();
        return a.mul(b).sum(dim).div(product.maximum(product.zerosLike().add(floor)));
    }

    private static Tensor cosineSimilarity(Call call) {
        int dim = call.integer("dim", 1);
        return cosine(call.in("a"), call.in("b"), dim, call.number("eps", 1e-8));
    }

    private static Tensor cosineEmbedding(Call call) {
        Tensor similarity = cosine(call.in("a"), call.in("b"), -1, 1e-8);
        Tensor apart = similarity.sub(call.number("margin", 0)).relu();
        return Tensor.where(call.in("target").gt(0), similarity.rsub(1), apart);
    }

    private static Tensor triplet(Call call) {
        if (call.number("p", 2) != 2) {
            throw new Unsupported("attribute p other than 2");
        }
        double eps = call.number("eps", 1e-6);
        Tensor a = call.in("a");
        Tensor near = a.sub(call.in("p")).add(eps).square().sum(-1).sqrt();
        Tensor far = a.sub(call.in("n")).add(eps).square().sum(-1).sqrt();
        return near.sub(far).add(call.number("margin", 1)).relu();
    }

    private static Tensor poisson(Call call) {
        Tensor x = call.in("x");
        if (!call.word("log_input", "true").equals("true")) {
            throw new Unsupported("attribute log_input = false");
        }
        return x.exp().sub(call.in("target").mul(x));
    }

    private static Tensor gaussian(Call call) {
        Tensor variance = call.in("var");
        Tensor floor = variance.zerosLike().add(call.number("eps", 1e-6));
        Tensor safe = variance.maximum(floor);
        return safe.log().add(difference(call).square().div(safe)).mul(0.5);
    }

    private static Tensor divergence(Call call) {
        Tensor x = call.in("x");
        Tensor t = call.in("target");
        Tensor each;
        if (call.flag("log_target")) {
            each = t.exp().mul(t.sub(x));
        } else {
            Tensor positive = t.gt(0);
            Tensor log = Tensor.where(positive, t, t.onesLike()).log();
            each = t.mul(log).sub(t.mul(x));
        }
        return switch (call.oneOf("reduction", "mean", "sum", "none", "batchmean")) {
            case "mean" -> each.mean();
            case "sum" -> each.sum();
            case "batchmean" -> each.sum().div(x.shape().dim(0));
            default -> each;
        };
    }

    private static Tensor crossEntropy(Call call) {
        Tensor x = call.in("x");
        double smoothing = call.number("label_smoothing", 0);
        if (call.word("target", "").equals("probabilities")) {
            return probabilities(call, x, smoothing);
        }
        boolean plain =
                x.shape().rank() == 2
                        && smoothing == 0
                        && call.optional("weight").isEmpty()
                        && !call.has("ignore_index")
                        && call.word("reduction", "mean").equals("mean");
        return plain
                ? x.crossEntropy(call.in("target"))
                : likelihood(call, x.logSoftmax(1), smoothing);
    }

    private static Tensor probabilities(Call call, Tensor x, double smoothing) {
        Tensor target = call.in("target");
        if (smoothing != 0 || call.optional("weight").isPresent()) {
            throw new Unsupported("probabilities with weights or smoothing");
        }
        Tensor each = x.logSoftmax(1).mul(target).sum(1).neg();
        return switch (call.oneOf("reduction", "mean", "sum", "none")) {
            case "mean" ->
                    x.shape().rank() == 2
                            ? x.crossEntropy(target)
                            : each.sum().div((double) each.size());
            case "sum" -> each.sum();
            default -> each;
        };
    }

    // The negative log likelihood of class indices; classes lie along dimension 1.
    private static Tensor likelihood(Call call, Tensor logs, double smoothing) {
        Tensor target = call.in("target");
        int classes = logs.shape().dim(1);
        int[] along = new int[logs.shape().rank()];
        Arrays.fill(along, 1);
        along[1] = classes;
        Shape line = Shape.of(along);
        Tensor hit = target.unsqueeze(1).eq(Tensor.arange(classes, DType.I64).reshape(line));
        Tensor ones = logs.detach().onesLike();
        Tensor weights = call.optional("weight").map(w -> ones.mul(w.reshape(line))).orElse(ones);
        Tensor used = Tensor.where(hit, weights, weights.zerosLike());
        Tensor valid = target.eq(target);
        if (call.has("ignore_index")) {
            valid = target.ne(Tensor.full(target.type(), call.number("ignore_index")));
            used = Tensor.where(valid.unsqueeze(1), used, used.zerosLike());
        }
        Tensor each = Tensor.where(used.ne(used.zerosLike()), logs.mul(used), used.zerosLike());
        Tensor loss = each.sum(1).neg();
        if (smoothing != 0) {
            Tensor spread = logs.mul(weights).sum(1).neg().mul(smoothing / classes);
            Tensor smooth = Tensor.where(valid, spread, spread.zerosLike());
            loss = loss.mul(1 - smoothing).add(smooth);
        }
        return switch (call.oneOf("reduction", "mean", "sum", "none")) {
            case "mean" -> loss.sum().div(used.sum());
            case "sum" -> loss.sum();
            default -> loss;
        };
    }
}
