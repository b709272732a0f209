package org.gemel.op;

import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongUnaryOperator;
import org.gemel.DType;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// Point-wise operations of one input; shape and dtype stay.
///
/// A row is: meaning, derivative (cotangent `g`, input `x`, output `y`), ONNX name, sample domain;
/// rows that take integers too give their meaning on these second, the others say that they do not,
/// and whether they are [#EXACT] all the same. [#EXP] is documented in full; its siblings read
/// alike.
public enum Unary implements Pointwise {
    /// `-x`.
    ///
    /// Primitive: `0 - x` has the wrong zero for `x = 0`.
    NEG(x -> -x, x -> -x, (g, x, y) -> g.neg(), "Neg", Samples.ANY),
    /// `|x|`; the derivative at 0 is 0.
    ///
    /// Primitive: a selection would keep the sign of -0.0.
    ABS(Math::abs, Math::abs, (g, x, y) -> g.mul(x.sign()), "Abs", Samples.NONZERO),
    /// -1, 0 or 1 (the zero keeps its sign; NaN stays); derivative 0.
    ///
    /// Primitive: two selections would lose the sign of zero, or NaN.
    SIGN(Math::signum, Long::signum, Derivative.ZERO, "Sign", Samples.NONZERO),
    /// `1 / x`.
    ///
    /// Primitive: one rounding, and no tensor of ones to divide.
    RECIPROCAL(
            x -> 1 / x,
            (g, x, y) -> g.mul(y.square()).neg(),
            Accepts.REALS,
            "Reciprocal",
            Samples.NONZERO,
            EXACT),
    /// `x x`.
    ///
    /// Primitive: it reads its input once, so that it fuses with what makes it, and takes integers.
    SQUARE(x -> x * x, x -> x * x, (g, x, y) -> g.mul(x.add(x)), "", Samples.ANY),
    /// Square root, correctly rounded; NaN below 0.
    ///
    /// Primitive: the processor rounds it correctly; a power does not.
    SQRT(
            Math::sqrt,
            (g, x, y) -> g.mul(0.5).div(y),
            Accepts.REALS,
            "Sqrt",
            Samples.POSITIVE,
            EXACT),
    /// `1 / sqrt(x)`.
    ///
    /// Primitive: one rounding where a root and a division have two.
    RSQRT(
            x -> 1 / Math.sqrt(x),
            (g, x, y) -> g.mul(-0.5).mul(y).div(x),
            Accepts.REALS,
            "",
            Samples.POSITIVE),
    /// The exponential function `e^x`.
    ///
    /// Shapes: any, kept. Dtypes: f32, f64. `exp(-inf) = 0`, `exp(inf) = inf`, NaN stays; results
    /// below the smallest normal number keep their denormal value. Derivative: `g e^x`.
    ///
    /// Primitive: no finite formula in arithmetic gives it within a few ulp.
    EXP(Math::exp, (g, x, y) -> g.mul(y), Accepts.REALS, "Exp", Samples.MODERATE),
    /// `e^x - 1`, accurate near 0.
    ///
    /// Primitive: `exp(x) - 1` loses all digits near 0.
    EXPM1(Math::expm1, (g, x, y) -> g.mul(x.exp()), Accepts.REALS, "", Samples.MODERATE),
    /// Natural logarithm; `-inf` at 0, NaN below.
    ///
    /// Primitive: no finite formula in arithmetic gives it within a few ulp.
    LOG(Math::log, (g, x, y) -> g.div(x), Accepts.REALS, "Log", Samples.POSITIVE),
    /// `log(1 + x)`, accurate near 0.
    ///
    /// Primitive: `log(1 + x)` loses all digits near 0.
    LOG1P(Math::log1p, (g, x, y) -> g.div(x.add(1)), Accepts.REALS, "", Samples.ABOVE_MINUS_ONE),
    /// Sine of an angle in radians.
    ///
    /// Primitive: arguments are reduced by hundreds of digits of pi, in integers.
    SIN(Math::sin, (g, x, y) -> g.mul(x.cos()), Accepts.REALS, "Sin", Samples.ANY),
    /// Cosine of an angle in radians.
    ///
    /// Primitive: arguments are reduced by hundreds of digits of pi, in integers.
    COS(Math::cos, (g, x, y) -> g.mul(x.sin()).neg(), Accepts.REALS, "Cos", Samples.ANY),
    /// Hyperbolic tangent.
    ///
    /// Primitive: a quotient of exponentials overflows far out and cancels near 0.
    TANH(Math::tanh, (g, x, y) -> g.mul(y.square().rsub(1)), Accepts.REALS, "Tanh", Samples.ANY),
    /// The logistic function `1 / (1 + e^-x)`.
    ///
    /// Primitive: written with `exp` it needs two branches so that neither side overflows.
    SIGMOID(
            SpecialFunctions::sigmoid,
            (g, x, y) -> g.mul(y.mul(y.rsub(1))),
            Accepts.REALS,
            "Sigmoid",
            Samples.ANY),
    /// The error function.
    ///
    /// Primitive: its approximation changes between intervals, with tables of coefficients.
    ERF(
            ErrorFunction::erf,
            (g, x, y) -> g.mul(x.square().neg().exp().mul(2 / Math.sqrt(Math.PI))),
            Accepts.REALS,
            "Erf",
            Samples.MODERATE),
    /// `max(x, 0)`; NaN stays; the derivative at 0 is 0.
    ///
    /// Primitive: one instruction that keeps NaN; a maximum would share the cotangent at 0.
    RELU(
            x -> x > 0 || Double.isNaN(x) ? x : 0,
            x -> Math.max(x, 0),
            (g, x, y) -> Tensor.where(y.gt(0), g, g.zerosLike()),
            "Relu",
            Samples.NONZERO),
    /// The largest integer not above `x`; derivative 0.
    ///
    /// Primitive: rounding is an instruction; a cast to integers and back saturates.
    FLOOR(Math::floor, Derivative.ZERO, Accepts.REALS, "Floor", Samples.NONZERO, EXACT),
    /// The smallest integer not below `x`; derivative 0.
    ///
    /// Primitive: `-floor(-x)` has the wrong zero between -1 and 0, or takes three operations.
    CEIL(Math::ceil, Derivative.ZERO, Accepts.REALS, "Ceil", Samples.NONZERO, EXACT),
    /// The nearest integer, halves to the even one; derivative 0.
    ///
    /// Primitive: halves to even is an instruction, and hard to say by `floor`.
    ROUND(Math::rint, Derivative.ZERO, Accepts.REALS, "Round", Samples.NONZERO, EXACT),
    /// The integer part: rounded toward zero; derivative 0.
    ///
    /// Primitive: rounding toward zero is an instruction; a cast to integers saturates.
    TRUNC(
            x -> x < 0 ? Math.ceil(x) : Math.floor(x),
            Derivative.ZERO,
            Accepts.REALS,
            "",
            Samples.NONZERO,
            EXACT),
    /// `2^x`.
    ///
    /// Primitive: exact at integers, which `exp(x log 2)` is not.
    EXP2(
            x -> Math.pow(2, x),
            (g, x, y) -> g.mul(y).mul(Math.log(2)),
            Accepts.REALS,
            "",
            Samples.MODERATE),
    /// Logarithm to base 2, exact at powers of 2.
    ///
    /// Primitive: exact at powers of 2, which `log(x) / log(2)` is not.
    LOG2(
            SpecialFunctions::log2,
            (g, x, y) -> g.div(x.mul(Math.log(2))),
            Accepts.REALS,
            "",
            Samples.POSITIVE),
    /// Logarithm to base 10.
    ///
    /// Primitive: exact at powers of 10, which `log(x) / log(10)` is not.
    LOG10(
            Math::log10,
            (g, x, y) -> g.div(x.mul(Math.log(10))),
            Accepts.REALS,
            "",
            Samples.POSITIVE),
    /// The real cube root, also of negative numbers.
    ///
    /// Primitive: a power is NaN for negative numbers and inexact for cubes.
    CBRT(Math::cbrt, (g, x, y) -> g.div(y.square().mul(3)), Accepts.REALS, "", Samples.NONZERO),
    /// Tangent of an angle in radians.
    ///
    /// Primitive: a quotient of sine and cosine has three roundings, and reduces its argument
    /// twice.
    TAN(Math::tan, (g, x, y) -> g.mul(y.square().add(1)), Accepts.REALS, "Tan", Samples.UNIT),
    /// The angle in `[-pi/2, pi/2]` with this sine; NaN outside `[-1, 1]`.
    ///
    /// Primitive: its approximation changes between intervals; no formula in others keeps the ulp.
    ASIN(
            Math::asin,
            (g, x, y) -> g.mul(x.rsub(1).mul(x.add(1)).rsqrt()),
            Accepts.REALS,
            "Asin",
            Samples.UNIT),
    /// The angle in `[0, pi]` with this cosine; NaN outside `[-1, 1]`.
    ///
    /// Primitive: `pi/2 - asin(x)` loses all digits near 1.
    ACOS(
            Math::acos,
            (g, x, y) -> g.mul(x.rsub(1).mul(x.add(1)).rsqrt()).neg(),
            Accepts.REALS,
            "Acos",
            Samples.UNIT),
    /// The angle in `[-pi/2, pi/2]` with this tangent.
    ///
    /// Primitive: its approximation changes between intervals; no formula in others keeps the ulp.
    ATAN(Math::atan, (g, x, y) -> g.div(x.square().add(1)), Accepts.REALS, "Atan", Samples.ANY),
    /// Hyperbolic sine.
    ///
    /// Primitive: a difference of exponentials cancels near 0.
    SINH(Math::sinh, (g, x, y) -> g.mul(x.cosh()), Accepts.REALS, "Sinh", Samples.MODERATE),
    /// Hyperbolic cosine.
    ///
    /// Primitive: a sum of exponentials overflows before its half does.
    COSH(Math::cosh, (g, x, y) -> g.mul(x.sinh()), Accepts.REALS, "Cosh", Samples.MODERATE),
    /// The inverse of the hyperbolic sine.
    ///
    /// Primitive: `log(x + sqrt(x x + 1))` cancels for negative numbers and overflows far out.
    ASINH(
            SpecialFunctions::asinh,
            (g, x, y) -> g.mul(x.square().add(1).rsqrt()),
            Accepts.REALS,
            "Asinh",
            Samples.ANY),
    /// The inverse of the hyperbolic cosine that is not negative; NaN below 1.
    ///
    /// Primitive: `log(x + sqrt(x x - 1))` cancels near 1 and overflows far out.
    ACOSH(
            SpecialFunctions::acosh,
            (g, x, y) -> g.mul(x.sub(1).mul(x.add(1)).rsqrt()),
            Accepts.REALS,
            "Acosh",
            Samples.ABOVE_ONE),
    /// The inverse of the hyperbolic tangent; infinite at 1 and -1, NaN beyond.
    ///
    /// Primitive: a difference of logarithms cancels near 0.
    ATANH(
            SpecialFunctions::atanh,
            (g, x, y) -> g.div(x.rsub(1).mul(x.add(1))),
            Accepts.REALS,
            "Atanh",
            Samples.UNIT),
    /// `1 - erf(x)`, accurate far out too.
    ///
    /// Primitive: `1 - erf(x)` is 0 from 4 on in f32.
    ERFC(
            ErrorFunction::erfc,
            (g, x, y) -> g.mul(x.square().neg().exp().mul(-2 / Math.sqrt(Math.PI))),
            Accepts.REALS,
            "",
            Samples.MODERATE);

