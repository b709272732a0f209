package org.gemel.op;

import java.util.List;
import java.util.Locale;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.TensorType;

/// Point-wise comparisons of two inputs of one type, which broadcast; the output is `bool`.
///
/// NaN compares false with everything, and true under [#NE]. No derivative.
public enum Compare implements Pointwise {
    /// `a == b`; `-0.0` equals `0.0`.
    ///
    /// Primitive: what makes `bool` from numbers.
    EQ((a, b) -> a == b, "Equal"),
    /// `a != b`.
    ///
    /// Primitive: NaN differs from itself; also one operation less than `not eq`.
    NE((a, b) -> a != b, ""),
    /// `a < b`.
    ///
    /// Primitive: what makes `bool` from numbers.
    LT((a, b) -> a < b, "Less"),
    /// `a <= b`.
    ///
    /// Primitive: `not gt` is true of NaN.
    LE((a, b) -> a <= b, "LessOrEqual"),
    /// `a > b`.
    ///
    /// Primitive: `lt` with its inputs exchanged, kept so that derivatives and graphs read as
    /// written.
    GT((a, b) -> a > b, "Greater"),
    /// `a >= b`.
    ///
    /// Primitive: `not lt` is true of NaN.
    GE((a, b) -> a >= b, "GreaterOrEqual");

    @FunctionalInterface
    private interface Meaning {
        boolean holds(double a, double b);
    }

    private final Meaning meaning;
    private final String onnx;
    private final String label;

    Compare(Meaning meaning, String onnx) {
        this.meaning = meaning;
        this.onnx = onnx;
        this.label = name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public int arity() {
        return 2;
    }

    @Override
    public boolean differentiable() {
        return false;
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        TensorType a = inputs.getFirst();
        TensorType b = inputs.getLast();
        Binary.sameDtype(label, a, b);
        return new TensorType(DType.BOOL, Shape.broadcast(label, a.shape(), b.shape()));
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense a = inputs.getFirst();
        Dense b = inputs.getLast();
        TensorType out = type(List.of(a.type(), b.type()));
        boolean integers = !a.type().dtype().isFloating();
        return Dense.ofLongs(
                out,
                i -> {
                    int p = a.broadcastIndex(out.shape(), i);
                    int q = b.broadcastIndex(out.shape(), i);
                    boolean result =
                            integers
                                    ? meaning.holds(Long.compare(a.integer(p), b.integer(q)), 0)
                                    : meaning.holds(a.real(p), b.real(q));
                    return result ? 1 : 0;
                });
    }

    @Override
    public void vjp(Pullback p) {}

    @Override
    public String onnx() {
        return onnx;
    }

    @Override
    public String toString() {
        return label;
    }
}
