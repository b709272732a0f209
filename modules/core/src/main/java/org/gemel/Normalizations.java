package org.gemel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.gemel.op.Composite;
import org.gemel.op.Reduce;

/// The bodies of the normalisations of [Tensor].
final class Normalizations {
    private Normalizations() {}

    /// The sum over all dimensions but 1, as a vector: over the trailing ones first, which fuses
    /// with what makes them.
    static Tensor channelSum(Tensor x) {
        int channels = x.shape().dim(1);
        return overChannels(x).reshape(channels);
    }

    // [1, c, 1, ..]
    private static Tensor overChannels(Tensor x) {
        return sum(x.shape().rank() > 2 ? sum(x, from(x, 2)) : x, List.of(0));
    }

    private static Tensor sum(Tensor x, List<Integer> axes) {
        return x.reduce(new Reduce(Reduce.Kind.SUM, axes));
    }

    private static List<Integer> from(Tensor x, int axis) {
        return IntStream.range(axis, x.shape().rank()).boxed().toList();
    }

    private static Tensor mean(Tensor x, List<Integer> axes) {
        double count = axes.stream().mapToLong(a -> x.shape().dim(a)).reduce(1, (a, b) -> a * b);
        return sum(x, axes).div(count);
    }

    /// Inputs of a composite that may be absent, and where they are.
    private static final class Inputs {
        final List<Tensor> all = new ArrayList<>();
        final List<Boolean> present = new ArrayList<>();

        Inputs(Tensor x) {
            all.add(x);
        }

        // The place among the inputs, or -1.
        int add(Optional<Tensor> input) {
            present.add(input.isPresent());
            input.ifPresent(all::add);
            return input.isPresent() ? all.size() - 1 : -1;
        }
    }

    private static List<Tensor> apply(
            String name, Inputs inputs, List<?> attributes, UnaryOperator<List<Tensor>> body) {
        return Tensor.apply(Composite.of(name, attributes(inputs, attributes), body), inputs.all);
    }

    private static List<?> attributes(Inputs inputs, List<?> own) {
        List<Object> all = new ArrayList<>(own);
        all.addAll(inputs.present);
        return all;
    }

    private static Tensor scaled(Tensor y, List<Tensor> in, int weight, int bias, Shape along) {
        Tensor z = weight < 0 ? y : y.mul(in.get(weight).reshape(along));
        return bias < 0 ? z : z.add(in.get(bias).reshape(along));
    }

    private static Shape alongChannels(Tensor x) {
        return Shape.along(x.shape().rank(), 1, x.shape().dim(1));
    }

    private static void vector(String name, String what, Tensor x, Optional<Tensor> vector) {
        TensorType expected = new TensorType(x.dtype(), Shape.of(x.shape().dim(1)));
        if (vector.isPresent() && !vector.get().type().equals(expected)) {
            throw new TypeException(
                    "%s: expects a %s %s, one for each channel of %s, but got %s; reshape or convert"
                                    .formatted(name, what, expected, x.type(), vector.get().type())
                            + " it");
        }
    }

    private static void floating(String name, Tensor x, int rank, String form) {
        if (!x.dtype().isFloating() || x.shape().rank() < rank) {
            throw new TypeException(
                    "%s: expects a floating-point type of %s, but got %s; reshape or convert it"
                            .formatted(name, form, x.type()));
        }
    }

    static Tensor batchEval(
            Tensor x,
            Tensor mean,
            Tensor variance,
            Optional<Tensor> weight,
            Optional<Tensor> bias,
            double eps) {
        floating("batchNorm", x, 2, "[n, channels, ..]");
        vector("batchNorm", "running mean", x, Optional.of(mean));
        vector("batchNorm", "running variance", x, Optional.of(variance));
        vector("batchNorm", "weight", x, weight);
        vector("batchNorm", "bias", x, bias);
        Inputs inputs = new Inputs(x);
        inputs.add(Optional.of(mean));
        inputs.add(Optional.of(variance));
        int w = inputs.add(weight);
        int b = inputs.add(bias);
        Shape along = alongChannels(x);
        return apply(
                        "batch_norm_eval",
                        inputs,
                        List.of(eps),
                        in -> {
                            Tensor scale = in.get(2).add(eps).sqrt().reciprocal();
                            Tensor y =
                                    in.getFirst()
                                            .sub(in.get(1).reshape(along))
                                            .mul(scale.reshape(along));
                            return List.of(scaled(y, in, w, b, along));
                        })
                .getFirst();
    }

