package org.gemel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.gemel.op.ArgReduce;
import org.gemel.op.Binary;
import org.gemel.op.Cast;
import org.gemel.op.CheckIndex;
import org.gemel.op.Compare;
import org.gemel.op.Concat;
import org.gemel.op.Expand;
import org.gemel.op.Fill;
import org.gemel.op.Iota;
import org.gemel.op.Logical;
import org.gemel.op.MatMul;
import org.gemel.op.Op;
import org.gemel.op.Pad;
import org.gemel.op.Permute;
import org.gemel.op.Reduce;
import org.gemel.op.Reshape;
import org.gemel.op.Scan;
import org.gemel.op.Scatter;
import org.gemel.op.Select;
import org.gemel.op.Slice;
import org.gemel.op.Unary;
import org.jspecify.annotations.Nullable;

/// An n-dimensional array: an immutable value, and a handle on the memory or graph node behind it.
///
/// Operations return new tensors and never change their inputs. Two inputs broadcast by NumPy's
/// rule; a Java number takes the dtype of the tensor it meets. Nobody frees a tensor.
public final class Tensor {
    private final TensorType type;
    private final Value value;
    private @Nullable GradNode node;
    private int port;
    private boolean disposed;

    // For woven code only: see Temporary.
    private boolean handed;

    private Tensor(TensorType type, Value value, @Nullable GradNode node, int port) {
        this.type = type;
        this.value = value;
        this.node = node;
        this.port = port;
    }

    /// For interpreters: a handle that takes over one hold on `value`.
    public static Tensor of(TensorType type, Value value) {
        return new Tensor(type, value, null, 0);
    }

    // ---- what it is

    /// Element type and shape.
    public TensorType type() {
        return type;
    }

    /// The type of the elements.
    public DType dtype() {
        return type.dtype();
    }

    /// The dimensions.
    public Shape shape() {
        return type.shape();
    }

    /// The number of elements.
    public long size() {
        return type.shape().size();
    }

    /// For interpreters: what stands behind the handle.
    public Value value() {
        if (disposed) {
            throw new IllegalStateException("a tensor was used after its scope gave it back");
        }
        return value;
    }

    // ---- handles and the tape

    @Nullable GradNode node() {
        return node;
    }

    int port() {
        return port;
    }

    void link(GradNode maker, int output) {
        node = maker;
        port = output;
    }

    /// Another handle on the same value, with the same gradient node.
    Tensor alias() {
        value().retain();
        return new Tensor(type, value, node, port);
    }

    /// Another handle on the same value with another gradient node, or none.
    Tensor alias(@Nullable GradNode other) {
        value().retain();
        return new Tensor(type, value, other, 0);
    }

    /// Links a fresh handle to `leaf` and hands it to the scope of this context.
    Tensor owned(@Nullable GradNode leaf) {
        Context context = Context.current();
        if (context.recording()) {
            node = leaf;
        }
        if (context.scope() != null) {
            context.scope().add(this);
        }
        return this;
    }

    /// Gives this handle's hold back. Only for code that knows that nobody else has the handle.
    void dispose() {
        if (!disposed) {
            disposed = true;
            value.release();
        }
    }

    void handed(boolean now) {
        handed = now;
    }

    boolean handed() {
        return handed;
    }

    /// The same value, constant to derivatives.
    public Tensor detach() {
        return alias(null).owned(null);
    }

    /// The same value, constant to derivatives: [#detach] by its other name.
    public Tensor stopGradient() {
        return detach();
    }

    /// The same value; the gradient that reaches it goes on as what `change` makes of it.
    ///
    /// For looking at gradients, clipping or scaling them on their way. `change` returns a tensor
    /// of the same type, its argument if it only looks. In a traced function it is traced too.
    public Tensor hook(UnaryOperator<Tensor> change) {
        Context context = Context.current();
        return node == null || !context.recording()
                ? this
                : alias(GradNode.through(this, Optional.of(change))).scoped(context);
    }

    private Tensor scoped(Context context) {
        if (context.scope() != null) {
            context.scope().add(this);
        }
        return this;
    }

    /// The same value as a leaf: `backward()` accumulates its gradient for [#grad()].
    public Tensor withGrad() {
        if (!dtype().isFloating()) {
            throw new TypeException(
                    "withGrad: expects a floating-point type, but got %s; only real numbers have derivatives"
                            .formatted(type));
        }
        Tensor leaf = alias(null);
        leaf.node = GradNode.leaf(type, Optional.of(Context.current().interpreter().slot("grad")));
        return leaf;
    }

    /// Whether operations on this tensor are recorded for derivatives.
    public boolean requiresGrad() {
        return node != null;
    }

    /// Whether derivatives end here: made by [#withGrad()], read from a [Parameter], or without any
    /// record of operations behind it.
    public boolean isLeaf() {
        GradNode maker = node;
        return maker == null || (maker.op.isEmpty() && maker.edges.length == 0);
    }

    /// The gradient that `backward()` has accumulated in this leaf.
    public Tensor grad() {
        GradNode leaf = node;
        return Optional.ofNullable(leaf)
                .flatMap(n -> n.gradient)
                .flatMap(Slot::read)
                .map(tensor -> tensor.owned(null))
                .orElseThrow(() ->
                        new TypeException(
                                "grad: expects a leaf after backward(), but there is no"
                                        + " gradient here; start from x.withGrad()"));
    }

    /// Computes the gradients of this scalar (or one-element tensor) with respect to all leaves it
    /// depends on, adds them to what the leaves have, and gives the tape back.
    public void backward() {
        backward(false);
    }

    /// As [#backward()].
    ///
    /// @param keep whether to keep the tape for another call, and record this one too, so that
    ///   gradients can be differentiated
    public void backward(boolean keep) {
        if (size() != 1) {
            throw new TypeException(
                    "backward: expects a scalar, but got %s; reduce it first, as in loss.mean()"
                            .formatted(type));
        }
        if (node == null) {
            throw new TypeException(
                    "backward: expects a result of operations on parameters or leaves, but none is"
                            + " recorded; use Parameter, x.withGrad(), and no noGrad around it");
        }
        Context.current().interpreter().checkTape(this);
        Tensor one = full(type, 1);
        Gradients.backward(this, one, keep);
    }

    // ---- dispatch: every operation passes here

    /// Applies any operation.
    public static List<Tensor> apply(Op op, List<Tensor> inputs) {
        if (Widening.needs(op, inputs)) {
            return Widening.apply(op, inputs);
        }
        Context context = Context.current();
        List<Tensor> outputs = context.interpreter().apply(op, inputs);
        // A kernel sees addresses only: the collector must not find the inputs' memory while it
        // runs.
        Reference.reachabilityFence(inputs);
        boolean record = false;
        for (Tensor input : inputs) {
            record |= input.node != null;
        }
        if (record && context.recording() && op.differentiable()) {
            GradNode.record(op, Gradients.reads(op, inputs), inputs, outputs);
        }
        if (context.scope() != null) {
            outputs.forEach(context.scope()::add);
        }
        return outputs;
    }

    private static Tensor apply(Op op, Tensor a) {
        if (Widening.needs(op, a)) {
            return Widening.apply(op, List.of(a)).getFirst();
        }
        Context context = Context.current();
        Tensor out = context.interpreter().apply(op, a);
        Reference.reachabilityFence(a);
        if (a.node != null && context.recording() && op.differentiable()) {
            List<Tensor> inputs = List.of(a);
            GradNode.record(op, Gradients.reads(op, inputs), inputs, List.of(out));
        }
        if (context.scope() != null) {
            context.scope().add(out);
        }
        return out;
    }

    private static Tensor apply(Op op, Tensor a, Tensor b) {
        if (Widening.needs(op, a) || Widening.needs(op, b)) {
            return Widening.apply(op, List.of(a, b)).getFirst();
        }
        Context context = Context.current();
        Tensor out = context.interpreter().apply(op, a, b);
        Reference.reachabilityFence(a);
        Reference.reachabilityFence(b);
        if ((a.node != null || b.node != null) && context.recording() && op.differentiable()) {
            List<Tensor> inputs = List.of(a, b);
            GradNode.record(op, Gradients.reads(op, inputs), inputs, List.of(out));
        }
        if (context.scope() != null) {
            context.scope().add(out);
        }
        return out;
    }

    // ---- making

    /// A tensor of one repeated value.
    public static Tensor full(TensorType type, double value) {
        if (Double.isNaN(value) && type.dtype().isInteger()) {
            throw new TypeException(
                    "full: expects a number that %s can hold, but got NaN; convert the tensor first,"
                                    .formatted(type.dtype())
                            + " as in x.to(DType.F32)");
        }
        return apply(new Fill(type, value), List.of()).getFirst();
    }

    /// The numbers `0..count-1`.
    public static Tensor arange(int count, DType dtype) {
        return apply(new Iota(TensorType.of(dtype, count)), List.of()).getFirst();
    }

    /// `count` numbers from `from` to `to`, both included, at equal distances.
    public static Tensor linspace(double from, double to, int count, DType dtype) {
        return Ranges.linspace(from, to, count, dtype);
    }

    /// The powers of `base` with the exponents of [#linspace].
    public static Tensor logspace(double from, double to, int count, double base, DType dtype) {
        return Ranges.logspace(from, to, count, base, dtype);
    }

