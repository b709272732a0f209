package org.gemel.op;

import java.util.List;
import java.util.Locale;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// Point-wise operations of two inputs of one number type, which broadcast; the output has that
/// type.
///
/// A row is: meaning on reals, meaning on integers, the cotangents of `a` and of `b` (cotangent
/// `g`, inputs `a` and `b`, output `y`), ONNX name, sample domain of `a` and of `b`. [#ADD] is
/// documented in full.
public enum Binary implements Pointwise {
    /// The sum `a + b`.
    ///
    /// Shapes: any two that broadcast by NumPy's rule. Dtypes: two equal number types; integers
    /// wrap around. Derivatives: `g` and `g`, summed over what was broadcast.
    ///
    /// Primitive: arithmetic.
    ADD(
            (a, b) -> a + b,
            (a, b) -> a + b,
            (g, a, b, y) -> g,
            (g, a, b, y) -> g,
            "Add",
            Samples.ANY,
            Samples.ANY),
    /// `a - b`.
    ///
    /// Primitive: adding the negative would be two operations.
    SUB(
            (a, b) -> a - b,
            (a, b) -> a - b,
            (g, a, b, y) -> g,
            (g, a, b, y) -> g.neg(),
            "Sub",
            Samples.ANY,
            Samples.ANY),
    /// `a b`.
    ///
    /// Primitive: arithmetic.
    MUL(
            (a, b) -> a * b,
            (a, b) -> a * b,
            (g, a, b, y) -> g.mul(b),
            (g, a, b, y) -> g.mul(a),
            "Mul",
            Samples.ANY,
            Samples.ANY),
    /// `a / b`; integers truncate toward zero and division by the integer 0 gives 0.
    ///
    /// Primitive: correctly rounded, which the product with a reciprocal is not; integers too.
    DIV(
            (a, b) -> a / b,
            (a, b) -> b == 0 ? 0 : a / b,
            (g, a, b, y) -> g.div(b),
            (g, a, b, y) -> g.mul(y).div(b).neg(),
            "Div",
            Samples.ANY,
            Samples.NONZERO),
    /// `a` to the power `b`, as IEEE 754 `pow` has it: `pow(x, 0) = pow(1, x) = 1` whatever `x`,
    /// NaN for a negative base with a fractional exponent. Integers wrap around; a negative
    /// exponent rounds toward zero, and 0 has the power 0 then.
    ///
    /// Primitive: `exp(b log(a))` multiplies the error of the logarithm by `b log(a)`.
    POW(
            SpecialFunctions::pow,
            SpecialFunctions::pow,
            // where b is 0 the derivative is 0 even if a is 0
            (g, a, b, y) -> Tensor.where(b.eq(0), g.zerosLike(), g.mul(b).mul(a.pow(b.sub(1)))),
            // where y is 0 so is y log a, whatever log a; at 0^0 it counts as 0 too
            (g, a, b, y) ->
                    Tensor.where(
                            y.eq(0).or(a.eq(0).and(b.eq(0))), g.zerosLike(), g.mul(y).mul(a.log())),
            "Pow",
            Samples.POSITIVE,
            Samples.MODERATE,
            Accepts.NUMBERS,
            NEAR),
    /// The larger of both; NaN wins; at a tie each side gets half of the cotangent.
    ///
    /// Primitive: one instruction; a comparison and a selection lose NaN.
    MAX(
            Math::max,
            Math::max,
            (g, a, b, y) -> g.mul(share(a.gt(b), a.eq(b), g)),
            (g, a, b, y) -> g.mul(share(b.gt(a), a.eq(b), g)),
            "Max",
            Samples.ANY,
            Samples.ANY),
    /// The smaller of both; NaN wins; at a tie each side gets half of the cotangent.
    ///
    /// Primitive: one instruction; a comparison and a selection lose NaN.
    MIN(
            Math::min,
            Math::min,
            (g, a, b, y) -> g.mul(share(a.lt(b), a.eq(b), g)),
            (g, a, b, y) -> g.mul(share(b.lt(a), a.eq(b), g)),
            "Min",
            Samples.ANY,
            Samples.ANY),
    /// The angle of the point `(b, a)` in `[-pi, pi]`; the signs of zeros count.
    ///
    /// Primitive: the quadrant depends on signs of zeros, which a quotient loses.
    ATAN2(
            Math::atan2,
            (a, b) -> 0,
            (g, a, b, y) -> g.mul(overSquares(b, a, b)),
            (g, a, b, y) -> g.mul(overSquares(a, a, b)).neg(),
            "",
            Samples.NONZERO,
            Samples.NONZERO,
            Accepts.REALS,
            NEAR),
    /// `sqrt(a a + b b)` without overflow on the way; the derivative at 0 is 0.
    ///
    /// Primitive: the squares overflow where the result does not.
    HYPOT(
            Math::hypot,
            (a, b) -> 0,
            (g, a, b, y) -> Tensor.where(y.eq(0), g.zerosLike(), g.mul(a.div(y))),
            (g, a, b, y) -> Tensor.where(y.eq(0), g.zerosLike(), g.mul(b.div(y))),
            "",
            Samples.NONZERO,
            Samples.NONZERO,
            Accepts.REALS,
            NEAR),
    /// What division of `a` by `b` toward zero leaves, exactly, with the sign of `a`; the integer 0
    /// leaves 0.
    ///
    /// Primitive: exact whatever the quotient, which `a - b trunc(a / b)` is not.
    FMOD(
            (a, b) -> a % b,
            (a, b) -> b == 0 ? 0 : a % b,
            (g, a, b, y) -> g,
            (g, a, b, y) -> g.mul(a.sub(y).div(b)).neg(),
            "",
            Samples.ANY,
            Samples.NONZERO),
    /// What division of `a` by `b` toward minus infinity leaves, with the sign of `b`; the integer
    /// 0 leaves 0.
    ///
    /// Primitive: exact whatever the quotient, which `a - b floor(a / b)` is not.
    REMAINDER(
            SpecialFunctions::remainder,
            (a, b) -> b == 0 ? 0 : Math.floorMod(a, b),
            (g, a, b, y) -> g,
            (g, a, b, y) -> g.mul(a.sub(y).div(b)).neg(),
            "",
            Samples.ANY,
            Samples.NONZERO),
    /// The size of `a` with the sign of `b`, also of zeros.
    ///
    /// Primitive: it moves a bit; no arithmetic sees the sign of NaN, or of zero.
    COPYSIGN(
            Math::copySign,
            (a, b) -> 0,
            (g, a, b, y) -> g.mul(y.sign().mul(a.sign())),
            (g, a, b, y) -> g.zerosLike(),
            "",
            Samples.NONZERO,
            Samples.NONZERO,
            Accepts.REALS,
            EXACT),
    /// The bits of `a`, `b` places up, zeros following; 0 where `b` is no place of the type.
    ///
    /// Primitive: a product by a power of 2 would need the power first.
    SHIFT_LEFT(
            (a, b) -> 0,
            (a, b) -> b < 0 || b >= Long.SIZE ? 0 : a << b,
            (g, a, b, y) -> g.zerosLike(),
            (g, a, b, y) -> g.zerosLike(),
            "",
            Samples.ANY,
            Samples.ANY,
            Accepts.INTEGERS,
            EXACT),
    /// The bits of `a`, `b` places down, sign bits following; nothing but these where `b` is no
    /// place of the type.
    ///
    /// Primitive: integer division rounds toward zero, a shift toward minus infinity.
    SHIFT_RIGHT(
            (a, b) -> 0,
            (a, b) -> a >> (b < 0 || b >= Long.SIZE ? Long.SIZE - 1 : b),
            (g, a, b, y) -> g.zerosLike(),
            (g, a, b, y) -> g.zerosLike(),
            "",
            Samples.ANY,
            Samples.ANY,
            Accepts.INTEGERS,
            EXACT);

