package org.gemel.nn;

import java.util.List;
import org.gemel.Tensor;

/// Similarities, distances and losses of vectors. The formulas are PyTorch's.
public final class VectorLosses {
    private VectorLosses() {}

    /// The cosine of the angle of `a` and `b` along `axis`; norms count as at least `epsilon`.
    public static Tensor cosineSimilarity(Tensor a, Tensor b, int axis, double epsilon) {
        Tensor dot = normalize(a, 2, axis, epsilon).mul(normalize(b, 2, axis, epsilon));
        return dot.sum(axis);
    }

    /// `x / max(norm, epsilon)`, with the norm of order `p` along `axis`.
    public static Tensor normalize(Tensor x, double p, int axis, double epsilon) {
        int at = x.shape().axis(axis);
        Tensor norm = x.norm(p, at).unsqueeze(at);
        return x.div(norm.maximum(Losses.number(norm, epsilon)));
    }

    /// The norm of order `p` of `a - b + epsilon` along the last dimension.
    public static Tensor pairwiseDistance(Tensor a, Tensor b, double p, double epsilon) {
        return a.sub(b).add(epsilon).norm(p, -1);
    }

    /// `1 - cos` for targets of 1, `max(0, cos - margin)` for targets of -1, of vectors along the
    /// last dimension.
    public static Tensor cosineEmbedding(
            Tensor a, Tensor b, Tensor target, double margin, Reduction reduction) {
        return reduction.of(
                Losses.each(
                        "cosine_embedding_loss",
                        List.of(margin),
                        in -> {
                            Tensor dot = in.get(0).mul(in.get(1)).sum(-1);
                            Tensor left = in.get(0).square().sum(-1).add(1e-12);
                            Tensor right = in.get(1).square().sum(-1).add(1e-12);
                            Tensor cosine = dot.div(left.mul(right).sqrt());
                            Tensor apart = cosine.sub(margin).relu();
                            return List.of(Tensor.where(in.get(2).gt(0), cosine.rsub(1), apart));
                        },
                        a,
                        b,
                        target));
    }

    /// How an anchor is compared with a near and a far vector.
    ///
    /// @param margin how much farther the far one is to be
    /// @param p the order of the norm
    /// @param epsilon what is added to differences
    /// @param swap whether the far vector's distance from the near one counts if it is smaller
    public record Triplet(double margin, double p, double epsilon, boolean swap) {
        /// 1, 2, 1e-6, no.
        public static final Triplet USUAL = new Triplet(1, 2, 1e-6, false);
    }

    /// `max(0, |anchor - near| - |anchor - far| + margin)` of vectors along the last dimension.
    public static Tensor tripletMargin(
            Tensor anchor, Tensor near, Tensor far, Triplet settings, Reduction reduction) {
        double p = settings.p();
        double epsilon = settings.epsilon();
        Tensor small = pairwiseDistance(anchor, near, p, epsilon);
        Tensor large = pairwiseDistance(anchor, far, p, epsilon);
        Tensor least =
                settings.swap() ? large.minimum(pairwiseDistance(near, far, p, epsilon)) : large;
        return reduction.of(small.sub(least).add(settings.margin()).relu());
    }
}