    /// Vectors spread over a grid with a dimension for each: element `[i, j, ..]` of result `k` is
    /// the one of vector `k` at its own index (NumPy's and PyTorch's indexing `ij`).
    public static List<Tensor> meshgrid(List<Tensor> vectors) {
        return Ranges.meshgrid(vectors);
    }

    /// Rows and columns (i64 `[2, elements]`) of what [#lowerTriangle] keeps of a matrix.
    public static Tensor lowerTriangleIndices(int rows, int columns, int diagonal) {
        return Ranges.triangle("lowerTriangleIndices", rows, columns, diagonal, true);
    }

    /// Rows and columns (i64 `[2, elements]`) of what [#upperTriangle] keeps of a matrix.
    public static Tensor upperTriangleIndices(int rows, int columns, int diagonal) {
        return Ranges.triangle("upperTriangleIndices", rows, columns, diagonal, false);
    }

    /// Zeros of the same type.
    public Tensor zerosLike() {
        return full(type, 0);
    }

    /// Ones of the same type.
    public Tensor onesLike() {
        return full(type, 1);
    }

    private Tensor scalar(double number) {
        return full(new TensorType(dtype(), Shape.SCALAR), number);
    }

    // ---- point-wise arithmetic

    /// `this + other`.
    public Tensor add(Tensor other) {
        return apply(Binary.ADD, this, other);
    }

    /// `this + number`.
    public Tensor add(double number) {
        return add(scalar(number));
    }

    /// `this - other`.
    public Tensor sub(Tensor other) {
        return apply(Binary.SUB, this, other);
    }

    /// `this - number`.
    public Tensor sub(double number) {
        return sub(scalar(number));
    }

    /// `number - this`.
    public Tensor rsub(double number) {
        return scalar(number).sub(this);
    }

    /// `this * other`, element by element.
    public Tensor mul(Tensor other) {
        return apply(Binary.MUL, this, other);
    }

    /// `this * number`.
    public Tensor mul(double number) {
        return mul(scalar(number));
    }

    /// `this / other`.
    public Tensor div(Tensor other) {
        return apply(Binary.DIV, this, other);
    }

    /// `this / number`.
    public Tensor div(double number) {
        return div(scalar(number));
    }

    /// `this` to the power `other`.
    public Tensor pow(Tensor other) {
        return apply(Binary.POW, this, other);
    }

    /// `this` to the power `number`.
    public Tensor pow(double number) {
        return number == 2 ? square() : pow(scalar(number));
    }

    /// The larger of both.
    public Tensor maximum(Tensor other) {
        return apply(Binary.MAX, this, other);
    }

    /// The smaller of both.
    public Tensor minimum(Tensor other) {
        return apply(Binary.MIN, this, other);
    }

    /// Any row of the table of point-wise operations of one input.
    public Tensor apply(Unary op) {
        return apply(op, this);
    }

    /// `-this`.
    public Tensor neg() {
        return apply(Unary.NEG);
    }

    /// The absolute value.
    public Tensor abs() {
        return apply(Unary.ABS);
    }

    /// -1, 0 or 1.
    public Tensor sign() {
        return apply(Unary.SIGN);
    }

    /// `1 / this`.
    public Tensor reciprocal() {
        return apply(Unary.RECIPROCAL);
    }

    /// `this this`.
    public Tensor square() {
        return apply(Unary.SQUARE);
    }

    /// The square root.
    public Tensor sqrt() {
        return apply(Unary.SQRT);
    }

    /// `1 / sqrt(this)`.
    public Tensor rsqrt() {
        return apply(Unary.RSQRT);
    }

    /// `e^this`.
    public Tensor exp() {
        return apply(Unary.EXP);
    }

    /// `e^this - 1`.
    public Tensor expm1() {
        return apply(Unary.EXPM1);
    }

    /// The natural logarithm.
    public Tensor log() {
        return apply(Unary.LOG);
    }

    /// `log(1 + this)`.
    public Tensor log1p() {
        return apply(Unary.LOG1P);
    }

    /// The sine.
    public Tensor sin() {
        return apply(Unary.SIN);
    }

    /// The cosine.
    public Tensor cos() {
        return apply(Unary.COS);
    }

    /// The hyperbolic tangent.
    public Tensor tanh() {
        return apply(Unary.TANH);
    }

    /// The logistic function.
    public Tensor sigmoid() {
        return apply(Unary.SIGMOID);
    }

    /// The error function.
    public Tensor erf() {
        return apply(Unary.ERF);
    }

    /// `max(this, 0)`.
    public Tensor relu() {
        return apply(Unary.RELU);
    }

    /// The largest integer not above.
    public Tensor floor() {
        return apply(Unary.FLOOR);
    }

    /// The smallest integer not below.
    public Tensor ceil() {
        return apply(Unary.CEIL);
    }

    /// The nearest integer, halves to even.
    public Tensor round() {
        return apply(Unary.ROUND);
    }

    /// The integer part: rounded toward zero.
    public Tensor trunc() {
        return apply(Unary.TRUNC);
    }

    /// `2^this`.
    public Tensor exp2() {
        return apply(Unary.EXP2);
    }

    /// The logarithm to base 2.
    public Tensor log2() {
        return apply(Unary.LOG2);
    }

    /// The logarithm to base 10.
    public Tensor log10() {
        return apply(Unary.LOG10);
    }

    /// The real cube root.
    public Tensor cbrt() {
        return apply(Unary.CBRT);
    }

    /// The tangent.
    public Tensor tan() {
        return apply(Unary.TAN);
    }

    /// The inverse of the sine, in [-pi/2, pi/2].
    public Tensor asin() {
        return apply(Unary.ASIN);
    }

    /// The inverse of the cosine, in [0, pi].
    public Tensor acos() {
        return apply(Unary.ACOS);
    }

    /// The inverse of the tangent, in [-pi/2, pi/2].
    public Tensor atan() {
        return apply(Unary.ATAN);
    }

    /// The hyperbolic sine.
    public Tensor sinh() {
        return apply(Unary.SINH);
    }

    /// The hyperbolic cosine.
    public Tensor cosh() {
        return apply(Unary.COSH);
    }

    /// The inverse of the hyperbolic sine.
    public Tensor asinh() {
        return apply(Unary.ASINH);
    }

    /// The inverse of the hyperbolic cosine.
    public Tensor acosh() {
        return apply(Unary.ACOSH);
    }

    /// The inverse of the hyperbolic tangent.
    public Tensor atanh() {
        return apply(Unary.ATANH);
    }

    /// `1 - erf(this)`, accurate where it is small too.
    public Tensor erfc() {
        return apply(Unary.ERFC);
    }

    /// The angle of the point with the height `this` and the width `other`, in [-pi, pi].
    public Tensor atan2(Tensor other) {
        return apply(Binary.ATAN2, this, other);
    }

    /// `sqrt(this^2 + other^2)`, without overflow.
    public Tensor hypot(Tensor other) {
        return apply(Binary.HYPOT, this, other);
    }

    /// What division toward zero leaves, with the sign of `this`; exact.
    public Tensor fmod(Tensor other) {
        return apply(Binary.FMOD, this, other);
    }

    /// What division toward minus infinity leaves, with the sign of `other`.
    public Tensor remainder(Tensor other) {
        return apply(Binary.REMAINDER, this, other);
    }

    /// The size of `this` with the sign of `other`.
    public Tensor copySign(Tensor other) {
        return apply(Binary.COPYSIGN, this, other);
    }

    /// The bits of an integer, `other` places up.
    public Tensor shiftLeft(Tensor other) {
        return apply(Binary.SHIFT_LEFT, this, other);
    }

    /// The bits of an integer, `other` places down; keeps the sign.
    public Tensor shiftRight(Tensor other) {
        return apply(Binary.SHIFT_RIGHT, this, other);
    }

    /// What division by `number` toward zero leaves.
    public Tensor fmod(double number) {
        return fmod(scalar(number));
    }

    /// What division by `number` toward minus infinity leaves.
    public Tensor remainder(double number) {
        return remainder(scalar(number));
    }

    /// The largest integer not above `this / other`; the integer 0 divides to 0.
    public Tensor floorDivide(Tensor other) {
        return Arithmetic.floorDivide(this, other);
    }

    /// The largest integer not above `this / number`.
    public Tensor floorDivide(double number) {
        return floorDivide(scalar(number));
    }

    /// `log(e^this + e^other)`, without overflow.
    public Tensor logAddExp(Tensor other) {
        return Arithmetic.logAddExp(this, other);
    }

    /// `log2(2^this + 2^other)`, without overflow.
    public Tensor logAddExp2(Tensor other) {
        return Arithmetic.logAddExp2(this, other);
    }

    /// `this log(other)`, 0 where `this` is 0 and `other` a number.
    public Tensor xlogy(Tensor other) {
        return Arithmetic.xlogy(this, other);
    }

    /// The larger of both; where one is NaN, the other.
    public Tensor fmax(Tensor other) {
        return Arithmetic.fmax(this, other);
    }

    /// The smaller of both; where one is NaN, the other.
    public Tensor fmin(Tensor other) {
        return Arithmetic.fmin(this, other);
    }

