package org.gemel;

import java.util.ArrayList;
import java.util.List;
import org.gemel.op.Composite;
import org.gemel.op.Op;
import org.gemel.op.Reduce;

/// The named composites behind methods of [Tensor].
final class Composites {
    private static final Composite GELU =
            Composite.of(
                    "gelu",
                    List.of(),
                    in -> {
                        Tensor x = in.getFirst();
                        return List.of(x.mul(0.5).mul(x.mul(Math.sqrt(0.5)).erf().add(1)));
                    });

    private static final Composite SOFTPLUS =
            Composite.of(
                    "softplus",
                    List.of(),
                    in -> {
                        Tensor x = in.getFirst();
                        return List.of(x.relu().add(x.abs().neg().exp().log1p()));
                    },
                    p -> p.give(0, () -> p.g().mul(p.x(0).sigmoid())));

    private static final Composite SILU =
            Composite.of(
                    "silu", List.of(), in -> List.of(in.getFirst().mul(in.getFirst().sigmoid())));

    // The gradient of the weight comes in the weight's own layout: as `(g^T x)`, not the transpose
    // of `x^T g`.
    private static final Composite LINEAR =
            Composite.of(
                    "linear",
                    List.of(),
                    in -> {
                        Tensor x = in.getFirst();
                        Tensor flat = flat(x).matmul(in.get(1).transpose());
                        Tensor y = in.size() == 2 ? flat : flat.add(rows(in.get(2)));
                        return List.of(
                                y.reshape(x.shape().with(x.shape().rank() - 1, y.shape().dim(-1))));
                    },
                    p -> {
                        p.give(0, () -> flat(p.g()).matmul(p.x(1)).reshape(p.type(0).shape()));
                        p.give(1, () -> flat(p.g()).transpose().matmul(flat(p.x(0))));
                        if (p.arity() == 3) {
                            p.give(2, () -> p.type(2).shape().rank() == 1 ? flat(p.g()) : p.g());
                        }
                    });

    // Mean over rows follows as an operation of its own.
    private static final Composite CROSS_ENTROPY_INDICES =
            Composite.of(
                    "cross_entropy_indices",
                    List.of(),
                    in -> List.of(pick(logSoftmaxBody(in.get(0), 1), in.get(1)).neg()),
                    p ->
                            p.give(
                                    0,
                                    () -> {
                                        Tensor soft = softmaxBody(p.x(0), 1);
                                        Tensor hit = hits(p.x(0), p.x(1));
                                        Tensor one = Tensor.where(hit, soft.sub(1), soft);
                                        return one.mul(p.g());
                                    }));

    private static final Composite CROSS_ENTROPY_PROBABILITIES =
            Composite.of(
                    "cross_entropy_probabilities",
                    List.of(),
                    in -> List.of(total(logSoftmaxBody(in.get(0), 1).mul(in.get(1)), 1).neg()));

    private static final Composite BINARY_CROSS_ENTROPY =
            Composite.of(
                    "binary_cross_entropy",
                    List.of(),
                    in -> {
                        Tensor x = in.get(0);
                        Tensor stable = x.abs().neg().exp().log1p();
                        return List.of(x.relu().sub(x.mul(in.get(1))).add(stable));
                    },
                    p -> {
                        p.give(0, () -> p.g().mul(p.x(0).sigmoid().sub(p.x(1))));
                        p.give(1, () -> p.g().mul(p.x(0)).neg());
                    });

    private Composites() {}

    private static Tensor apply(Composite op, Tensor... inputs) {
        return Tensor.apply(op, List.of(inputs)).getFirst();
    }

    static Tensor gelu(Tensor x) {
        return apply(GELU, x);
    }

    static Tensor softplus(Tensor x) {
        return apply(SOFTPLUS, x);
    }

    static Tensor silu(Tensor x) {
        return apply(SILU, x);
    }

    static Tensor linear(Tensor x, List<Tensor> weights) {
        Shape weight = weights.getFirst().shape();
        boolean fits =
                x.shape().rank() >= 1
                        && weight.rank() == 2
                        && x.shape().dim(-1) == weight.dim(1)
                        && (weights.size() == 1
                                || weights.getLast().shape().equals(Shape.of(weight.dim(0)))
                                || weights.getLast().shape().equals(product(x.shape(), weight)));
        if (!fits) {
            throw new TypeException(
                    "linear: expects x [.., inputs], weight [outputs, inputs]%s, but got %s; %s"
                            .formatted(
                                    weights.size() == 1 ? "" : " and bias [outputs]",
                                    shapes(x, weights),
                                    hint(x.shape(), weight)));
        }
        List<Tensor> inputs = new ArrayList<>(List.of(x));
        inputs.addAll(weights);
        return Tensor.apply(LINEAR, inputs).getFirst();
    }

    /// Whether an operation is that of [Tensor#linear].
    static boolean isLinear(Op op) {
        return op.equals(LINEAR);
    }

    private static String shapes(Tensor x, List<Tensor> others) {
        StringBuilder text = new StringBuilder(x.shape().toString());
        others.forEach(other -> text.append(", ").append(other.shape()));
        return text.toString();
    }

