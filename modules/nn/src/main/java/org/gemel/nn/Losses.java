package org.gemel.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.op.Composite;
import org.gemel.op.Pullback;

/// Loss functions of predictions `x` and targets, element by element; those of classes are in
/// [ClassLosses], those of pairs of vectors in [VectorLosses].
///
/// Shapes: `x` and `target` broadcast. Dtype: f32 or f64. The formulas are PyTorch's.
public final class Losses {
    private Losses() {}

    /// One operation for the losses of all elements, whose derivative follows from the body.
    static Tensor each(
            String label, List<?> attributes, UnaryOperator<List<Tensor>> body, Tensor... inputs) {
        return Tensor.apply(Composite.of(label, attributes, body), List.of(inputs)).getFirst();
    }

    private static Tensor of(
            String label,
            List<?> attributes,
            Reduction reduction,
            UnaryOperator<List<Tensor>> body,
            Tensor... inputs) {
        return reduction.of(each(label, attributes, body, inputs));
    }

    static Tensor number(Tensor like, double value) {
        return Tensor.full(like.type().with(Shape.SCALAR), value);
    }

    /// `(x - t)^2`.
    public static Tensor meanSquare(Tensor x, Tensor target, Reduction reduction) {
        return of(
                "mse_loss",
                List.of(),
                reduction,
                in -> List.of(in.get(0).sub(in.get(1)).square()),
                x,
                target);
    }

    /// `|x - t|`.
    public static Tensor absolute(Tensor x, Tensor target, Reduction reduction) {
        return of(
                "l1_loss",
                List.of(),
                reduction,
                in -> List.of(in.get(0).sub(in.get(1)).abs()),
                x,
                target);
    }

    /// With `d = |x - t|`: `d^2 / 2` up to `delta`, then `delta (d - delta / 2)` (Huber, 1964).
    public static Tensor huber(Tensor x, Tensor target, double delta, Reduction reduction) {
        return of(
                "huber_loss",
                List.of(delta),
                reduction,
                in -> {
                    Tensor d = in.get(0).sub(in.get(1));
                    Tensor near = d.square().mul(0.5);
                    Tensor far = d.abs().sub(0.5 * delta).mul(delta);
                    return List.of(Tensor.where(d.abs().le(number(d, delta)), near, far));
                },
                x,
                target);
    }

    /// With `d = |x - t|`: `d^2 / (2 beta)` below `beta`, then `d - beta / 2`.
    public static Tensor smoothAbsolute(Tensor x, Tensor target, double beta, Reduction reduction) {
        if (beta == 0) {
            return absolute(x, target, reduction);
        }
        return of(
                "smooth_l1_loss",
                List.of(beta),
                reduction,
                in -> {
                    Tensor d = in.get(0).sub(in.get(1));
                    Tensor near = d.square().mul(0.5).div(beta);
                    return List.of(Tensor.where(d.abs().lt(beta), near, d.abs().sub(0.5 * beta)));
                },
                x,
                target);
    }

    /// `-w (t log x + (1 - t) log(1 - x))` of probabilities `x`, the logarithms at least -100; the
    /// derivative divides by `x (1 - x)`, or 1e-12 (the nearest f32, as in PyTorch) if that is
    /// less.
    ///
    /// @param weight a factor for each element, if any
    public static Tensor binaryCrossEntropy(
            Tensor x, Tensor target, Optional<Tensor> weight, Reduction reduction) {
        Consumer<Pullback> derivative =
                p -> {
                    p.give(
                            0,
                            () -> {
                                Tensor spread = p.x(0).mul(p.x(0).rsub(1));
                                Tensor safe = spread.maximum(number(spread, 1e-12f));
                                return p.g().mul(p.x(0).sub(p.x(1))).div(safe);
                            });
                    p.give(1, () -> p.g().mul(clamped(p.x(0).rsub(1)).sub(clamped(p.x(0)))));
                };
        Composite each =
                Composite.of(
                        "bce_loss",
                        List.of(),
                        in -> {
                            Tensor yes = clamped(in.get(0)).mul(in.get(1));
                            Tensor no = clamped(in.get(0).rsub(1)).mul(in.get(1).rsub(1));
                            return List.of(yes.add(no).neg());
                        },
                        derivative);
        Tensor loss = Tensor.apply(each, List.of(x, target)).getFirst();
        return reduction.of(weight.map(loss::mul).orElse(loss));
    }

    private static Tensor clamped(Tensor x) {
        Tensor log = x.log();
        return log.maximum(number(log, -100));
    }

    /// [#binaryCrossEntropy] of `sigmoid(x)`, without forming it.
    ///
    /// @param weight a factor for each element, if any
    /// @param positiveWeight how much more targets of 1 count, if they do
    public static Tensor binaryCrossEntropyWithLogits(
            Tensor x,
            Tensor target,
            Optional<Tensor> weight,
            Optional<Tensor> positiveWeight,
            Reduction reduction) {
        Tensor loss =
                positiveWeight
                        .map(positive ->
                                each(
                                        "bce_with_logits_weighted",
                                        List.of(),
                                        in -> {
                                            Tensor scale = in.get(2).sub(1).mul(in.get(1)).add(1);
                                            Tensor rest = in.get(0).neg().softplus().mul(scale);
                                            return List.of(
                                                    in.get(0).mul(in.get(1).rsub(1)).add(rest));
                                        },
                                        x,
                                        target,
                                        positive))
                        .orElseGet(() ->
                                each(
                                        "bce_with_logits",
                                        List.of(),
                                        in ->
                                                List.of(
                                                        in.get(0)
                                                                .mul(in.get(1).rsub(1))
                                                                .add(in.get(0).neg().softplus())),
                                        x,
                                        target));
        return reduction.of(weight.map(loss::mul).orElse(loss));
    }