    /// 0 below 0, 1 above, `middle` at 0; NaN stays.
    public Tensor heaviside(Tensor middle) {
        return Arithmetic.heaviside(this, middle);
    }

    /// The inverse of [#erf]; infinite at 1 and -1, NaN beyond.
    public Tensor erfinv() {
        return InverseError.erfinv(this);
    }

    /// The logarithm of the size of the gamma function; infinite at 0, -1, -2 ...
    public Tensor lgamma() {
        return GammaFunctions.lgamma(this);
    }

    /// The derivative of [#lgamma]; infinite at 0 and NaN at -1, -2 .., where it changes its sign.
    public Tensor digamma() {
        return GammaFunctions.digamma(this);
    }

    /// What is left without the integer part, with the sign of `this`.
    public Tensor frac() {
        return Arithmetic.frac(this);
    }

    /// `log(this / (1 - this))`.
    public Tensor logit() {
        return Arithmetic.logit(this);
    }

    /// `sin(pi this) / (pi this)`, 1 at 0.
    public Tensor sinc() {
        return Arithmetic.sinc(this);
    }

    /// Whether not a number, as `bool`.
    public Tensor isNan() {
        return Arithmetic.isNan(this);
    }

    /// Whether infinite, as `bool`.
    public Tensor isInf() {
        return Arithmetic.isInf(this);
    }

    /// Whether within `absolute + relative |other|` of `other`, as `bool`; infinities are close to
    /// themselves alone, NaN to nothing.
    public Tensor isClose(Tensor other, double relative, double absolute) {
        return Arithmetic.isClose(this, other, relative, absolute, false);
    }

    /// As [#isClose(Tensor, double, double)], where `nan` says whether NaN is close to NaN.
    public Tensor isClose(Tensor other, double relative, double absolute, boolean nan) {
        return Arithmetic.isClose(this, other, relative, absolute, nan);
    }

    /// Whether all elements are close; reads them.
    public boolean allClose(Tensor other, double relative, double absolute) {
        return isClose(other, relative, absolute).all().toBoolean();
    }

    /// Whether neither infinite nor NaN, as `bool`.
    public Tensor isFinite() {
        return Arithmetic.isFinite(this);
    }

    /// Whether negative, as `bool`; `-0.0` is.
    public Tensor signBit() {
        return Arithmetic.signBit(this);
    }

    /// The nearest number between `low` and `high`, of which either may be infinite. NaN stays. The
    /// derivative is 1 from `low` to `high`, both included.
    public Tensor clamp(double low, double high) {
        return clamp(
                scalar(Arithmetic.nearest(dtype(), low)),
                scalar(Arithmetic.nearest(dtype(), high)));
    }

    /// The nearest number between `low` and `high`, which broadcast; `high` where `low` is above
    /// it. NaN of any of the three wins. The derivative is 1 from `low` to `high`, both included.
    public Tensor clamp(Tensor low, Tensor high) {
        return Arithmetic.clamp(this, low, high);
    }

    /// `this + weight (other - this)`.
    public Tensor lerp(Tensor other, Tensor weight) {
        return Arithmetic.lerp(this, other, weight);
    }

    /// `this + weight (other - this)`.
    public Tensor lerp(Tensor other, double weight) {
        return lerp(other, scalar(weight));
    }

    /// `this + value a b`.
    public Tensor addcmul(Tensor a, Tensor b, double value) {
        return Arithmetic.addcmul(this, a, b, value);
    }

    /// `this + value a / b`.
    public Tensor addcdiv(Tensor a, Tensor b, double value) {
        return Arithmetic.addcdiv(this, a, b, value);
    }

    /// `nan` for NaN, `high` and `low` for the infinities; the largest finite numbers where left
    /// out.
    public Tensor nanToNum(double nan, Optional<Double> high, Optional<Double> low) {
        return Arithmetic.nanToNum(this, nan, high, low);
    }

    /// The same numbers as another dtype; see [Cast].
    public Tensor to(DType dtype) {
        return dtype == dtype() ? this : apply(new Cast(dtype), this);
    }

    // ---- comparison and choice

    /// `this == other`, as `bool`.
    public Tensor eq(Tensor other) {
        return apply(Compare.EQ, this, other);
    }

    /// `this == number`, as `bool`.
    public Tensor eq(double number) {
        return eq(scalar(number));
    }

    /// `this != other`, as `bool`.
    public Tensor ne(Tensor other) {
        return apply(Compare.NE, this, other);
    }

    /// `this != number`, as `bool`.
    public Tensor ne(double number) {
        return ne(scalar(number));
    }

    /// `this < other`, as `bool`.
    public Tensor lt(Tensor other) {
        return apply(Compare.LT, this, other);
    }

    /// `this < number`, as `bool`.
    public Tensor lt(double number) {
        return lt(scalar(number));
    }

    /// `this <= other`, as `bool`.
    public Tensor le(Tensor other) {
        return apply(Compare.LE, this, other);
    }

    /// `this <= number`, as `bool`.
    public Tensor le(double number) {
        return le(scalar(number));
    }

    /// `this > other`, as `bool`.
    public Tensor gt(Tensor other) {
        return apply(Compare.GT, this, other);
    }

    /// `this > number`, as `bool`.
    public Tensor gt(double number) {
        return gt(scalar(number));
    }

    /// `this >= other`, as `bool`.
    public Tensor ge(Tensor other) {
        return apply(Compare.GE, this, other);
    }

    /// `this >= number`, as `bool`.
    public Tensor ge(double number) {
        return ge(scalar(number));
    }

    /// Both, for `bool`, or bit by bit for integers.
    public Tensor and(Tensor other) {
        return apply(Logical.AND, this, other);
    }

    /// At least one, for `bool`, or bit by bit for integers.
    public Tensor or(Tensor other) {
        return apply(Logical.OR, this, other);
    }

    /// Exactly one, for `bool`, or bit by bit for integers.
    public Tensor xor(Tensor other) {
        return apply(Logical.XOR, this, other);
    }

    /// The opposite, for `bool`, or of every bit for integers.
    public Tensor not() {
        return xor(scalar(dtype() == DType.BOOL ? 1 : -1));
    }

    /// `condition ? a : b`, element by element.
    public static Tensor where(Tensor condition, Tensor a, Tensor b) {
        return apply(Select.WHERE, List.of(condition, a, b)).getFirst();
    }

    // ---- movement

    /// The same elements in another shape; one dimension may be -1 and is worked out.
    public Tensor reshape(int... dims) {
        int[] resolved = dims.clone();
        int open = -1;
        long known = 1;
        for (int i = 0; i < dims.length; i++) {
            if (dims[i] == -1 && open < 0) {
                open = i;
            } else {
                known *= dims[i];
            }
        }
        if (open >= 0) {
            if (known <= 0 || size() % known != 0) {
                throw new TypeException(
                        "reshape: expects dimensions that divide the %d elements of %s, one of them"
                                        .formatted(size(), type)
                                + " -1, but got %s; name the sizes"
                                        .formatted(Arrays.toString(dims)));
            }
            resolved[open] = Math.toIntExact(size() / known);
        }
        return reshape(Shape.of(resolved));
    }

    /// The same elements in another shape.
    public Tensor reshape(Shape shape) {
        return shape.equals(shape()) ? this : apply(new Reshape(shape), this);
    }

    /// Reorders the dimensions: dimension `i` of the result is dimension `order[i]`.
    public Tensor permute(int... order) {
        return permute(new Permute(Arrays.stream(order).boxed().toList()));
    }

    /// Reorders the dimensions.
    public Tensor permute(Permute order) {
        return apply(order, this);
    }

    /// Swaps the last two dimensions.
    public Tensor transpose() {
        int rank = shape().rank();
        if (rank < 2) {
            throw new TypeException(
                    "transpose: expects at least two dimensions, but got %s; reshape it first"
                            .formatted(type));
        }
        int[] order = IntStream.range(0, rank).toArray();
        order[rank - 1] = rank - 2;
        order[rank - 2] = rank - 1;
        return permute(order);
    }

    /// Repeats dimensions of size 1, and adds leading ones.
    public Tensor expand(Shape shape) {
        return shape.equals(shape()) ? this : apply(new Expand(shape), this);
    }

    /// Inserts a dimension of size 1 before `axis`.
    public Tensor unsqueeze(int axis) {
        List<Integer> dims = new ArrayList<>(Arrays.stream(shape().dims()).boxed().toList());
        dims.add(Movements.newAxis(this, axis), 1);
        return reshape(Shape.of(dims.stream().mapToInt(Integer::intValue).toArray()));
    }

    /// Drops dimension `axis` if its size is 1.
    public Tensor squeeze(int axis) {
        int resolved = shape().axis(axis);
        return shape().dim(resolved) == 1 ? dropped(new int[] {resolved}) : this;
    }

    private Tensor dropped(int[] axes) {
        int[] dims =
                IntStream.range(0, shape().rank())
                        .filter(i -> Arrays.stream(axes).noneMatch(a -> a == i))
                        .map(shape()::dim)
                        .toArray();
        return reshape(Shape.of(dims));
    }