    static Tensor.BatchNorm batchTrain(
            Tensor x, Optional<Tensor> weight, Optional<Tensor> bias, double eps) {
        floating("batchNorm", x, 2, "[n, channels, ..]");
        vector("batchNorm", "weight", x, weight);
        vector("batchNorm", "bias", x, bias);
        long count = x.shape().dim(1) == 0 ? 0 : x.size() / x.shape().dim(1);
        if (count == 1) {
            throw new TypeException(
                    "batchNorm: expects more than one value for each channel in training, but got %s;"
                                    .formatted(x.type())
                            + " use a larger batch");
        }
        Inputs inputs = new Inputs(x);
        int w = inputs.add(weight);
        int b = inputs.add(bias);
        Shape along = alongChannels(x);
        List<Tensor> all =
                apply(
                        "batch_norm",
                        inputs,
                        List.of(eps),
                        in -> {
                            Tensor mean = overChannels(in.getFirst()).div((double) count);
                            Tensor away = in.getFirst().sub(mean);
                            Tensor variance = overChannels(away.square()).div((double) count);
                            Tensor y = away.mul(variance.add(eps).sqrt().reciprocal());
                            int channels = along.dim(1);
                            return List.of(
                                    scaled(y, in, w, b, along),
                                    mean.reshape(channels),
                                    variance.reshape(channels));
                        });
        return new Tensor.BatchNorm(all.get(0), all.get(1), all.get(2), count);
    }

    static Tensor group(
            String name,
            Tensor x,
            int groups,
            Optional<Tensor> weight,
            Optional<Tensor> bias,
            double eps) {
        floating(name, x, 2, "[n, channels, ..]");
        vector(name, "weight", x, weight);
        vector(name, "bias", x, bias);
        int channels = x.shape().dim(1);
        if (groups < 1 || channels % groups != 0) {
            throw new TypeException(
                    "%s: expects groups that divide the %d channels, but got %d groups of %s; change"
                                    .formatted(name, channels, groups, x.type())
                            + " the number of groups");
        }
        Inputs inputs = new Inputs(x);
        int w = inputs.add(weight);
        int b = inputs.add(bias);
        Shape along = alongChannels(x);
        Shape shape = x.shape();
        int each = Math.toIntExact(shape.size() == 0 ? 0 : shape.size() / shape.dim(0) / groups);
        return apply(
                        "group_norm",
                        inputs,
                        List.of(groups, eps),
                        in -> {
                            Tensor rows = in.getFirst().reshape(shape.dim(0), groups, each);
                            Tensor y = Rows.of(rows, 1, eps).unit().reshape(shape);
                            return List.of(scaled(y, in, w, b, along));
                        })
                .getFirst();
    }

    private static void trailing(
            String name, String what, Tensor x, int count, Optional<Tensor> tensor) {
        TensorType expected =
                x.type()
                        .with(
                                Shape.of(
                                        Convolutions.last(x.shape(), count).stream()
                                                .mapToInt(Integer::intValue)
                                                .toArray()));
        if (tensor.isPresent() && !tensor.get().type().equals(expected)) {
            throw new TypeException(
                    "%s: expects a %s %s like the last dimensions of %s, but got %s; reshape or"
                                    .formatted(name, what, expected, x.type(), tensor.get().type())
                            + " convert it");
        }
    }

