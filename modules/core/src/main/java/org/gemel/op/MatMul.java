package org.gemel.op;

import java.util.Arrays;
import java.util.List;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// Matrix product of the last two dimensions, batched over the others, which broadcast.
///
/// Each element is one chain `acc = fma(a[i, p], b[p, j], acc)` from 0 with `p` ascending: one
/// fixed order, whatever the engine. Transposes are views and cost no copy.
///
/// Primitive: a broadcast product and a sum would store `m k n` products.
public enum MatMul implements Primitive {
    /// The one operation of this kind.
    MATMUL;

    @Override
    public String label() {
        return "matmul";
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        TensorType a = inputs.getFirst();
        TensorType b = inputs.getLast();
        Binary.sameDtype("matmul", a, b);
        Shape p = a.shape();
        Shape q = b.shape();
        if (p.rank() < 2 || q.rank() < 2 || p.dim(-1) != q.dim(-2)) {
            String hint =
                    p.rank() < 2 || q.rank() < 2
                            ? "reshape vectors to matrices first"
                            : p.dim(-1) == q.dim(-1)
                                    ? "did you mean b.transpose()?"
                                    : "the inner dimensions must be equal";
            throw new TypeException(
                    "matmul: expects [.., m, k] x [.., k, n], but got %s x %s; %s"
                            .formatted(p, q, hint));
        }
        if (!a.dtype().isFloating()) {
            throw new TypeException(
                    "matmul: expects a floating-point type, but got %s; convert both, as in x.to(DType.F32)"
                            .formatted(a));
        }
        Shape batch = Shape.broadcast("matmul", batch(p), batch(q));
        int[] dims = Arrays.copyOf(batch.dims(), batch.rank() + 2);
        dims[dims.length - 2] = p.dim(-2);
        dims[dims.length - 1] = q.dim(-1);
        return a.with(Shape.of(dims));
    }

    /// The dimensions before the last two.
    public static Shape batch(Shape shape) {
        return Shape.of(Arrays.copyOf(shape.dims(), shape.rank() - 2));
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense a = inputs.getFirst();
        Dense b = inputs.getLast();
        TensorType out = type(List.of(a.type(), b.type()));
        int m = out.shape().dim(-2);
        int n = out.shape().dim(-1);
        int k = a.type().shape().dim(-1);
        Shape batch = batch(out.shape());
        Dense matricesA = numbered(a);
        Dense matricesB = numbered(b);
        return Dense.of(
                out,
                i -> {
                    int cell = i / (m * n);
                    int row = (i / n) % m;
                    int column = i % n;
                    int baseA = matricesA.broadcastIndex(batch, cell) * m * k;
                    int baseB = matricesB.broadcastIndex(batch, cell) * k * n;
                    double sum = 0;
                    for (int p = 0; p < k; p++) {
                        sum += a.real(baseA + row * k + p) * b.real(baseB + p * n + column);
                    }
                    return sum;
                });
    }

    // An array with one element for each matrix of `x`.
    private static Dense numbered(Dense x) {
        return Dense.ofLongs(new TensorType(DType.I64, batch(x.type().shape())), i -> i);
    }

    @Override
    public boolean differentiable() {
        return true;
    }

    @Override
    public Tensor batched(List<Tensor> inputs, List<Boolean> batched, int size) {
        return Tensor.apply(this, Primitive.aligned(inputs, batched)).getFirst();
    }

    @Override
    public void vjp(Pullback p) {
        p.give(0, () -> p.g().matmul(p.x(1).transpose()));
        p.give(1, () -> p.x(0).transpose().matmul(p.g()));
    }

    @Override
    public boolean widens() {
        return true;
    }

    @Override
    public String onnx() {
        return "MatMul";
    }

    @Override
    public String toString() {
        return label();
    }
}