    /// The cotangent of the input, from that of the output.
    @FunctionalInterface
    private interface Derivative {
        /// No derivative: constant almost everywhere.
        Derivative ZERO = (g, x, y) -> g.zerosLike();

        Tensor apply(Tensor g, Tensor x, Tensor y);
    }

    private final DoubleUnaryOperator meaning;
    private final LongUnaryOperator integers;
    private final Derivative derivative;
    private final Accepts accepts;
    private final String onnx;
    private final Samples samples;
    private final int ulps;
    private final String label;

    // A row for reals alone.
    Unary(
            DoubleUnaryOperator meaning,
            Derivative derivative,
            Accepts accepts,
            String onnx,
            Samples samples) {
        this(meaning, derivative, accepts, onnx, samples, NEAR);
    }

    // A row for reals alone that says how near kernels come.
    Unary(
            DoubleUnaryOperator meaning,
            Derivative derivative,
            Accepts accepts,
            String onnx,
            Samples samples,
            int ulps) {
        this(meaning, x -> 0, derivative, accepts, onnx, samples, ulps);
    }

    // A row for all numbers.
    Unary(
            DoubleUnaryOperator meaning,
            LongUnaryOperator integers,
            Derivative derivative,
            String onnx,
            Samples samples) {
        this(meaning, integers, derivative, Accepts.NUMBERS, onnx, samples, EXACT);
    }