    /// Elements `start, start + step, ...` before `stop` along `axis`.
    public Tensor slice(int axis, int start, int stop, int step) {
        int resolved = shape().axis(axis);
        List<Integer> starts = new ArrayList<>(Collections.nCopies(shape().rank(), 0));
        List<Integer> counts = new ArrayList<>(Arrays.stream(shape().dims()).boxed().toList());
        List<Integer> steps = new ArrayList<>(Collections.nCopies(shape().rank(), 1));
        starts.set(resolved, start);
        counts.set(resolved, step == 0 ? 0 : Math.max(0, Math.ceilDiv(stop - start, step)));
        steps.set(resolved, step);
        return sliced(new Slice(starts, counts, steps));
    }

    /// Any slice.
    public Tensor sliced(Slice slice) {
        return apply(slice, this);
    }

    /// Any padding with zeros.
    public Tensor padded(Pad pad) {
        return apply(pad, this);
    }

    /// Joins tensors along dimension `axis`.
    public static Tensor concat(List<Tensor> parts, int axis) {
        if (parts.isEmpty()) {
            throw new TypeException(
                    "concat: expects at least one tensor, but got none; check the list");
        }
        return apply(new Concat(parts.getFirst().shape().axis(axis)), parts).getFirst();
    }

    // ---- reduction

    /// Any reduction; the reduced dimensions stay with size 1.
    public Tensor reduce(Reduce op) {
        return apply(op, this);
    }

    private Tensor reduce(Reduce.Kind kind, int[] axes) {
        int[] resolved = axes(axes);
        List<Integer> list = Arrays.stream(resolved).boxed().toList();
        return reduce(new Reduce(kind, list)).dropped(resolved);
    }

    private int[] axes(int[] axes) {
        return axes.length == 0
                ? IntStream.range(0, shape().rank()).toArray()
                : Arrays.stream(axes).map(shape()::axis).sorted().distinct().toArray();
    }

    /// The sum over `axes`, which disappear; over all without an argument.
    public Tensor sum(int... axes) {
        return reduce(Reduce.Kind.SUM, axes);
    }

    /// The mean over `axes`, which disappear; over all without an argument. NaN if empty.
    public Tensor mean(int... axes) {
        if (dtype().isNarrow() && dtype().isFloating()) {
            // the sum alone may be beyond the range
            return to(dtype().wide()).mean(axes).to(dtype());
        }
        double count = Arrays.stream(axes(axes)).mapToLong(shape()::dim).reduce(1, (a, b) -> a * b);
        return sum(axes).div(count);
    }

    /// As [#sum], without NaN.
    public Tensor nanSum(int... axes) {
        return dropping(axes, list -> Statistics.nanSum(this, list));
    }

    /// As [#mean], of all that is not NaN; NaN if there is nothing else.
    public Tensor nanMean(int... axes) {
        return dropping(axes, list -> Statistics.nanMean(this, list));
    }

    /// The largest element over `axes`, which disappear; over all without an argument.
    public Tensor amax(int... axes) {
        return reduce(Reduce.Kind.MAX, axes);
    }

    /// The smallest element over `axes`, which disappear; over all without an argument.
    public Tensor amin(int... axes) {
        return reduce(Reduce.Kind.MIN, axes);
    }

    /// The product over `axes`, which disappear; over all without an argument.
    public Tensor prod(int... axes) {
        return reduce(Reduce.Kind.PROD, axes);
    }

    /// The index (i64) of the largest element along `axis`, which disappears; the first at a tie.
    public Tensor argmax(int axis) {
        return argReduce(ArgReduce.Kind.ARGMAX, axis);
    }

    /// The index (i64) of the smallest element along `axis`, which disappears; the first at a tie.
    public Tensor argmin(int axis) {
        return argReduce(ArgReduce.Kind.ARGMIN, axis);
    }

    private Tensor argReduce(ArgReduce.Kind kind, int axis) {
        int resolved = shape().axis(axis);
        return apply(new ArgReduce(kind, resolved), this).dropped(new int[] {resolved});
    }

    /// The transpose of broadcasting: sums over what `shape` would be repeated along.
    public Tensor sumTo(Shape shape) {
        if (shape.equals(shape())) {
            return this;
        }
        int extra = shape().rank() - shape.rank();
        int[] axes =
                IntStream.range(0, shape().rank())
                        .filter(i ->
                                i < extra || (shape.dim(i - extra) == 1 && shape().dim(i) != 1))
                        .toArray();
        List<Integer> list = Arrays.stream(axes).boxed().toList();
        Tensor summed = axes.length == 0 ? this : reduce(new Reduce(Reduce.Kind.SUM, list));
        return summed.reshape(shape);
    }

    /// This reduction's result with the reduced dimensions kept, of size 1: `x.keep(x.sum(1), 1)`.
    public Tensor keep(Tensor reduced, int... axes) {
        return reduced.reshape(shape().reduced(axes(axes)));
    }

    /// Whether all elements over `axes` are not zero; over all without an argument.
    public Tensor all(int... axes) {
        return dropping(axes, list -> Reductions.all(this, list));
    }

    /// Whether any element over `axes` is not zero; over all without an argument.
    public Tensor any(int... axes) {
        return dropping(axes, list -> Reductions.any(this, list));
    }

    /// `log(sum(e^this))` over `axes`, without overflow; over all without an argument.
    public Tensor logSumExp(int... axes) {
        return dropping(axes, list -> Reductions.logSumExp(this, list));
    }

    /// The variance over `axes` with the divisor `n - correction`; over all without axes.
    public Tensor variance(double correction, int... axes) {
        return dropping(axes, list -> Reductions.variance(this, list, correction));
    }

    /// The square root of [#variance]; where it is 0 so is the derivative.
    public Tensor deviation(double correction, int... axes) {
        return Reductions.deviation(variance(correction, axes));
    }

    /// The `p`-norm of the elements over `axes`, also for `p` 0 or infinite; over all without axes.
    public Tensor norm(double p, int... axes) {
        return dropping(axes, list -> Reductions.norm(this, p, list));
    }

    private Tensor dropping(int[] axes, Function<List<Integer>, Tensor> reduction) {
        int[] resolved = axes(axes);
        return reduction.apply(Arrays.stream(resolved).boxed().toList()).dropped(resolved);
    }

    /// The row-major index (i64) of the largest element of all.
    public Tensor argmax() {
        return reshape(-1).argmax(0);
    }

    /// The row-major index (i64) of the smallest element of all.
    public Tensor argmin() {
        return reshape(-1).argmin(0);
    }

    // ---- cumulative

    /// The running sum along `axis`.
    public Tensor cumsum(int axis) {
        return Running.scan(Scan.Kind.SUM, this, axis);
    }

    /// The running product along `axis`.
    public Tensor cumprod(int axis) {
        return Running.scan(Scan.Kind.PROD, this, axis);
    }

    /// The running maximum along `axis`, and where it stands: the latest place at a tie.
    public Indexed cummax(int axis) {
        return Running.extreme(Scan.Kind.MAX, this, axis);
    }

    /// The running minimum along `axis`, and where it stands: the latest place at a tie.
    public Indexed cummin(int axis) {
        return Running.extreme(Scan.Kind.MIN, this, axis);
    }

    /// The logarithm of the running sum of exponentials along `axis`, without overflow.
    public Tensor logCumSumExp(int axis) {
        return Running.logSumExp(this, axis);
    }

    // ---- by index

    /// The elements that an index expression names, as in NumPy; see [Index]. Without arrays or
    /// masks it is a view.
    public Tensor at(Index... parts) {
        return Indices.of(shape(), List.of(parts)).read(this);
    }

    /// The part at these places of the first dimensions; negative ones count from the end.
    public Tensor at(int first, int... more) {
        return at(
                IntStream.concat(IntStream.of(first), Arrays.stream(more))
                        .mapToObj(Index::at)
                        .toArray(Index[]::new));
    }

    /// The rows at the places `index` (i64), or where it is true (`bool`).
    public Tensor at(Tensor index) {
        return at(Index.tensor(index));
    }

    /// This tensor with the elements that `parts` names replaced by those of `value`, which
    /// broadcasts; of several for one place the last one stays.
    public Tensor with(Tensor value, Index... parts) {
        return Indices.of(shape(), List.of(parts)).update(this, Scatter.Kind.SET, value);
    }

    /// As [#with(Tensor, Index...)], with one number.
    public Tensor with(double value, Index... parts) {
        return with(scalar(value), parts);
    }

    /// This tensor with `value`, which broadcasts, added to the elements that `parts` names; an
    /// element that is named more than once gets all of them.
    public Tensor withAdded(Tensor value, Index... parts) {
        return Indices.of(shape(), List.of(parts)).update(this, Scatter.Kind.ADD, value);
    }

    /// `y[i, j] = this[index[i, j], j]` for axis 0, and so on; see [org.gemel.op.Gather]. The index
    /// has the rank of this tensor and may be smaller along the other dimensions.
    public Tensor gather(int axis, Tensor index) {
        return Indexing.gather(this, axis, index);
    }

    /// A copy with `y[index[i, j], j] = source[i, j]` for axis 0, and so on; the index may be
    /// smaller than both. See [Scatter].
    public Tensor scatter(int axis, Tensor index, Tensor source) {
        return Indexing.scatter(Scatter.Kind.SET, this, axis, index, source);
    }

