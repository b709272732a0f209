package org.gemel.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TypeException;
import org.gemel.op.CheckIndex;
import org.gemel.op.Composite;

/// Loss functions of classes. The formulas are PyTorch's.
public final class ClassLosses {
    private ClassLosses() {}

    /// How classes are compared.
    ///
    /// @param weight a factor for each class, if any
    /// @param ignored a label that counts for nothing
    /// @param smoothing how much of each target is spread over all classes
    public record Settings(Optional<Tensor> weight, long ignored, double smoothing) {
        /// No weights, label -100 ignored, no smoothing.
        public static final Settings USUAL = new Settings(Optional.empty(), -100, 0);
    }

    /// The cross entropy of logits with labels or probabilities.
    ///
    /// The mean over labels divides by the sum of their classes' weights, that over probabilities
    /// by the number of places.
    ///
    /// @param x f32 or f64 `[n, classes, ..]` or `[classes]`
    /// @param target i64 without the dimension of the classes, or probabilities as `x`
    public static Tensor crossEntropy(
            Tensor x, Tensor target, Settings settings, Reduction reduction) {
        if (x.shape().rank() == 1) {
            Tensor loss = crossEntropy(x.unsqueeze(0), target.unsqueeze(0), settings, reduction);
            return reduction == Reduction.NONE ? loss.squeeze(0) : loss;
        }
        if (target.dtype() == DType.I64) {
            return labels("crossEntropy", x, target, settings, true, reduction);
        }
        if (!target.type().equals(x.type())) {
            throw misfit("crossEntropy", x, target, " or probabilities " + x.type());
        }
        Tensor smooth =
                settings.smoothing() == 0
                        ? target
                        : target.mul(1 - settings.smoothing())
                                .add(settings.smoothing() / x.shape().dim(1));
        List<Tensor> inputs = new ArrayList<>(List.of(x, smooth));
        settings.weight().ifPresent(inputs::add);
        Tensor each =
                Losses.each(
                        "cross_entropy_of_probabilities",
                        List.of(inputs.size()),
                        in -> {
                            Tensor loss = in.get(0).logSoftmax(1).mul(in.get(1));
                            Tensor scaled =
                                    in.size() == 2 ? loss : loss.mul(along(in.get(2), loss));
                            return List.of(scaled.sum(1).neg());
                        },
                        inputs.toArray(Tensor[]::new));
        return reduction.of(each);
    }

    /// The negative logarithm of the probability of each label; smoothing does not apply.
    ///
    /// @param x logarithms of probabilities, f32 or f64 `[n, classes, ..]` or `[classes]`
    /// @param target i64 without the dimension of the classes
    public static Tensor negativeLogLikelihood(
            Tensor x, Tensor target, Settings settings, Reduction reduction) {
        if (x.shape().rank() == 1) {
            Tensor loss =
                    negativeLogLikelihood(x.unsqueeze(0), target.unsqueeze(0), settings, reduction);
            return reduction == Reduction.NONE ? loss.squeeze(0) : loss;
        }
        Settings sharp = new Settings(settings.weight(), settings.ignored(), 0);
        return labels("negativeLogLikelihood", x, target, sharp, false, reduction);
    }

    private static Tensor labels(
            String name,
            Tensor x,
            Tensor target,
            Settings settings,
            boolean logits,
            Reduction reduction) {
        Shape places = places(name, x, target);
        int classes = x.shape().dim(1);
        Tensor ignored = Tensor.full(target.type().with(Shape.SCALAR), (double) settings.ignored());
        Tensor counted = target.ne(ignored);
        Tensor inside = Tensor.where(counted, target, target.zerosLike());
        Tensor checked = Tensor.apply(new CheckIndex(classes, name), List.of(inside)).getFirst();
        List<Tensor> inputs =
                new ArrayList<>(List.of(x, checked.reshape(places), counted.reshape(places)));
        settings.weight().ifPresent(inputs::add);
        double smoothing = settings.smoothing();
        Composite each =
                Composite.of(
                        "likelihood",
                        List.of(logits, smoothing, inputs.size()),
                        in ->
                                likelihood(
                                        logits ? in.get(0).logSoftmax(1) : in.get(0),
                                        smoothing,
                                        in));
        List<Tensor> found = Tensor.apply(each, inputs);
        return reduction == Reduction.MEAN
                ? found.get(0).sum().div(found.get(1).sum())
                : reduction.of(found.get(0));
    }