    @FunctionalInterface
    private interface Derivative {
        Tensor apply(Tensor g, Tensor a, Tensor b, Tensor y);
    }

    private final DoubleBinaryOperator reals;
    private final LongBinaryOperator integers;
    private final Derivative first;
    private final Derivative second;
    private final String onnx;
    private final List<Samples> samples;
    private final Accepts accepts;
    private final int ulps;
    private final String label;

    // A row for all numbers, without an error.
    Binary(
            DoubleBinaryOperator reals,
            LongBinaryOperator integers,
            Derivative first,
            Derivative second,
            String onnx,
            Samples samplesOfA,
            Samples samplesOfB) {
        this(reals, integers, first, second, onnx, samplesOfA, samplesOfB, Accepts.NUMBERS, EXACT);
    }

    Binary(
            DoubleBinaryOperator reals,
            LongBinaryOperator integers,
            Derivative first,
            Derivative second,
            String onnx,
            Samples samplesOfA,
            Samples samplesOfB,
            Accepts accepts,
            int ulps) {
        this.reals = reals;
        this.integers = integers;
        this.first = first;
        this.second = second;
        this.onnx = onnx;
        this.samples = List.of(samplesOfA, samplesOfB);
        this.accepts = accepts;
        this.ulps = ulps;
        this.label = name().toLowerCase(Locale.ROOT);
    }