    /// As [#scatter], but added.
    public Tensor scatterAdd(int axis, Tensor index, Tensor source) {
        return Indexing.scatter(Scatter.Kind.ADD, this, axis, index, source);
    }

    /// As [#scatter], with all that comes to a place put together in one of the ways of
    /// [Accumulation].
    ///
    /// @param includesSelf whether the elements of this tensor count too
    public Tensor scatterReduce(
            int axis, Tensor index, Tensor source, Accumulation how, boolean includesSelf) {
        return Indexing.scatterReduce(how, includesSelf, this, axis, index, source);
    }

    /// As [#gather], but the other dimensions broadcast and negative indices count from the end.
    public Tensor takeAlong(Tensor index, int axis) {
        return Indexing.takeAlong(this, index, axis);
    }

    /// The elements at the row-major places `index` (i64), in its shape; negative ones count from
    /// the end.
    public Tensor take(Tensor index) {
        return Indexing.take(this, index);
    }

    /// The rows along `axis` that the vector `index` (i64) names.
    public Tensor indexSelect(int axis, Tensor index) {
        return Indexing.indexSelect(this, axis, index);
    }

    /// A copy with the rows of `source` added along `axis` at the places `index` (i64).
    public Tensor indexAdd(int axis, Tensor index, Tensor source) {
        return Indexing.indexPut("indexAdd", Scatter.Kind.ADD, this, axis, index, source);
    }

    /// A copy with the rows along `axis` at the places `index` (i64) replaced by those of `source`.
    public Tensor indexCopy(int axis, Tensor index, Tensor source) {
        return Indexing.indexPut("indexCopy", Scatter.Kind.SET, this, axis, index, source);
    }

    /// As [#scatterReduce], with one index (a vector) for each row of `source`.
    public Tensor indexReduce(
            int axis, Tensor index, Tensor source, Accumulation how, boolean includesSelf) {
        return Indexing.indexReduce(how, includesSelf, this, axis, index, source);
    }

    /// The rows of this matrix that `index` (i64) names, in its shape with one dimension more.
    public Tensor embedding(Tensor index) {
        return embedding(index, Lookup.PLAIN);
    }

    /// As [#embedding(Tensor)]; row `padding` gets no gradient.
    public Tensor embedding(Tensor index, int padding) {
        return embedding(index, Lookup.PLAIN.padding(padding));
    }

    /// As [#embedding(Tensor)], with all that `how` says.
    public Tensor embedding(Tensor index, Lookup how) {
        return Lookups.embedding(this, index, how);
    }

    /// The sum, mean or largest of the rows of this matrix that each row of `index` (i64 `[bags,
    /// n]`) names: `[bags, size]`. What `how` pads with does not count; a bag of nothing is zeros.
    ///
    /// @param weights of the rows, `[bags, n]`, for a sum only
    public Tensor embeddingBag(
            Tensor index, Accumulation kind, Optional<Tensor> weights, Lookup how) {
        return Lookups.bags(this, index, Optional.empty(), kind, weights, how);
    }

    /// As [#embeddingBag(Tensor, Accumulation, Optional, Lookup)] of bags of different sizes, one
    /// after the other in a vector `index`.
    ///
    /// @param offsets (i64 `[bags]`) where each bag begins: 0 first, then ascending
    public Tensor embeddingBag(
            Tensor index, Tensor offsets, Accumulation kind, Optional<Tensor> weights, Lookup how) {
        return Lookups.bags(this, index, Optional.of(offsets), kind, weights, how);
    }

    /// For each class index (i64) a row of `classes` numbers (i64), 1 at the class and 0 elsewhere.
    public Tensor oneHot(int classes) {
        return Indexing.oneHot(this, classes);
    }

    /// This tensor with `value` where `mask` is true; the mask broadcasts.
    public Tensor maskedFill(Tensor mask, double value) {
        return maskedFill(mask, scalar(value));
    }

    /// This tensor with `value` where `mask` is true; both broadcast.
    public Tensor maskedFill(Tensor mask, Tensor value) {
        return Indexing.maskedFill(this, mask, value);
    }

    /// The elements where `mask` is true, row-major; both broadcast. Reads the mask, as the shape
    /// depends on it.
    public Tensor maskedSelect(Tensor mask) {
        return Indexing.maskedSelect(this, mask);
    }

    /// The coordinates (i64, a row each) of all elements that are not zero, row-major. Reads the
    /// tensor, as the shape depends on it.
    public Tensor nonzero() {
        return Indexing.nonzero(this);
    }

    // ---- order

    /// Sorted along `axis`, and where each element was. Stable; NaN counts as largest.
    public Indexed sort(int axis, boolean descending) {
        return Ordering.sort(this, axis, descending);
    }

    /// The indices (i64) that sort along `axis`; see [#sort].
    public Tensor argsort(int axis, boolean descending) {
        return Ordering.argsort(this, axis, descending);
    }

    /// The `k` largest (or smallest) along `axis`, in order, and where they were.
    public Indexed topk(int k, int axis, boolean largest) {
        return Ordering.topk(this, k, axis, largest);
    }

    /// The `k`-th smallest along `axis`, counted from 1; the dimension stays with size 1.
    public Indexed kthValue(int k, int axis) {
        return Ordering.kth(this, k, axis);
    }

    /// The lower of the middle elements along `axis`, or the first NaN; the dimension stays with
    /// size 1.
    public Indexed median(int axis) {
        return Ordering.median(this, axis);
    }

    /// As [#median], of all that is not NaN; NaN if there is nothing else.
    public Indexed nanMedian(int axis) {
        return Statistics.nanMedian(this, axis);
    }

    /// The most frequent element along `axis`, the smallest of several, and the last place that has
    /// it; the dimension stays with size 1.
    public Indexed mode(int axis) {
        return Statistics.mode(this, axis);
    }

    /// Whether each element is one of `values`, as `bool`.
    public Tensor isIn(Tensor values) {
        return Ranges.isIn(this, values);
    }

    /// The integral along `axis`, which disappears, by trapezoids of a width.
    public Tensor trapezoid(double width, int axis) {
        return Statistics.trapezoid(this, width, axis);
    }

    /// The integral along `axis`, which disappears, by trapezoids between `places`, a vector or of
    /// this shape.
    public Tensor trapezoid(Tensor places, int axis) {
        return Statistics.trapezoid(this, places, axis);
    }

    /// The integrals from the first element along `axis` to each other one; see [#trapezoid].
    public Tensor cumulativeTrapezoid(double width, int axis) {
        return Statistics.cumulativeTrapezoid(this, width, axis);
    }

    /// As [#cumulativeTrapezoid(double, int)], between `places`.
    public Tensor cumulativeTrapezoid(Tensor places, int axis) {
        return Statistics.cumulativeTrapezoid(this, places, axis);
    }

    /// The slices along `axis` whose `p`-norm is above `most` scaled down to it.
    public Tensor renorm(double p, int axis, double most) {
        return Statistics.renorm(this, p, axis, most);
    }

    /// The number along `axis` below which a share of them lies, between neighbours on a straight
    /// line; NaN if any is NaN. The dimension goes.
    ///
    /// @param share 0.5 for the median of NumPy, 0 and 1 for the smallest and the largest
    public Tensor quantile(double share, int axis) {
        return quantile(share, axis, Between.LINEAR);
    }

    /// As [#quantile(double, int)], where `between` says what lies between neighbours.
    public Tensor quantile(double share, int axis, Between between) {
        return Ordering.quantile(this, share, axis, between);
    }

    /// As [#quantile(double, int, Between)] of the numbers that are not NaN; NaN where there is
    /// none.
    public Tensor nanQuantile(double share, int axis, Between between) {
        return Statistics.nanQuantile(this, share, axis, between);
    }

    /// How many elements (i64) lie in each of `bins` equal parts of `low` to `high`; the last part
    /// has both its ends, what lies outside is not counted.
    public Tensor histogram(int bins, double low, double high) {
        return Ordering.histogram(this, bins, low, high);
    }

    /// The different elements, ascending, how they make up this tensor and how often they occur.
    /// Reads the tensor, as the shapes depend on it.
    public Unique unique() {
        return Ordering.unique(this);
    }

    /// The different slices along `axis`, in the order of their elements; see [#unique()].
    public Unique unique(int axis) {
        return Ordering.unique(this, axis);
    }

    /// One element of each run of equal ones, row-major; see [#unique()].
    public Unique uniqueConsecutive() {
        return Ordering.uniqueConsecutive(this);
    }

    /// For each value the first index (i64) in this sorted vector, or in these rows, that is not
    /// less than it, or, if `right`, greater.
    public Tensor searchSorted(Tensor values, boolean right) {
        return Ordering.searchSorted(this, values, right);
    }

    /// How often each of the numbers 0, 1, .. occurs in this vector i64, at least `atLeast` of
    /// them. Reads the tensor, as the shape depends on it.
    public Tensor binCount(int atLeast) {
        return Ordering.binCount(this, Optional.empty(), atLeast);
    }

    /// As [#binCount(int)], with the weights of the occurrences added up.
    public Tensor binCount(Tensor weights, int atLeast) {
        return Ordering.binCount(this, Optional.of(weights), atLeast);
    }

