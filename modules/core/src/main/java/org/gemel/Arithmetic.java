package org.gemel;

import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.gemel.op.Composite;
import org.gemel.op.Pullback;

/// The point-wise composites behind methods of [Tensor] that are no activations.
final class Arithmetic {
    private static final Composite IS_INF =
            unary("isinf", x -> x.abs().eq(Double.POSITIVE_INFINITY));

    private static final Composite IS_FINITE =
            unary("isfinite", x -> x.abs().lt(Double.POSITIVE_INFINITY));

    private static final Composite SIGN_BIT = unary("signbit", x -> x.onesLike().copySign(x).lt(0));

    private static final Composite FRAC = unary("frac", x -> x.sub(x.trunc()));

    // Infinite at 0 and 1, which the body's slope is not.
    private static final Composite LOGIT =
            Composite.of(
                    "logit",
                    List.of(),
                    in -> List.of(in.getFirst().div(in.getFirst().rsub(1)).log()),
                    p ->
                            p.give(
                                    0,
                                    () -> {
                                        Tensor x = p.x(0);
                                        Tensor none = x.zerosLike().add(Double.NaN);
                                        Tensor outside = x.lt(0).or(x.gt(1));
                                        Tensor slope = x.mul(x.rsub(1)).reciprocal();
                                        return p.g().mul(Tensor.where(outside, none, slope));
                                    }));

    private static final Composite SINC = unary("sinc", Arithmetic::sincBody);

    private static final Composite FLOOR_DIVIDE =
            binary("floor_divide", Arithmetic::floorDivideBody);

    private static final Composite LOG_ADD_EXP = logAdd("logaddexp", Tensor::exp, 1);

    private static final Composite LOG_ADD_EXP2 = logAdd("logaddexp2", Tensor::exp2, Math.log(2));

    private static final Composite X_LOG_Y =
            Composite.of(
                    "xlogy",
                    List.of(),
                    in -> {
                        Tensor x = in.get(0);
                        Tensor y = in.get(1);
                        Tensor nothing = x.eq(0).and(y.eq(y));
                        Tensor product = x.mul(y.log());
                        return List.of(Tensor.where(nothing, product.zerosLike(), product));
                    },
                    p -> {
                        p.give(
                                0,
                                () -> {
                                    Tensor g = p.g();
                                    Tensor nothing = p.x(0).eq(0).and(p.x(1).le(0));
                                    return xlogy(Tensor.where(nothing, g.zerosLike(), g), p.x(1));
                                });
                        p.give(1, () -> p.g().mul(p.x(0)).div(p.x(1)));
                    });

    private static final Composite FMAX = binary("fmax", (a, b) -> known(a, b, Tensor::maximum));

    private static final Composite FMIN = binary("fmin", (a, b) -> known(a, b, Tensor::minimum));

    private static final Composite HEAVISIDE =
            binary(
                    "heaviside",
                    (x, middle) -> {
                        Tensor step = Tensor.where(x.lt(0), x.zerosLike(), x.onesLike());
                        Tensor y = Tensor.where(x.eq(0), middle, step);
                        return Tensor.where(x.ne(x), x, y);
                    });

    // NumPy's clip: NaN of any of the three wins. The derivative is 1 at the bounds too.
    private static final Composite CLAMP =
            Composite.of(
                    "clamp",
                    List.of(),
                    in -> List.of(in.get(0).maximum(in.get(1)).minimum(in.get(2))),
                    p -> {
                        p.give(0, () -> only(inside(p), p.g()));
                        p.give(1, () -> only(p.x(0).lt(p.x(1)).and(p.x(1).le(p.x(2))), p.g()));
                        p.give(2, () -> only(p.x(0).gt(p.x(2)).or(p.x(1).gt(p.x(2))), p.g()));
                    });

    private static final Composite LERP =
            Composite.of(
                    "lerp",
                    List.of(),
                    in -> List.of(in.get(0).add(in.get(2).mul(in.get(1).sub(in.get(0))))));

    private Arithmetic() {}

    private static Composite unary(String name, UnaryOperator<Tensor> body) {
        return Composite.of(name, List.of(), in -> List.of(body.apply(in.getFirst())));
    }

    private static Composite binary(String name, BinaryOperator<Tensor> body) {
        return Composite.of(name, List.of(), in -> List.of(body.apply(in.get(0), in.get(1))));
    }

    private static Tensor apply(Composite op, Tensor... inputs) {
        return Tensor.apply(op, List.of(inputs)).getFirst();
    }

    // g where the condition holds.
    private static Tensor only(Tensor condition, Tensor g) {
        return Tensor.where(condition, g, g.zerosLike());
    }