    // 1 for the winner, 1/2 at a tie, 0 for the loser.
    private static Tensor share(Tensor wins, Tensor ties, Tensor like) {
        Tensor one = like.onesLike();
        return Tensor.where(wins, one, Tensor.where(ties, one.mul(0.5), like.zerosLike()));
    }

    // x / (a a + b b), 0 where both are.
    private static Tensor overSquares(Tensor x, Tensor a, Tensor b) {
        Tensor squares = a.square().add(b.square());
        return Tensor.where(squares.eq(0), squares.zerosLike(), x.div(squares));
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public int ulps() {
        return ulps;
    }

    @Override
    public boolean differentiable() {
        return accepts != Accepts.INTEGERS;
    }

    /// Where generated tests draw input `i` from.
    public Samples samples(int i) {
        return samples.get(i);
    }

    /// Whether inputs of `dtype` are accepted.
    public boolean accepts(DType dtype) {
        return accepts.takes(dtype);
    }

    @Override
    public int arity() {
        return 2;
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        TensorType a = inputs.getFirst();
        TensorType b = inputs.getLast();
        sameDtype(label, a, b);
        if (!accepts(a.dtype())) {
            throw new TypeException(
                    "%s: expects %s, but got %s and %s; convert them first, as in x.to(DType.%s)"
                            .formatted(label, accepts.text(), a, b, accepts.remedy()));
        }
        return a.with(Shape.broadcast(label, a.shape(), b.shape()));
    }

    /// Checks that both inputs of operation `op` have one dtype.
    static void sameDtype(String op, TensorType a, TensorType b) {
        if (a.dtype() != b.dtype()) {
            throw new TypeException(
                    "%s: expects one dtype, but got %s and %s; convert one, as in b.to(DType.%s)"
                            .formatted(op, a, b, a.dtype().name()));
        }
    }

    /// What the operation means on two integers, before it wraps to the type.
    public long of(long a, long b) {
        return integers.applyAsLong(a, b);
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense a = inputs.getFirst();
        Dense b = inputs.getLast();
        TensorType out = type(List.of(a.type(), b.type()));
        if (out.dtype().isFloating()) {
            return Dense.of(
                    out,
                    i ->
                            reals.applyAsDouble(
                                    a.real(a.broadcastIndex(out.shape(), i)),
                                    b.real(b.broadcastIndex(out.shape(), i))));
        }
        return combined(out, integers, a, b);
    }

    /// The integers of two inputs that broadcast to the type `out`, put together.
    static Dense combined(TensorType out, LongBinaryOperator meaning, Dense a, Dense b) {
        return Dense.ofLongs(
                out,
                i ->
                        meaning.applyAsLong(
                                a.integer(a.broadcastIndex(out.shape(), i)),
                                b.integer(b.broadcastIndex(out.shape(), i))));
    }

    @Override
    public void vjp(Pullback p) {
        p.give(0, () -> first.apply(p.g(), p.x(0), p.x(1), p.y()));
        p.give(1, () -> second.apply(p.g(), p.x(0), p.x(1), p.y()));
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