    // ---- more movement

    /// Joins tensors of one shape along a new dimension.
    public static Tensor stack(List<Tensor> parts, int axis) {
        return Movements.stack(parts, axis);
    }

    /// Swaps two dimensions.
    public Tensor transpose(int first, int second) {
        return Movements.swapped(this, first, second);
    }

    /// Moves dimension `from` to place `to`.
    public Tensor moveAxis(int from, int to) {
        return Movements.moved(this, new int[] {from}, new int[] {to});
    }

    /// Moves each dimension of `from` to the place in `to`; the others keep their order.
    public Tensor moveAxes(int[] from, int[] to) {
        return Movements.moved(this, from, to);
    }

    /// Reverses the order along `axes`.
    public Tensor flip(int... axes) {
        return Movements.flip(this, axes);
    }

    /// Shifts by `shift` places along `axis`; what leaves at the end comes in at the beginning.
    public Tensor roll(int shift, int axis) {
        return Movements.roll(this, shift, axis);
    }

    /// Repeats the whole `counts[d]` times along each dimension, as `numpy.tile`.
    public Tensor tile(int... counts) {
        return Movements.tile(this, counts);
    }

    /// Repeats each element `count` times along `axis`.
    public Tensor repeatInterleave(int count, int axis) {
        return Movements.repeated(this, count, axis);
    }

    /// Repeats each element along `axis` as often as `counts` (i64, one for each) says; reads them.
    public Tensor repeatInterleave(Tensor counts, int axis) {
        return Movements.repeated(this, counts, axis);
    }

    /// Cuts into parts of the given sizes along `axis`.
    public List<Tensor> split(int axis, int... sizes) {
        return Movements.split(this, axis, sizes);
    }

    /// Cuts into parts of one size along `axis`; the last one may be smaller.
    public List<Tensor> splitEvery(int axis, int size) {
        return Movements.splitEvery(this, axis, size);
    }

    /// Cuts into at most `count` parts along `axis`, all but the last of one size.
    public List<Tensor> chunk(int axis, int count) {
        return Movements.chunk(this, axis, count);
    }

    /// The diagonal of dimensions `first` and `second`, `offset` places to the right of the main
    /// one, as a new last dimension.
    public Tensor diagonal(int offset, int first, int second) {
        return Movements.diagonal(this, offset, first, second);
    }

    /// The sum of the diagonal of the last two dimensions.
    public Tensor trace() {
        if (shape().rank() < 2) {
            throw new TypeException(
                    "trace: expects matrices in the last two dimensions, but got %s; reshape it first"
                            .formatted(type));
        }
        return diagonal(0, -2, -1).sum(-1);
    }

    /// Matrices, as dimensions `first` and `second`, with the last dimension of this tensor on the
    /// diagonal `offset` places to the right of the main one.
    public Tensor diagonalMatrix(int offset, int first, int second) {
        return Movements.diagonalMatrix(this, offset, first, second);
    }

    /// Zeros above the diagonal `diagonal` places to the right of the main one.
    public Tensor lowerTriangle(int diagonal) {
        return Movements.triangle(this, diagonal, true);
    }

    /// Zeros below the diagonal `diagonal` places to the right of the main one.
    public Tensor upperTriangle(int diagonal) {
        return Movements.triangle(this, diagonal, false);
    }

    /// Windows of `size` elements along `axis`, `step` apart, as a new last dimension.
    public Tensor unfold(int axis, int size, int step) {
        return Movements.unfold(this, axis, size, step);
    }

    // ---- linear algebra

    /// The matrix product of the last two dimensions, batched over the others; a vector is a row on
    /// the left and a column on the right, as in NumPy.
    public Tensor matmul(Tensor other) {
        if (shape().rank() == 1 && other.shape().rank() >= 1) {
            return unsqueeze(0).matmul(other).squeeze(other.shape().rank() == 1 ? 0 : -2);
        }
        if (other.shape().rank() == 1 && shape().rank() > 1) {
            return matmul(other.unsqueeze(1)).squeeze(-1);
        }
        return apply(MatMul.MATMUL, this, other);
    }

    /// An affine layer: `this [.., inputs] x weight [outputs, inputs]^T + bias`, one operation.
    ///
    /// @param bias `[outputs]`, or one for each row: `[.., outputs]`
    public Tensor linear(Tensor weight, Tensor bias) {
        return Composites.linear(this, List.of(weight, bias));
    }

    /// [#linear(Tensor, Tensor)] without a bias.
    public Tensor linear(Tensor weight) {
        return Composites.linear(this, List.of(weight));
    }

    // ---- composites

    /// Exponentials along `axis`, divided by their sum.
    public Tensor softmax(int axis) {
        return Composites.softmax(this, axis);
    }

    /// The logarithm of [#softmax], without forming it.
    public Tensor logSoftmax(int axis) {
        return Composites.logSoftmax(this, axis);
    }

    /// `0.5 x (1 + erf(x / sqrt 2))` (Hendrycks and Gimpel, 2016).
    public Tensor gelu() {
        return Composites.gelu(this);
    }

    /// `log(1 + e^x)`, without overflow.
    public Tensor softplus() {
        return Composites.softplus(this);
    }

    /// `x sigmoid(x)`.
    public Tensor silu() {
        return Composites.silu(this);
    }

    /// `log(sigmoid(x))`, without overflow.
    public Tensor logSigmoid() {
        return Activations.logSigmoid(this);
    }

    /// `x` above 0, else `alpha (e^x - 1)` (Clevert and others, 2015).
    public Tensor elu(double alpha) {
        return Activations.elu(this, alpha);
    }

    /// `x` above 0, else `alpha (e^(x / alpha) - 1)` (Barron, 2017).
    public Tensor celu(double alpha) {
        return Activations.celu(this, alpha);
    }

    /// The scaled [#elu] that keeps mean and variance (Klambauer and others, 2017).
    public Tensor selu() {
        return Activations.selu(this);
    }

    /// [#gelu] with the error function approximated by `tanh`.
    public Tensor geluTanh() {
        return Activations.geluTanh(this);
    }

    /// `x tanh(softplus(x))` (Misra, 2019).
    public Tensor mish() {
        return Activations.mish(this);
    }

    /// `log(1 + e^(beta x)) / beta`; `x` where `beta x` is above `threshold`.
    public Tensor softplus(double beta, double threshold) {
        return Activations.softplus(this, beta, threshold);
    }

    /// `x / (1 + |x|)`.
    public Tensor softsign() {
        return Activations.softsign(this);
    }

    /// `x` between the bounds, else the bound; the derivative at a bound is 0, unlike that of
    /// [#clamp(double, double)].
    public Tensor hardtanh(double low, double high) {
        return Activations.hardtanh(this, low, high);
    }

    /// `min(max(x, 0), 6)`.
    public Tensor relu6() {
        return Activations.hardtanh(this, 0, 6);
    }

    /// `relu6(x + 3) / 6`.
    public Tensor hardSigmoid() {
        return Activations.hardSigmoid(this);
    }

    /// `x relu6(x + 3) / 6` (Howard and others, 2019).
    public Tensor hardSwish() {
        return Activations.hardSwish(this);
    }

    /// `x` above 0, else `slope x`.
    public Tensor leakyRelu(double slope) {
        return Activations.leakyRelu(this, slope);
    }

    /// `x` above 0, else `weight x` with one weight, or one for each of dimension 1 (He and others,
    /// 2015).
    public Tensor prelu(Tensor weight) {
        return Activations.prelu(this, weight);
    }

    /// The first half along `axis` times the logistic function of the second (Dauphin and others,
    /// 2016).
    public Tensor glu(int axis) {
        return Activations.glu(this, axis);
    }

    /// `x` where its size is above `edge`, else 0.
    public Tensor hardShrink(double edge) {
        return Activations.hardShrink(this, edge);
    }

    /// `x`, `edge` nearer to 0; 0 where its size is not above `edge`.
    public Tensor softShrink(double edge) {
        return Activations.softShrink(this, edge);
    }

    /// `x - tanh(x)`.
    public Tensor tanhShrink() {
        return Activations.tanhShrink(this);
    }

    /// `x` above `edge`, else `value`.
    public Tensor threshold(double edge, double value) {
        return Activations.threshold(this, edge, value);
    }

    /// The mean cross entropy of logits `[n, classes]` (this) and class indices i64 `[n]` or
    /// probabilities `[n, classes]`.
    public Tensor crossEntropy(Tensor target) {
        return Composites.crossEntropy(this, target);
    }

    /// The mean of the binary cross entropy of logits (this) and targets in `[0, 1]` of the same
    /// shape.
    public Tensor binaryCrossEntropyWithLogits(Tensor target) {
        return Composites.binaryCrossEntropyWithLogits(this, target);
    }

    /// The same indices (i64), once all are known to lie in `0..bound-1`.
    Tensor checkedIndex(int bound, String what) {
        return apply(new CheckIndex(bound, what), this);
    }

    /// As [#checkedIndex(int, String)]; if it `wraps`, negative ones count from the end.
    Tensor checkedIndex(int bound, boolean wraps, String what) {
        return apply(new CheckIndex(bound, wraps, what), this);
    }

