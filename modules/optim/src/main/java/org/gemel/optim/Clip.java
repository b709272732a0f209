package org.gemel.optim;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gemel.Gemel;
import org.gemel.GemelException;
import org.gemel.Parameter;
import org.gemel.Scope;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.op.Composite;

/// Keeps gradients small between `backward()` and `step()`. A parameter without a gradient is left
/// alone.
public final class Clip {
    // PyTorch's: keeps the divisor from zero.
    private static final double LEAST = 1e-6;

    private Clip() {}

    /// Moves every element of the gradients into `-limit .. limit`.
    public static void byValue(List<Parameter> parameters, double limit) {
        checked("limit", limit);
        Composite clip =
                Composite.opaque(
                        "clip_value",
                        List.of(limit),
                        in -> {
                            Tensor g = in.getFirst();
                            Tensor bound = Tensor.full(g.type().with(Shape.SCALAR), limit);
                            return List.of(g.minimum(bound).maximum(bound.neg()));
                        });
        Gemel.noGrad(() ->
                Scope.discarding(() -> {
                    for (Parameter parameter : parameters) {
                        Optional<Tensor> gradient = parameter.gradient();
                        gradient.ifPresent(g ->
                                parameter.assignGrad(Tensor.apply(clip, List.of(g)).getFirst()));
                    }
                }));
    }

    /// Scales all gradients together so that their Euclidean norm is at most `limit`; returns what
    /// it was, in the dtype of the first one.
    public static Tensor byNorm(List<Parameter> parameters, double limit) {
        return byNorm(parameters, limit, 2);
    }

    /// Scales all gradients together so that their norm of order `p` is at most `limit`; returns
    /// what it was, in the dtype of the first one.
    ///
    /// As in PyTorch, the norm is that of the gradients' norms, and the factor is `min(1, limit /
    /// (norm + 1e-6))`.
    ///
    /// @param p the order, above 0; infinity for the largest element
    public static Tensor byNorm(List<Parameter> parameters, double limit, double p) {
        checked("limit", limit);
        if (!(p > 0)) {
            throw new GemelException(
                    "clip: expects a norm of an order above 0, but got %s; 2 is usual"
                            .formatted(p));
        }
        return Gemel.noGrad(() -> Scope.keeping(() -> scaled(parameters, limit, p)));
    }

    private static Tensor scaled(List<Parameter> parameters, double limit, double p) {
        Composite one =
                Composite.opaque("clip_norm", List.of(p), in -> List.of(norm(in.getFirst(), p)));
        Composite all =
                Composite.opaque(
                        "clip_scale",
                        List.of(p, limit),
                        in -> {
                            Tensor total = norm(Tensor.concat(in, 0), p);
                            Tensor most = total.onesLike();
                            Tensor scale = total.add(LEAST).reciprocal().mul(limit);
                            return List.of(total, scale.minimum(most));
                        });
        List<Parameter> present = new ArrayList<>();
        List<Tensor> gradients = new ArrayList<>();
        List<Tensor> norms = new ArrayList<>();
        for (Parameter parameter : parameters) {
            Optional<Tensor> gradient = parameter.gradient();
            if (gradient.isPresent()) {
                Tensor g = gradient.get();
                present.add(parameter);
                gradients.add(g);
                Tensor norm = Tensor.apply(one, List.of(g)).getFirst().reshape(1);
                norms.add(norms.isEmpty() ? norm : norm.to(norms.getFirst().dtype()));
            }
        }
        if (present.isEmpty()) {
            return Gemel.scalar(0);
        }
        List<Tensor> found = Tensor.apply(all, norms);
        for (int i = 0; i < present.size(); i++) {
            Tensor g = gradients.get(i);
            present.get(i).assignGrad(g.mul(found.getLast().to(g.dtype())));
        }
        return found.getFirst();
    }

    private static Tensor norm(Tensor x, double p) {
        if (p == Double.POSITIVE_INFINITY) {
            return x.abs().amax();
        }
        return p == 2 ? x.square().sum().sqrt() : x.abs().pow(p).sum().pow(1 / p);
    }

    private static void checked(String what, double value) {
        if (!(value >= 0)) {
            throw new GemelException(
                    "clip: expects a %s of at least 0, but got %s; 1 is usual"
                            .formatted(what, value));
        }
    }
}
