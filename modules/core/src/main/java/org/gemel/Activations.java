package org.gemel;

import java.util.List;
import java.util.function.UnaryOperator;
import org.gemel.op.Composite;

/// The activation functions behind methods of [Tensor]. Derivatives follow from the bodies, which
/// are written so that a branch not taken hands on no infinity.
final class Activations {
    // Klambauer and others, 2017
    private static final double SELU_ALPHA = 1.6732632423543772848170429916717;
    private static final double SELU_SCALE = 1.0507009873554804934193349852946;

    private static final Composite LOG_SIGMOID =
            unary("log_sigmoid", x -> x.neg().softplus().neg());

    private static final Composite SELU =
            unary("selu", x -> eluBody(x, SELU_ALPHA, 1).mul(SELU_SCALE));

    // (1 + tanh u) / 2 is sigmoid(2u), which keeps its digits below 0
    private static final Composite GELU_TANH =
            unary(
                    "gelu_tanh",
                    x -> {
                        Tensor cube = x.mul(x).mul(x);
                        Tensor inner = x.add(cube.mul(0.044715)).mul(2 * Math.sqrt(2 / Math.PI));
                        return x.mul(inner.sigmoid());
                    });

    private static final Composite MISH = unary("mish", x -> x.mul(x.softplus().tanh()));

    private static final Composite SOFTSIGN = unary("softsign", x -> x.div(x.abs().add(1)));

    private static final Composite TANHSHRINK = unary("tanhshrink", x -> x.sub(x.tanh()));

    private static final Composite HARD_SIGMOID =
            unary("hardsigmoid", x -> within(x.add(3), 0, 6).div(6));

    private static final Composite HARD_SWISH =
            unary(
                    "hardswish",
                    x -> {
                        Tensor bent = Tensor.where(x.lt(3), x.mul(x.add(3)).div(6), x);
                        return Tensor.where(x.le(-3), x.mul(0), bent);
                    });

    private static final Composite PRELU =
            Composite.of(
                    "prelu",
                    List.of(),
                    in -> {
                        Tensor x = in.get(0);
                        return List.of(Tensor.where(x.gt(0), x, x.mul(in.get(1))));
                    });

    private Activations() {}

    private static Composite unary(String name, UnaryOperator<Tensor> body) {
        return with(name, List.of(), body);
    }

    private static Composite with(String name, List<?> attributes, UnaryOperator<Tensor> body) {
        return Composite.of(name, attributes, in -> List.of(body.apply(in.getFirst())));
    }

    private static Tensor apply(Composite op, Tensor... inputs) {
        return Tensor.apply(op, List.of(inputs)).getFirst();
    }

    // Flat at its bounds, unlike clamp.
    private static Tensor within(Tensor x, double low, double high) {
        Tensor floor = Tensor.full(x.type(), low);
        Tensor ceiling = Tensor.full(x.type(), high);
        Tensor raised = Tensor.where(x.le(floor), floor, x);
        return Tensor.where(x.ge(ceiling), ceiling, raised);
    }

    // The exponential sees no positive number, so that no infinity leaks into the derivative.
    private static Tensor eluBody(Tensor x, double alpha, double divisor) {
        Tensor above = x.gt(0);
        Tensor below = Tensor.where(above, x.zerosLike(), x);
        Tensor bent = (divisor == 1 ? below : below.div(divisor)).expm1();
        return Tensor.where(above, x, alpha == 1 ? bent : bent.mul(alpha));
    }

    private static void checkNumbers(String name, Tensor x) {
        if (x.dtype() == DType.BOOL) {
            throw new TypeException(
                    "%s: expects numbers, but got %s; convert it, as in x.to(DType.F32)"
                            .formatted(name, x.type()));
        }
    }

    static Tensor logSigmoid(Tensor x) {
        return apply(LOG_SIGMOID, x);
    }

    static Tensor elu(Tensor x, double alpha) {
        return apply(with("elu", List.of(alpha), in -> eluBody(in, alpha, 1)), x);
    }