    /// `t (log t - x)` of logarithms `x` of probabilities; a target of 0 adds nothing.
    ///
    /// @param logTarget whether targets are logarithms too
    public static Tensor divergence(
            Tensor x, Tensor target, boolean logTarget, Reduction reduction) {
        return of(
                "kl_div",
                List.of(logTarget),
                reduction,
                in -> {
                    Tensor t = in.get(1);
                    if (logTarget) {
                        return List.of(t.exp().mul(t.sub(in.get(0))));
                    }
                    Tensor log = Tensor.where(t.gt(0), t, t.onesLike()).log();
                    return List.of(t.mul(log).sub(t.mul(in.get(0))));
                },
                x,
                target);
    }

    /// How counts that follow Poisson's law are compared.
    ///
    /// @param logInput whether `x` is the logarithm of the rate
    /// @param full whether Stirling's approximation of `log t!` is added for `t > 1`
    /// @param epsilon what keeps the logarithm of a rate from zero
    public record Poisson(boolean logInput, boolean full, double epsilon) {
        /// Of logarithms, without the constant part.
        public static final Poisson USUAL = new Poisson(true, false, 1e-8);
    }

    /// `e^x - t x`, or `x - t log(x + epsilon)`.
    public static Tensor poisson(Tensor x, Tensor target, Poisson settings, Reduction reduction) {
        return of(
                "poisson_nll_loss",
                List.of(settings),
                reduction,
                in -> {
                    Tensor t = in.get(1);
                    Tensor loss =
                            settings.logInput()
                                    ? in.get(0).exp().sub(t.mul(in.get(0)))
                                    : in.get(0).sub(t.mul(in.get(0).add(settings.epsilon()).log()));
                    return List.of(settings.full() ? loss.add(stirling(t)) : loss);
                },
                x,
                target);
    }

    private static Tensor stirling(Tensor t) {
        Tensor many = t.gt(1);
        Tensor safe = Tensor.where(many, t, t.onesLike());
        Tensor log = safe.mul(safe.log()).sub(safe).add(safe.mul(2 * Math.PI).log().mul(0.5));
        return Tensor.where(many, log, t.zerosLike());
    }

    /// `(log v + (x - t)^2 / v) / 2` with the variance `v` raised to `epsilon`, which its
    /// derivative does not see.
    ///
    /// @param variance as `x`, or without the last dimension, or with size 1 there
    /// @param full whether `log(2 pi) / 2` is added
    public static Tensor gaussian(
            Tensor x,
            Tensor target,
            Tensor variance,
            boolean full,
            double epsilon,
            Reduction reduction) {
        boolean lacksLast = variance.shape().rank() == x.shape().rank() - 1;
        return of(
                "gaussian_nll_loss",
                List.of(full, epsilon),
                reduction,
                in -> {
                    Tensor v = in.get(2);
                    Tensor fixed = v.detach();
                    Tensor least = v.sub(fixed).add(epsilon);
                    Tensor safe = Tensor.where(fixed.lt(epsilon), least, v);
                    Tensor square = in.get(0).sub(in.get(1)).square();
                    Tensor loss = safe.log().add(square.div(safe)).mul(0.5);
                    return List.of(full ? loss.add(0.5 * Math.log(2 * Math.PI)) : loss);
                },
                x,
                target,
                lacksLast ? variance.unsqueeze(-1) : variance);
    }

    /// `x` for targets of 1, `max(0, margin - x)` for targets of -1.
    public static Tensor hingeEmbedding(
            Tensor x, Tensor target, double margin, Reduction reduction) {
        return of(
                "hinge_embedding_loss",
                List.of(margin),
                reduction,
                in -> {
                    Tensor far = in.get(0).rsub(margin).relu();
                    return List.of(Tensor.where(in.get(1).gt(0), in.get(0), far));
                },
                x,
                target);
    }

    /// `max(0, -t (a - b) + margin)` with targets of 1 or -1.
    public static Tensor marginRanking(
            Tensor a, Tensor b, Tensor target, double margin, Reduction reduction) {
        return of(
                "margin_ranking_loss",
                List.of(margin),
                reduction,
                in -> {
                    Tensor gap = in.get(0).sub(in.get(1)).mul(in.get(2)).neg();
                    return List.of(gap.add(margin).relu());
                },
                a,
                b,
                target);
    }

    /// `log(1 + e^(-t x))` with targets of 1 or -1.
    public static Tensor softMargin(Tensor x, Tensor target, Reduction reduction) {
        return of(
                "soft_margin_loss",
                List.of(),
                reduction,
                in -> List.of(in.get(0).mul(in.get(1)).neg().softplus()),
                x,
                target);
    }

    /// `-w (t log sigmoid(x) + (1 - t) log sigmoid(-x))`, its mean over the last dimension.
    ///
    /// @param weight a factor for each class, if any
    public static Tensor multiLabelSoftMargin(
            Tensor x, Tensor target, Optional<Tensor> weight, Reduction reduction) {
        List<Tensor> inputs = new ArrayList<>(List.of(x, target));
        weight.ifPresent(inputs::add);
        return of(
                "multilabel_soft_margin_loss",
                List.of(weight.isPresent()),
                reduction,
                in -> {
                    Tensor t = in.get(1);
                    Tensor yes = in.get(0).neg().softplus().mul(t);
                    Tensor no = in.get(0).softplus().mul(t.rsub(1));
                    Tensor loss = yes.add(no);
                    return List.of((weight.isPresent() ? loss.mul(in.get(2)) : loss).mean(-1));
                },
                inputs.toArray(Tensor[]::new));
    }
}
