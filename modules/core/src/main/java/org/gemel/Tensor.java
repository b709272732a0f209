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
                    "withGrad: expects f32 or f64, but got %s; only real numbers have derivatives"
                            .formatted(type));
        }
        Tensor leaf = alias(null);
        leaf.node = GradNode.leaf(type, Optional.of(new Slot("grad")));
        return leaf;
    }

    /// Whether operations on this tensor are recorded for derivatives.
    public boolean requiresGrad() {
        return node != null;
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
        Tensor one = full(type, 1);
        Gradients.backward(this, one, keep);
    }

    // ---- dispatch: every operation passes here

    /// Applies any operation.
    public static List<Tensor> apply(Op op, List<Tensor> inputs) {
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
        return apply(new Fill(type, value), List.of()).getFirst();
    }

    /// The numbers `0..count-1`.
    public static Tensor arange(int count, DType dtype) {
        return apply(new Iota(TensorType.of(dtype, count)), List.of()).getFirst();
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

    /// Both, for `bool`.
    public Tensor and(Tensor other) {
        return apply(Logical.AND, this, other);
    }

    /// At least one, for `bool`.
    public Tensor or(Tensor other) {
        return apply(Logical.OR, this, other);
    }

    /// Exactly one, for `bool`.
    public Tensor xor(Tensor other) {
        return apply(Logical.XOR, this, other);
    }

    /// The opposite, for `bool`.
    public Tensor not() {
        return xor(scalar(1));
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
        dims.add(axis < 0 ? axis + dims.size() + 1 : axis, 1);
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
        double count = Arrays.stream(axes(axes)).mapToLong(shape()::dim).reduce(1, (a, b) -> a * b);
        return sum(axes).div(count);
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

    /// An affine layer: `this [.., inputs] x weight [outputs, inputs]^T + bias [outputs]`, one
    /// operation.
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

    // ---- to the host

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

    /// The elements, row-major, as `float`; f64 and integers are rounded.
    public float[] toFloatArray() {
        if (dtype() == DType.F32) {
            float[] all = new float[Math.toIntExact(size())];
            value().copyTo(MemorySegment.ofArray(all));
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
            value().copyTo(host.asSlice(0, type.bytes()));
            for (int i = 0; i < all.length; i++) {
                all[i] =
                        switch (dtype()) {
                            case F32 -> host.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                            case F64 -> host.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
                            case I32 -> host.getAtIndex(ValueLayout.JAVA_INT, i);
                            case I64 -> host.getAtIndex(ValueLayout.JAVA_LONG, i);
                            case BOOL -> host.get(ValueLayout.JAVA_BYTE, i);
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
        value().copyTo(MemorySegment.ofArray(all));
        return all;
    }

    /// Values, shape and dtype, aligned; long dimensions are elided. Never fails.
    @Override
    public String toString() {
        return TensorText.of(this);
    }
}