    Unary(
            DoubleUnaryOperator meaning,
            LongUnaryOperator integers,
            Derivative derivative,
            Accepts accepts,
            String onnx,
            Samples samples,
            int ulps) {
        this.meaning = meaning;
        this.integers = integers;
        this.derivative = derivative;
        this.accepts = accepts;
        this.onnx = onnx;
        this.samples = samples;
        this.ulps = ulps;
        this.label = name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String label() {
        return label;
    }

    /// Where generated tests draw inputs from.
    public Samples samples() {
        return samples;
    }

    @Override
    public int ulps() {
        return ulps;
    }

    /// Whether inputs of `dtype` are accepted.
    public boolean accepts(DType dtype) {
        return accepts.takes(dtype);
    }

    @Override
    public int arity() {
        return 1;
    }

    @Override
    public boolean differentiable() {
        return derivative != Derivative.ZERO;
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        TensorType x = inputs.getFirst();
        if (!accepts(x.dtype())) {
            throw new TypeException(
                    "%s: expects %s, but got %s; convert it first, as in x.to(DType.%s)"
                            .formatted(label, accepts.text(), x, accepts.remedy()));
        }
        return x;
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense x = inputs.getFirst();
        return x.type().dtype().isFloating()
                ? Dense.of(x.type(), i -> meaning.applyAsDouble(x.real(i)))
                : Dense.ofLongs(x.type(), i -> integers.applyAsLong(x.integer(i)));
    }

    @Override
    public void vjp(Pullback p) {
        p.give(0, () -> derivative.apply(p.g(), p.x(0), p.y()));
    }

    @Override
    public String onnx() {
        return onnx;
    }

    @Override
    public String toString() {
        return label;
    }
}