    // The loss of each place, and the weight of its label.
    private static List<Tensor> likelihood(Tensor logs, double smoothing, List<Tensor> in) {
        int classes = logs.shape().dim(1);
        Tensor numbers = Tensor.arange(classes, DType.I64);
        Tensor hit = along(numbers, logs).eq(in.get(1)).and(in.get(2));
        Tensor zeros = logs.detach().zerosLike();
        Tensor weights =
                in.size() == 3 ? zeros.add(1) : along(in.get(3), logs).expand(logs.shape());
        Tensor used = Tensor.where(hit, weights, zeros);
        Tensor picked = Tensor.where(hit, logs.mul(weights), zeros).sum(1).neg();
        Tensor loss = picked;
        if (smoothing != 0) {
            Tensor spread = Tensor.where(in.get(2), logs.mul(weights), zeros).sum(1).neg();
            loss = picked.mul(1 - smoothing).add(spread.mul(smoothing / classes));
        }
        return List.of(loss, used.sum(1));
    }

    // A vector of the classes along dimension 1.
    private static Tensor along(Tensor vector, Tensor like) {
        int classes = Math.toIntExact(vector.size());
        return vector.reshape(Shape.along(like.shape().rank(), 1, classes));
    }

    // The shape of the labels with a dimension of size 1 for the classes.
    private static Shape places(String name, Tensor x, Tensor target) {
        boolean fits = x.dtype().isFloating() && x.shape().rank() >= 2;
        Shape places = fits ? x.shape().with(1, 1) : x.shape();
        if (!fits
                || target.dtype() != DType.I64
                || target.shape().rank() != x.shape().rank() - 1
                || !target.unsqueeze(1).shape().equals(places)) {
            throw misfit(name, x, target, "");
        }
        return places;
    }

    private static TypeException misfit(String name, Tensor x, Tensor target, String or) {
        return new TypeException(
                "%s: expects values [n, classes, ..] and labels i64[n, ..]%s, but got %s and %s;"
                                .formatted(name, or, x.type(), target.type())
                        + " reshape or convert the targets");
    }

    /// `w[t] max(0, margin - x[t] + x[j])^p`, summed over the classes `j` other than the label `t`
    /// and divided by the number of classes.
    ///
    /// @param x f32 or f64 `[n, classes]`
    /// @param target i64 `[n]`
    /// @param p 1 or 2
    /// @param weight a factor for each class, if any
    public static Tensor multiMargin(
            Tensor x,
            Tensor target,
            int p,
            double margin,
            Optional<Tensor> weight,
            Reduction reduction) {
        Shape places = places("multiMargin", x, target);
        Tensor checked =
                Tensor.apply(new CheckIndex(x.shape().dim(1), "multiMargin"), List.of(target))
                        .getFirst();
        List<Tensor> inputs = new ArrayList<>(List.of(x, checked.reshape(places)));
        weight.ifPresent(inputs::add);
        return reduction.of(
                Losses.each(
                        "multi_margin_loss",
                        List.of(p, margin, inputs.size()),
                        in -> {
                            Tensor all = in.get(0);
                            int classes = all.shape().dim(1);
                            Tensor numbers = along(Tensor.arange(classes, DType.I64), all);
                            Tensor hit = numbers.eq(in.get(1));
                            Tensor own = picked(hit, all);
                            Tensor gap = all.sub(own).add(margin).relu();
                            Tensor powered = p == 1 ? gap : gap.square();
                            Tensor scaled =
                                    in.size() == 2
                                            ? powered
                                            : powered.mul(
                                                    picked(
                                                            hit,
                                                            along(in.get(2), all)
                                                                    .expand(all.shape())));
                            Tensor others = Tensor.where(hit, scaled.zerosLike(), scaled);
                            return List.of(others.sum(1).div(classes));
                        },
                        inputs.toArray(Tensor[]::new)));
    }