    private static Tensor inside(Pullback p) {
        return p.x(0).ge(p.x(1)).and(p.x(0).le(p.x(2)));
    }

    // The logarithm of `b^x + b^y` to the base `b`, whose natural logarithm is `log`.
    private static Composite logAdd(String name, UnaryOperator<Tensor> power, double log) {
        return Composite.of(
                name,
                List.of(),
                in -> {
                    Tensor apart = apart(in.get(0), in.get(1));
                    Tensor more = power.apply(apart.abs().neg()).log1p();
                    return List.of(
                            in.get(0).maximum(in.get(1)).add(log == 1 ? more : more.div(log)));
                },
                p -> {
                    p.give(0, () -> p.g().mul(weight(p.x(0), p.x(1), log)));
                    p.give(1, () -> p.g().mul(weight(p.x(1), p.x(0), log)));
                });
    }

    // b^x / (b^x + b^y)
    private static Tensor weight(Tensor x, Tensor y, double log) {
        return apart(scaled(x, log), scaled(y, log)).sigmoid();
    }

    // Two equal infinities have no difference.
    private static Tensor apart(Tensor a, Tensor b) {
        Tensor distance = a.sub(b);
        return Tensor.where(a.eq(b), distance.zerosLike(), distance);
    }

    // Where one is NaN the other, else the choice.
    private static Tensor known(Tensor a, Tensor b, BinaryOperator<Tensor> choice) {
        Tensor left = Tensor.where(a.ne(a), b, a);
        Tensor right = Tensor.where(b.ne(b), a, b);
        return choice.apply(left, right);
    }

    static Tensor isNan(Tensor x) {
        return x.ne(x);
    }

    static Tensor isInf(Tensor x) {
        return x.dtype().isFloating() ? apply(IS_INF, x) : isNan(x);
    }

    static Tensor isFinite(Tensor x) {
        return x.dtype().isFloating() ? apply(IS_FINITE, x) : x.eq(x);
    }

    static Tensor signBit(Tensor x) {
        return x.dtype().isFloating() ? apply(SIGN_BIT, x) : x.lt(0);
    }

    static Tensor frac(Tensor x) {
        return apply(FRAC, x);
    }

    static Tensor logit(Tensor x) {
        return apply(LOGIT, x);
    }

    static Tensor sinc(Tensor x) {
        return apply(SINC, x);
    }

    // Near 0 its series: slopes of the quotient cancel there.
    private static Tensor sincBody(Tensor x) {
        Tensor near = x.abs().lt(0.5);
        Tensor angle = Tensor.where(near, x.onesLike(), x).mul(Math.PI);
        Tensor square = Tensor.where(near, x.mul(Math.PI), x.zerosLike()).square();
        Tensor series = x.onesLike();
        for (int k = 10; k > 0; k--) {
            series = series.mul(square).mul(-1.0 / (2 * k * (2 * k + 1))).add(1);
        }
        return Tensor.where(near, series, angle.sin().div(angle));
    }

    static Tensor floorDivide(Tensor a, Tensor b) {
        return apply(FLOOR_DIVIDE, a, b);
    }

    // As Python has it, from the exact remainder: `floor(a / b)` would round first.
    private static Tensor floorDivideBody(Tensor a, Tensor b) {
        if (!a.dtype().isFloating()) {
            Tensor quotient = a.div(b);
            Tensor rest = a.sub(quotient.mul(b));
            Tensor below = rest.ne(0).and(b.ne(0)).and(rest.lt(0).xor(b.lt(0)));
            return quotient.sub(below.to(a.dtype()));
        }
        Tensor ratio = a.div(b);
        Tensor quotient = a.sub(a.remainder(b)).div(b);
        Tensor floor = quotient.floor();
        Tensor nearest = floor.add(quotient.sub(floor).gt(0.5).to(a.dtype()));
        Tensor signed = Tensor.where(quotient.eq(0), quotient.zerosLike().copySign(ratio), nearest);
        // by zero the quotient is what division says; a remainder that took in an infinite divisor
        // leaves nothing but -1
        Tensor endless =
                b.abs().eq(Double.POSITIVE_INFINITY).and(a.abs().lt(Double.POSITIVE_INFINITY));
        Tensor apart = a.lt(0).xor(b.lt(0)).and(a.ne(0));
        Tensor far = Tensor.where(apart, ratio.zerosLike().sub(1), ratio);
        return Tensor.where(b.eq(0), ratio, Tensor.where(endless, far, signed));
    }

    static Tensor logAddExp(Tensor a, Tensor b) {
        return apply(LOG_ADD_EXP, a, b);
    }