    // ---- convolution, pooling, normalisation

    /// As [#conv2d(Tensor, Convolution)] over 1 spatial dimension.
    public Tensor conv1d(Tensor weight, Convolution how) {
        return Convolutions.output(1, this, weight, how);
    }

    /// As [#conv1d(Tensor, Convolution)], plus one number `bias[o]` for each output channel.
    public Tensor conv1d(Tensor weight, Tensor bias, Convolution how) {
        return Convolutions.output(1, this, weight, bias, how);
    }

    /// As [#convTranspose2d(Tensor, Convolution)] over 1 spatial dimension.
    public Tensor convTranspose1d(Tensor weight, Convolution how) {
        return Convolutions.transposed(1, this, weight, how);
    }

    /// As [#convTranspose1d(Tensor, Convolution)], plus `bias[o]` for each output channel.
    public Tensor convTranspose1d(Tensor weight, Tensor bias, Convolution how) {
        return Convolutions.transposed(1, this, weight, bias, how);
    }

    /// Cross-correlation of `[n, channels, height, width]` (or one sample) with a weight `[outputs,
    /// channels / groups, kernel..]`: as it is called in neural networks, a convolution.
    public Tensor conv2d(Tensor weight, Convolution how) {
        return Convolutions.output(2, this, weight, how);
    }

    /// As [#conv2d(Tensor, Convolution)], plus one number `bias[o]` for each output channel.
    public Tensor conv2d(Tensor weight, Tensor bias, Convolution how) {
        return Convolutions.output(2, this, weight, bias, how);
    }

    /// The transpose of a convolution with the same windows, from `[n, channels, height, width]`
    /// with a weight `[channels, outputs / groups, kernel..]`.
    public Tensor convTranspose2d(Tensor weight, Convolution how) {
        return Convolutions.transposed(2, this, weight, how);
    }

    /// As [#convTranspose2d(Tensor, Convolution)], plus `bias[o]` for each output channel.
    public Tensor convTranspose2d(Tensor weight, Tensor bias, Convolution how) {
        return Convolutions.transposed(2, this, weight, bias, how);
    }

    /// As [#conv2d(Tensor, Convolution)] over 3 spatial dimensions.
    public Tensor conv3d(Tensor weight, Convolution how) {
        return Convolutions.output(3, this, weight, how);
    }

    /// As [#conv3d(Tensor, Convolution)], plus one number `bias[o]` for each output channel.
    public Tensor conv3d(Tensor weight, Tensor bias, Convolution how) {
        return Convolutions.output(3, this, weight, bias, how);
    }

    /// As [#convTranspose2d(Tensor, Convolution)] over 3 spatial dimensions.
    public Tensor convTranspose3d(Tensor weight, Convolution how) {
        return Convolutions.transposed(3, this, weight, how);
    }

    /// As [#convTranspose3d(Tensor, Convolution)], plus `bias[o]` for each output channel.
    public Tensor convTranspose3d(Tensor weight, Tensor bias, Convolution how) {
        return Convolutions.transposed(3, this, weight, bias, how);
    }

    /// The largest element of each window over the last 1 dimension; padding never wins. The first
    /// one at a tie takes the derivative.
    public Tensor maxPool1d(Pooling how) {
        return Poolings.max(1, this, how);
    }

    /// As [#maxPool1d], and where each one was found (i64), row-major in the spatial dimensions.
    public List<Tensor> maxPool1dWithIndices(Pooling how) {
        return Poolings.maxWithPlaces(1, this, how);
    }

    /// The values at their places, zeros elsewhere, in a spatial `size`: what
    /// [#maxPool1dWithIndices] picked, put back. Where places repeat, the last one stays.
    public Tensor maxUnpool1d(Tensor places, int... size) {
        return Poolings.unpooled(1, this, places, size);
    }

    /// The mean of each window over the last 1 dimension.
    public Tensor avgPool1d(Pooling how) {
        return Poolings.average(1, this, how);
    }

    /// The root `order` of the sum of powers of each window over the last 1 dimension.
    public Tensor lpPool1d(double order, Pooling how) {
        return Poolings.power(1, this, order, how);
    }

    /// The mean of windows that share the last 1 dimension evenly: window `i` of `m` over `n`
    /// places is `floor(i n / m) .. ceil((i + 1) n / m) - 1`.
    public Tensor adaptiveAvgPool1d(int... output) {
        return Poolings.adaptiveAverage(1, this, output);
    }

    /// The largest element of windows as in [#adaptiveAvgPool1d].
    public Tensor adaptiveMaxPool1d(int... output) {
        return Poolings.adaptiveMax(1, this, output);
    }

    /// As [#adaptiveMaxPool1d], and where each one was found (i64).
    public List<Tensor> adaptiveMaxPool1dWithIndices(int... output) {
        return Poolings.adaptiveMaxWithPlaces(1, this, output);
    }

    /// The largest element of each window over the last 2 dimensions; padding never wins. The first
    /// one at a tie takes the derivative.
    public Tensor maxPool2d(Pooling how) {
        return Poolings.max(2, this, how);
    }

    /// As [#maxPool2d], and where each one was found (i64), row-major in the spatial dimensions.
    public List<Tensor> maxPool2dWithIndices(Pooling how) {
        return Poolings.maxWithPlaces(2, this, how);
    }

    /// As [#maxUnpool1d] over 2 spatial dimensions.
    public Tensor maxUnpool2d(Tensor places, int... size) {
        return Poolings.unpooled(2, this, places, size);
    }

    /// The mean of each window over the last 2 dimensions.
    public Tensor avgPool2d(Pooling how) {
        return Poolings.average(2, this, how);
    }

    /// The root `order` of the sum of powers of each window over the last 2 dimensions.
    public Tensor lpPool2d(double order, Pooling how) {
        return Poolings.power(2, this, order, how);
    }

    /// The mean of windows that share the last 2 dimensions evenly: window `i` of `m` over `n`
    /// places is `floor(i n / m) .. ceil((i + 1) n / m) - 1`.
    public Tensor adaptiveAvgPool2d(int... output) {
        return Poolings.adaptiveAverage(2, this, output);
    }

    /// The largest element of windows as in [#adaptiveAvgPool2d].
    public Tensor adaptiveMaxPool2d(int... output) {
        return Poolings.adaptiveMax(2, this, output);
    }

    /// As [#adaptiveMaxPool2d], and where each one was found (i64).
    public List<Tensor> adaptiveMaxPool2dWithIndices(int... output) {
        return Poolings.adaptiveMaxWithPlaces(2, this, output);
    }

    /// The largest element of each window over the last 3 dimensions; padding never wins. The first
    /// one at a tie takes the derivative.
    public Tensor maxPool3d(Pooling how) {
        return Poolings.max(3, this, how);
    }

    /// As [#maxPool3d], and where each one was found (i64), row-major in the spatial dimensions.
    public List<Tensor> maxPool3dWithIndices(Pooling how) {
        return Poolings.maxWithPlaces(3, this, how);
    }

    /// As [#maxUnpool1d] over 3 spatial dimensions.
    public Tensor maxUnpool3d(Tensor places, int... size) {
        return Poolings.unpooled(3, this, places, size);
    }

    /// The mean of each window over the last 3 dimensions.
    public Tensor avgPool3d(Pooling how) {
        return Poolings.average(3, this, how);
    }

    /// The root `order` of the sum of powers of each window over the last 3 dimensions.
    public Tensor lpPool3d(double order, Pooling how) {
        return Poolings.power(3, this, order, how);
    }

    /// The mean of windows that share the last 3 dimensions evenly: window `i` of `m` over `n`
    /// places is `floor(i n / m) .. ceil((i + 1) n / m) - 1`.
    public Tensor adaptiveAvgPool3d(int... output) {
        return Poolings.adaptiveAverage(3, this, output);
    }

    /// The largest element of windows as in [#adaptiveAvgPool3d].
    public Tensor adaptiveMaxPool3d(int... output) {
        return Poolings.adaptiveMax(3, this, output);
    }

    /// As [#adaptiveMaxPool3d], and where each one was found (i64).
    public List<Tensor> adaptiveMaxPool3dWithIndices(int... output) {
        return Poolings.adaptiveMaxWithPlaces(3, this, output);
    }

    /// What batch normalisation in training gives.
    ///
    /// @param output the normalised input
    /// @param mean the batch's mean of each channel
    /// @param variance the batch's variance of each channel, divided by the count
    /// @param count values of each channel
    public record BatchNorm(Tensor output, Tensor mean, Tensor variance, long count) {
        /// The running mean after this batch: `(1 - momentum) former + momentum mean`.
        public Tensor runningMean(Tensor former, double momentum) {
            return former.mul(1 - momentum).add(mean.detach().mul(momentum));
        }

        /// The running variance after this batch, from the variance divided by `count - 1`.
        public Tensor runningVariance(Tensor former, double momentum) {
            double unbiased = momentum * count / (count - 1);
            return former.mul(1 - momentum).add(variance.detach().mul(unbiased));
        }
    }

    /// Normalises each channel of `[n, channels, ..]` by the batch's mean and variance (Ioffe and
    /// Szegedy, 2015), then scales by `weight` and shifts by `bias`, `[channels]` each, if present.
    public BatchNorm batchNorm(Optional<Tensor> weight, Optional<Tensor> bias, double eps) {
        return Normalizations.batchTrain(this, weight, bias, eps);
    }