    // The element of each row where `hit` is true, as a column.
    private static Tensor picked(Tensor hit, Tensor x) {
        return Tensor.where(hit, x, x.zerosLike()).sum(1).unsqueeze(1);
    }

    /// The negative logarithm of the probability that a sequence of classes, without its
    /// repetitions and then without its blanks, is a row of labels (connectionist temporal
    /// classification; Graves et al., 2006). The mean divides each by the number of its labels
    /// first.
    ///
    /// The derivative is that of this formula; PyTorch's adds `e^x`, which a logarithm of a softmax
    /// before it takes away again.
    ///
    /// @param x logarithms of probabilities, f32 or f64 `[steps, n, classes]`
    /// @param target i64 `[n, most]`; what stands behind the last label of a row is not read
    /// @param steps how many steps of each example count, i64 `[n]`
    /// @param lengths how many labels each row has, i64 `[n]`
    /// @param blank the class that is no label
    /// @param zeroInfinity whether rows that cannot be read count as 0, rather than infinity; their
    ///   derivative is 0
    public static Tensor ctc(
            Tensor x,
            Tensor target,
            Tensor steps,
            Tensor lengths,
            int blank,
            boolean zeroInfinity,
            Reduction reduction) {
        Tensor each = Alignments.likelihood(x, target, steps, lengths, blank);
        Tensor loss = zeroInfinity ? Tensor.where(each.isInf(), each.zerosLike(), each) : each;
        return reduction == Reduction.MEAN
                ? loss.div(lengths.maximum(lengths.onesLike()).to(loss.dtype())).mean()
                : reduction.of(loss);
    }

    /// `max(0, 1 - x[t] + x[j])`, summed over the labels `t` and the classes `j` that are none, and
    /// divided by the number of classes.
    ///
    /// @param x f32 or f64 `[n, classes]`
    /// @param target i64 `[n, classes]`: each row's labels, ended by -1
    public static Tensor multiLabelMargin(Tensor x, Tensor target, Reduction reduction) {
        boolean fits = x.dtype().isFloating() && x.shape().rank() == 2;
        if (!fits || target.dtype() != DType.I64 || !target.shape().equals(x.shape())) {
            throw new TypeException(
                    "multiLabelMargin: expects values [n, classes] and labels i64[n, classes], but"
                            + " got %s and %s; end each row of labels by -1"
                                    .formatted(x.type(), target.type()));
        }
        Tensor end = target.lt(0);
        Tensor places =
                Tensor.apply(
                                new CheckIndex(x.shape().dim(1), "multiLabelMargin"),
                                List.of(Tensor.where(end, target.zerosLike(), target)))
                        .getFirst();
        Tensor checked = Tensor.where(end, target, places);
        return reduction.of(
                Losses.each(
                        "multilabel_margin_loss",
                        List.of(),
                        in -> List.of(labelMargins(in.get(0), in.get(1))),
                        x,
                        checked));
    }

    private static Tensor labelMargins(Tensor x, Tensor target) {
        int classes = x.shape().dim(1);
        Tensor numbers = Tensor.arange(classes, DType.I64);
        // [n, place, place]: whether a label ends the list at or before another place
        Tensor ends = target.lt(0).to(DType.I64).unsqueeze(1);
        Tensor before = numbers.unsqueeze(0).le(numbers.unsqueeze(1)).to(DType.I64);
        Tensor valid = ends.mul(before).sum(2).eq(0);
        // [n, place, class]: whether the class is the label at the place
        Tensor hit = target.unsqueeze(2).eq(numbers).and(valid.unsqueeze(2));
        Tensor wide = x.unsqueeze(1).expand(hit.shape());
        Tensor own = Tensor.where(hit, wide, wide.zerosLike()).sum(2).unsqueeze(2);
        Tensor isLabel = hit.to(DType.I64).sum(1).gt(0).unsqueeze(1);
        Tensor counts = valid.unsqueeze(2).and(isLabel.not());
        Tensor gap = own.rsub(1).add(wide).relu();
        return Tensor.where(counts, gap, gap.zerosLike()).sum(1, 2).div(classes);
    }
}