    static Tensor layer(
            Tensor x, int count, Optional<Tensor> weight, Optional<Tensor> bias, double eps) {
        floating("layerNorm", x, Math.max(1, count), "at least %d dimensions".formatted(count));
        trailing("layerNorm", "weight", x, count, weight);
        trailing("layerNorm", "bias", x, count, bias);
        Inputs inputs = new Inputs(x);
        int w = inputs.add(weight);
        int b = inputs.add(bias);
        Composite op =
                Composite.of(
                        "layer_norm",
                        attributes(inputs, List.of(count, eps)),
                        in -> {
                            Tensor y = Rows.of(in.getFirst(), count, eps).unit();
                            Tensor z = w < 0 ? y : y.mul(in.get(w));
                            return List.of(b < 0 ? z : z.add(in.get(b)));
                        },
                        p -> {
                            if (p.needs(0) || (w >= 0 && p.needs(w))) {
                                Rows rows = Rows.of(p.x(0), count, eps);
                                Tensor unit = rows.unit();
                                p.give(0, () -> rows.pull(w < 0 ? p.g() : p.g().mul(p.x(w))));
                                if (w >= 0) {
                                    p.give(w, () -> p.g().mul(unit));
                                }
                            }
                            if (b >= 0) {
                                p.give(b, p::g);
                            }
                        });
        return Tensor.apply(op, inputs.all).getFirst();
    }

    /// Runs over the dimensions `axes`, each brought to mean 0 and variance 1.
    ///
    /// @param unit the result
    /// @param scale what the distance from the mean was multiplied with
    private record Rows(List<Integer> axes, Tensor unit, Tensor scale) {
        static Rows of(Tensor x, int count, double eps) {
            List<Integer> axes = from(x, x.shape().rank() - count);
            Tensor away = x.sub(mean(x, axes));
            Tensor scale = mean(away.square(), axes).add(eps).sqrt().reciprocal();
            return new Rows(axes, away.mul(scale), scale);
        }

        /// The cotangent of what was normalised for that of the result: what is left of `g` without
        /// its parts along 1 and along the result, scaled (Ba et al., 2016, with both derivatives
        /// carried out).
        Tensor pull(Tensor g) {
            Tensor along = mean(g.mul(unit), axes);
            return g.sub(mean(g, axes)).sub(unit.mul(along)).mul(scale);
        }
    }

    static Tensor rootMeanSquare(Tensor x, int count, Optional<Tensor> weight, double eps) {
        floating("rmsNorm", x, Math.max(1, count), "at least %d dimensions".formatted(count));
        trailing("rmsNorm", "weight", x, count, weight);
        Inputs inputs = new Inputs(x);
        int w = inputs.add(weight);
        return apply(
                        "rms_norm",
                        inputs,
                        List.of(count, eps),
                        in -> {
                            Tensor rows = in.getFirst();
                            List<Integer> axes = from(rows, rows.shape().rank() - count);
                            Tensor power = mean(rows.square(), axes);
                            Tensor y = rows.mul(power.add(eps).sqrt().reciprocal());
                            return List.of(w < 0 ? y : y.mul(in.get(w)));
                        })
                .getFirst();
    }

    /// Krizhevsky, Sutskever and Hinton, 2012, section 3.3, with the sum divided by the size.
    static Tensor localResponse(Tensor x, int size, double alpha, double beta, double k) {
        floating("localResponseNorm", x, 3, "[n, channels, ..]");
        if (size < 1) {
            throw new TypeException(
                    "localResponseNorm: expects a size of at least 1, but got %d; it is the number of"
                                    .formatted(size)
                            + " channels that share");
        }
        Shape shape = x.shape();
        return apply(
                        "local_response_norm",
                        new Inputs(x),
                        List.of(size, alpha, beta, k),
                        in ->
                                List.of(
                                        in.getFirst()
                                                .div(
                                                        response(in.getFirst(), shape, size)
                                                                .mul(alpha)
                                                                .add(k)
                                                                .pow(beta))))
                .getFirst();
    }

    // The mean square over neighbouring channels; those beyond the ends count as zeros.
    private static Tensor response(Tensor x, Shape shape, int size) {
        int rank = shape.rank();
        int[] before = new int[rank];
        int[] after = new int[rank];
        before[1] = size / 2;
        after[1] = (size - 1) / 2;
        Tensor padded = x.square().padded(org.gemel.op.Pad.around(shape, before, after));
        Tensor sum = padded.slice(1, 0, shape.dim(1), 1);
        for (int i = 1; i < size; i++) {
            sum = sum.add(padded.slice(1, i, i + shape.dim(1), 1));
        }
        return sum.div(size);
    }
}