    private static String hint(Shape x, Shape weight) {
        boolean matrix = weight.rank() == 2 && x.rank() >= 1;
        if (matrix && x.dim(-1) == weight.dim(1)) {
            return "a bias has a number for each output, or as many for each row of x";
        }
        return matrix && x.dim(-1) == weight.dim(0)
                ? "did you mean weight.transpose()?"
                : "check the sizes of the layer";
    }

    private static Shape product(Shape x, Shape weight) {
        return x.with(x.rank() - 1, weight.dim(0));
    }

    // A vector as it is, anything else flat.
    private static Tensor rows(Tensor x) {
        return x.shape().rank() == 1 ? x : flat(x);
    }

    // As rows of its last dimension.
    static Tensor flat(Tensor x) {
        int last = x.shape().dim(-1);
        return x.shape().rank() == 2 ? x : x.reshape((int) rows(x.shape()), last);
    }

    private static long rows(Shape shape) {
        long rows = 1;
        for (int d = 0; d < shape.rank() - 1; d++) {
            rows *= shape.dim(d);
        }
        return rows;
    }

    static Tensor softmax(Tensor x, int axis) {
        int at = x.shape().axis(axis);
        return apply(
                Composite.of(
                        "softmax",
                        List.of(at),
                        in -> List.of(softmaxBody(in.getFirst(), at)),
                        p ->
                                p.give(
                                        0,
                                        () -> {
                                            Tensor weighted = p.g().mul(p.y());
                                            return weighted.sub(p.y().mul(total(weighted, at)));
                                        })),
                x);
    }

    static Tensor logSoftmax(Tensor x, int axis) {
        int at = x.shape().axis(axis);
        return apply(
                Composite.of(
                        "log_softmax",
                        List.of(at),
                        in -> List.of(logSoftmaxBody(in.getFirst(), at)),
                        p -> p.give(0, () -> p.g().sub(p.y().exp().mul(total(p.g(), at))))),
                x);
    }

    static Tensor crossEntropy(Tensor logits, Tensor target) {
        Shape shape = logits.shape();
        boolean indices =
                shape.rank() == 2
                        && target.dtype() == DType.I64
                        && target.shape().equals(Shape.of(shape.dim(0)));
        boolean probabilities = shape.rank() == 2 && target.type().equals(logits.type());
        if (!logits.dtype().isFloating() || (!indices && !probabilities)) {
            String hint =
                    target.dtype().isFloating() && target.shape().rank() == 1
                            ? "labels are floats; did you mean labels.to(DType.I64)?"
                            : "one label for each row of the logits";
            String expected =
                    shape.rank() == 2
                            ? "class indices i64[%d] or probabilities %s"
                                    .formatted(shape.dim(0), logits.type())
                            : "logits f32[n, classes] and class indices i64[n]";
            throw new TypeException(
                    "crossEntropy: expects %s, but got logits %s and labels %s; %s"
                            .formatted(expected, logits.type(), target.type(), hint));
        }
        if (probabilities) {
            return apply(CROSS_ENTROPY_PROBABILITIES, logits, target).mean();
        }
        Tensor checked = target.checkedIndex(shape.dim(1), "crossEntropy");
        return apply(CROSS_ENTROPY_INDICES, logits, checked.reshape(shape.dim(0), 1)).mean();
    }

    static Tensor binaryCrossEntropyWithLogits(Tensor logits, Tensor target) {
        if (!logits.type().equals(target.type())) {
            throw new TypeException(
                    "binaryCrossEntropyWithLogits: expects targets of the logits' type %s, but got"
                                    .formatted(logits.type())
                            + " %s; reshape or convert them".formatted(target.type()));
        }
        return apply(BINARY_CROSS_ENTROPY, logits, target).mean();
    }

    private static Tensor total(Tensor x, int axis) {
        return x.reduce(new Reduce(Reduce.Kind.SUM, List.of(axis)));
    }

    private static Tensor shifted(Tensor x, int axis) {
        if (x.shape().dim(axis) == 0) {
            return x;
        }
        return x.sub(x.reduce(new Reduce(Reduce.Kind.MAX, List.of(axis))));
    }

    private static Tensor softmaxBody(Tensor x, int axis) {
        Tensor e = shifted(x, axis).exp();
        // One division for all elements.
        return e.mul(total(e, axis).reciprocal());
    }

    private static Tensor logSoftmaxBody(Tensor x, int axis) {
        Tensor shifted = shifted(x, axis);
        return shifted.sub(total(shifted.exp(), axis).log());
    }

    // [n, classes]: whether the class is the row's label.
    private static Tensor hits(Tensor logits, Tensor labels) {
        int classes = logits.shape().dim(1);
        return Tensor.arange(classes, DType.I64).reshape(1, classes).eq(labels);
    }

    // [n, 1]: each row's element at its label; the others count as zeros, which changes nothing.
    private static Tensor pick(Tensor x, Tensor labels) {
        return total(Tensor.where(hits(x, labels), x, x.zerosLike()), 1);
    }
}