    static Tensor celu(Tensor x, double alpha) {
        if (alpha == 0) {
            throw new TypeException(
                    "celu: expects alpha other than 0, but got 0; use relu instead");
        }
        return apply(with("celu", List.of(alpha), in -> eluBody(in, alpha, alpha)), x);
    }

    static Tensor selu(Tensor x) {
        return apply(SELU, x);
    }

    static Tensor geluTanh(Tensor x) {
        return apply(GELU_TANH, x);
    }

    static Tensor mish(Tensor x) {
        return apply(MISH, x);
    }

    static Tensor softsign(Tensor x) {
        return apply(SOFTSIGN, x);
    }

    static Tensor softplus(Tensor x, double beta, double threshold) {
        return apply(
                with(
                        "softplus",
                        List.of(beta, threshold),
                        in -> {
                            Tensor scaled = in.mul(beta);
                            Tensor straight = scaled.gt(threshold);
                            return Tensor.where(straight, in, scaled.softplus().div(beta));
                        }),
                x);
    }

    static Tensor hardtanh(Tensor x, double low, double high) {
        checkNumbers("hardtanh", x);
        return apply(with("hardtanh", List.of(low, high), in -> within(in, low, high)), x);
    }

    static Tensor hardSigmoid(Tensor x) {
        return apply(HARD_SIGMOID, x);
    }

    static Tensor hardSwish(Tensor x) {
        return apply(HARD_SWISH, x);
    }

    static Tensor leakyRelu(Tensor x, double slope) {
        return apply(
                with("leaky_relu", List.of(slope), in -> Tensor.where(in.gt(0), in, in.mul(slope))),
                x);
    }

    static Tensor prelu(Tensor x, Tensor weight) {
        if (weight.size() == 1) {
            return apply(PRELU, x, weight.reshape());
        }
        if (x.shape().rank() < 2
                || weight.shape().rank() != 1
                || weight.size() != x.shape().dim(1)) {
            throw new TypeException(
                    "prelu: expects one slope, or one for each of dimension 1, but got %s and slopes"
                                    .formatted(x.type())
                            + " %s; reshape the slopes".formatted(weight.type()));
        }
        Shape along = Shape.along(x.shape().rank(), 1, x.shape().dim(1));
        return apply(PRELU, x, weight.reshape(along));
    }

    static Tensor glu(Tensor x, int axis) {
        int at = x.shape().axis(axis);
        int size = x.shape().dim(at);
        if (size % 2 != 0) {
            throw new TypeException(
                    "glu: expects a dimension that splits in halves, but got %d of dimension %d of %s;"
                                    .formatted(size, at, x.type())
                            + " name another one");
        }
        return apply(
                with(
                        "glu",
                        List.of(at),
                        in -> {
                            Tensor value = in.slice(at, 0, size / 2, 1);
                            return value.mul(in.slice(at, size / 2, size, 1).sigmoid());
                        }),
                x);
    }

    static Tensor hardShrink(Tensor x, double edge) {
        return apply(
                with(
                        "hardshrink",
                        List.of(edge),
                        in -> Tensor.where(in.abs().le(edge), in.zerosLike(), in)),
                x);
    }

    static Tensor softShrink(Tensor x, double edge) {
        return apply(
                with(
                        "softshrink",
                        List.of(edge),
                        in -> {
                            Tensor low = Tensor.where(in.lt(-edge), in.add(edge), in.mul(0));
                            return Tensor.where(in.gt(edge), in.sub(edge), low);
                        }),
                x);
    }

    static Tensor tanhShrink(Tensor x) {
        return apply(TANHSHRINK, x);
    }

    static Tensor threshold(Tensor x, double edge, double value) {
        checkNumbers("threshold", x);
        return apply(
                with(
                        "threshold",
                        List.of(edge, value),
                        in -> Tensor.where(in.le(edge), Tensor.full(in.type(), value), in)),
                x);
    }
}