    /// As [#batchNorm(Optional, Optional, double)] by a given mean and variance, `[channels]` each.
    public Tensor batchNorm(
            Tensor mean,
            Tensor variance,
            Optional<Tensor> weight,
            Optional<Tensor> bias,
            double eps) {
        return Normalizations.batchEval(this, mean, variance, weight, bias, eps);
    }

    /// Normalises each group of channels of each sample of `[n, channels, ..]` (Wu and He, 2018),
    /// then scales and shifts as in [#batchNorm(Optional, Optional, double)].
    public Tensor groupNorm(
            int groups, Optional<Tensor> weight, Optional<Tensor> bias, double eps) {
        return Normalizations.group("groupNorm", this, groups, weight, bias, eps);
    }

    /// Normalises each channel of each sample of `[n, channels, ..]`.
    public Tensor instanceNorm(Optional<Tensor> weight, Optional<Tensor> bias, double eps) {
        return Normalizations.group(
                "instanceNorm",
                this,
                Math.max(1, shape().rank() < 2 ? 1 : shape().dim(1)),
                weight,
                bias,
                eps);
    }

    /// Normalises over the last `dims` dimensions (Ba, Kiros and Hinton, 2016), then scales and
    /// shifts by tensors of their shape, if present.
    public Tensor layerNorm(int dims, Optional<Tensor> weight, Optional<Tensor> bias, double eps) {
        return Normalizations.layer(this, dims, weight, bias, eps);
    }

    /// `x / sqrt(mean(x x) + eps)` over the last `dims` dimensions, times `weight` of their shape,
    /// if present (Zhang and Sennrich, 2019).
    public Tensor rmsNorm(int dims, Optional<Tensor> weight, double eps) {
        return Normalizations.rootMeanSquare(this, dims, weight, eps);
    }

    /// `x / (k + alpha mean(x x over size neighbouring channels)) ^ beta` of `[n, channels, ..]`
    /// (Krizhevsky, Sutskever and Hinton, 2012).
    public Tensor localResponseNorm(int size, double alpha, double beta, double k) {
        return Normalizations.localResponse(this, size, alpha, beta, k);
    }

    // ---- padding, resizing, windows as columns

    /// `value` around: `before[d]` and `after[d]` of them along each dimension; negative numbers
    /// cut off.
    public Tensor pad(int[] before, int[] after, double value) {
        return Resizing.constant(this, before, after, value);
    }

    /// The elements mirrored at the first and last ones, which are not repeated.
    public Tensor padReflect(int[] before, int[] after) {
        return Resizing.reflect(this, before, after);
    }

    /// The first and last elements repeated.
    public Tensor padReplicate(int[] before, int[] after) {
        return Resizing.replicate(this, before, after);
    }

    /// The elements over again from the other end.
    public Tensor padCircular(int[] before, int[] after) {
        return Resizing.circular(this, before, after);
    }

    /// `[n, channels, spatial..]` at another spatial size; place `i` of `m` reads place `floor(i n
    /// / m)`.
    public Tensor resizeNearest(int... size) {
        return Resizing.nearest(this, size, new double[0]);
    }

    /// As [#resizeNearest], with sizes and steps from a scale for each spatial dimension.
    public Tensor scaleNearest(double... scale) {
        return Resizing.nearest(this, Resizing.scaled(this, scale), scale);
    }

    /// As [#resizeNearest], but element `i` of `m` is the one of `n` whose middle is nearest to its
    /// own: `floor((i + 1/2) n / m)` (PyTorch's `nearest-exact`).
    public Tensor resizeNearestExact(int... size) {
        return Resampling.nearest(this, size, new double[0]);
    }

    /// As [#resizeNearestExact], with sizes and steps from a scale for each spatial dimension.
    public Tensor scaleNearestExact(double... scale) {
        return Resampling.nearest(this, Resizing.scaled(this, scale), scale);
    }

    /// `[n, channels, spatial..]` at another spatial size, interpolated along each dimension by the
    /// cubic convolution with slope -3/4 (Keys, 1981; bicubic for images). Elements at the edges
    /// stand for those beyond.
    ///
    /// @param alignCorners as in [#resizeLinear]
    public Tensor resizeCubic(boolean alignCorners, int... size) {
        return Resampling.cubic(this, size, new double[0], alignCorners);
    }

    /// As [#resizeCubic], with sizes and steps from a scale for each spatial dimension.
    public Tensor scaleCubic(boolean alignCorners, double... scale) {
        return Resampling.cubic(this, Resizing.scaled(this, scale), scale, alignCorners);
    }

    /// `[n, channels, spatial..]` at another spatial size, interpolated linearly along each
    /// dimension (bilinear for images).
    ///
    /// @param alignCorners whether the centres of the corner elements stay where they are, rather
    ///   than the outer edges
    public Tensor resizeLinear(boolean alignCorners, int... size) {
        return Resizing.linear(this, size, new double[0], alignCorners);
    }

    /// As [#resizeLinear], with sizes and steps from a scale for each spatial dimension.
    public Tensor scaleLinear(boolean alignCorners, double... scale) {
        return Resizing.linear(this, Resizing.scaled(this, scale), scale, alignCorners);
    }

    /// `[n, channels, height, width]` at the places of a grid `[n, rows, columns, 2]` of `x` and
    /// `y`, each -1 to 1 from edge to edge (Jaderberg et al., 2015); with a depth, of `x`, `y` and
    /// `z`.
    public Tensor gridSample(Tensor grid, GridSampling how) {
        return GridSamples.sample(this, grid, how);
    }

    /// The grid of [#gridSample] for affine maps `[n, 2, 3]` of the places of images of a size
    /// (height, width), or `[n, 3, 4]` and three sizes.
    public Tensor affineGrid(boolean alignCorners, int... size) {
        return GridSamples.affine(this, alignCorners, size);
    }

    /// `[.., c r r, h, w]` to `[.., c, h r, w r]` (Shi et al., 2016).
    public Tensor pixelShuffle(int factor) {
        return Resizing.shuffled(this, factor);
    }

    /// The inverse of [#pixelShuffle].
    public Tensor pixelUnshuffle(int factor) {
        return Resizing.unshuffled(this, factor);
    }

    /// The windows of `[n, channels, spatial..]` as columns `[n, channels * taps, windows]`
    /// (PyTorch's `unfold`).
    public Tensor im2col(int[] kernel, Convolution how) {
        return WindowCopies.columns(this, kernel, how);
    }

    /// The transpose of [#im2col]: the sums of columns `[n, channels * taps, windows]` at their
    /// places in `[n, channels, output..]` (PyTorch's `fold`).
    public Tensor col2im(int[] output, int[] kernel, Convolution how) {
        return WindowCopies.folded(this, output, kernel, how);
    }

    // ---- to the host

    private void copyTo(MemorySegment target) {
        Context.current().interpreter().copy(this, target);
    }

    /// The only element, as a `double`.
    public double item() {
        if (size() != 1) {
            throw new TypeException(
                    "item: expects one element, but got %s; reduce or slice it first"
                            .formatted(type));
        }
        return toDoubleArray()[0];
    }

    /// Whether the only element is not zero.
    public boolean toBoolean() {
        return item() != 0;
    }

    /// The elements, row-major, as `float`; f64, i32 and i64 are rounded.
    public float[] toFloatArray() {
        if (dtype() == DType.F32) {
            float[] all = new float[Math.toIntExact(size())];
            copyTo(MemorySegment.ofArray(all));
            return all;
        }
        double[] wide = toDoubleArray();
        float[] all = new float[wide.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = (float) wide[i];
        }
        return all;
    }

    /// The elements, row-major, as `double`; i64 beyond 2^53 are rounded.
    public double[] toDoubleArray() {
        double[] all = new double[Math.toIntExact(size())];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(Math.max(1, type.bytes()), 8);
            copyTo(host.asSlice(0, type.bytes()));
            for (int i = 0; i < all.length; i++) {
                all[i] =
                        switch (dtype()) {
                            case F32 -> host.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                            case F64 -> host.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
                            case F16, BF16 ->
                                    dtype().fromBits(host.getAtIndex(ValueLayout.JAVA_SHORT, i));
                            case I32 -> host.getAtIndex(ValueLayout.JAVA_INT, i);
                            case I64 -> host.getAtIndex(ValueLayout.JAVA_LONG, i);
                            case I8, U8, BOOL -> dtype().wrap(host.get(ValueLayout.JAVA_BYTE, i));
                        };
            }
        }
        return all;
    }

    /// The elements, row-major, of an i64 tensor.
    public long[] toLongArray() {
        if (dtype() != DType.I64) {
            throw new TypeException(
                    "toLongArray: expects i64, but got %s; convert it, as in x.to(DType.I64)"
                            .formatted(type));
        }
        long[] all = new long[Math.toIntExact(size())];
        copyTo(MemorySegment.ofArray(all));
        return all;
    }

    /// Values, shape and dtype, aligned; long dimensions are elided. Never fails.
    @Override
    public String toString() {
        return TensorText.of(this);
    }
}