    static Tensor logAddExp2(Tensor a, Tensor b) {
        return apply(LOG_ADD_EXP2, a, b);
    }

    /// Whether each element is within `absolute + relative |b|` of that of `b`.
    static Tensor isClose(Tensor a, Tensor b, double relative, double absolute, boolean nan) {
        if (!(relative >= 0 && absolute >= 0)) {
            throw new TypeException(
                    "isClose: expects tolerances of at least 0, but got %s and %s; check them"
                            .formatted(relative, absolute));
        }
        if (a.dtype() != b.dtype() || a.dtype() == DType.BOOL) {
            throw new TypeException(
                    "isClose: expects numbers of one dtype, but got %s and %s; convert one"
                            .formatted(a.type(), b.type()));
        }
        return apply(
                Composite.opaque(
                        "is_close",
                        List.of(relative, absolute, nan),
                        in -> List.of(close(in.get(0), in.get(1), relative, absolute, nan))),
                a,
                b);
    }

    private static Tensor close(Tensor a, Tensor b, double relative, double absolute, boolean nan) {
        boolean real = a.dtype().isFloating();
        Tensor x = real ? a : a.to(DType.F64);
        Tensor y = real ? b : b.to(DType.F64);
        Tensor distance = x.sub(y).abs();
        Tensor allowed = y.abs().mul(relative).add(absolute);
        Tensor near = distance.le(allowed).and(distance.isFinite());
        Tensor close = a.eq(b).or(near);
        return nan && real ? close.or(a.ne(a).and(b.ne(b))) : close;
    }

    static Tensor xlogy(Tensor x, Tensor y) {
        return apply(X_LOG_Y, x, y);
    }

    static Tensor fmax(Tensor a, Tensor b) {
        return apply(FMAX, a, b);
    }

    static Tensor fmin(Tensor a, Tensor b) {
        return apply(FMIN, a, b);
    }

    static Tensor heaviside(Tensor x, Tensor middle) {
        return apply(HEAVISIDE, x, middle);
    }

    /// The number of a type that is nearest to a bound: a cast to a narrow integer would wrap.
    static double nearest(DType dtype, double bound) {
        return switch (dtype) {
            case I8 -> Math.clamp(bound, Byte.MIN_VALUE, Byte.MAX_VALUE);
            case U8 -> Math.clamp(bound, 0.0, 0xFF);
            case F32, F64, F16, BF16, I32, I64, BOOL -> bound;
        };
    }

    static Tensor clamp(Tensor x, Tensor low, Tensor high) {
        return apply(CLAMP, x, low, high);
    }

    static Tensor lerp(Tensor a, Tensor b, Tensor weight) {
        return apply(LERP, a, b, weight);
    }

    static Tensor addcmul(Tensor x, Tensor a, Tensor b, double value) {
        return apply(
                Composite.of(
                        "addcmul",
                        List.of(value),
                        in -> List.of(in.get(0).add(scaled(in.get(1), value).mul(in.get(2))))),
                x,
                a,
                b);
    }

    static Tensor addcdiv(Tensor x, Tensor a, Tensor b, double value) {
        return apply(
                Composite.of(
                        "addcdiv",
                        List.of(value),
                        in -> List.of(in.get(0).add(scaled(in.get(1), value).div(in.get(2))))),
                x,
                a,
                b);
    }

    private static Tensor scaled(Tensor x, double factor) {
        return factor == 1 ? x : x.mul(factor);
    }

    static Tensor nanToNum(Tensor x, double nan, Optional<Double> high, Optional<Double> low) {
        double largest =
                switch (x.dtype()) {
                    case F32 -> Float.MAX_VALUE;
                    case F16 -> DType.F16.fromBits((short) 0x7BFF);
                    case BF16 -> DType.BF16.fromBits((short) 0x7F7F);
                    case F64, I32, I64, I8, U8, BOOL -> Double.MAX_VALUE;
                };
        double top = high.orElse(largest);
        double bottom = low.orElse(-largest);
        return apply(
                Composite.of(
                        "nan_to_num",
                        List.of(nan, top, bottom),
                        in -> {
                            Tensor y = in.getFirst();
                            Tensor zero = y.zerosLike();
                            Tensor above = y.eq(Double.POSITIVE_INFINITY);
                            Tensor below = y.eq(Double.NEGATIVE_INFINITY);
                            Tensor bounded = Tensor.where(above, zero.add(top), y);
                            bounded = Tensor.where(below, zero.add(bottom), bounded);
                            return List.of(Tensor.where(y.ne(y), zero.add(nan), bounded));
                        }),
                x);
    }
}
