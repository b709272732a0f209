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
    EQ("Equal") {
        @Override
        boolean holds(double a, double b) {
            return a == b;
        }
    },
    /// `a != b`.
    ///
    /// Primitive: NaN differs from itself; also one operation less than `not eq`.
    NE("") {
        @Override
        boolean holds(double a, double b) {
            return a != b;
        }
    },
    /// `a < b`.
    ///
    /// Primitive: what makes `bool` from numbers.
    LT("Less") {
        @Override
        boolean holds(double a, double b) {
            return a < b;
        }
    },
    /// `a <= b`.
    ///
    /// Primitive: `not gt` is true of NaN.
    LE("LessOrEqual") {
        @Override
        boolean holds(double a, double b) {
            return a <= b;
        }
    },
    /// `a > b`.
    ///
    /// Primitive: `lt` with its inputs exchanged, kept so that derivatives and graphs read as
    /// written.
    GT("Greater") {
        @Override
        boolean holds(double a, double b) {
            return a > b;
        }
    },
    /// `a >= b`.
    ///
    /// Primitive: `not lt` is true of NaN.
    GE("GreaterOrEqual") {
        @Override
        boolean holds(double a, double b) {
            return a >= b;
        }
    };

    private final String onnx;
    private final String label;

    Compare(String onnx) {
        this.onnx = onnx;
        this.label = name().toLowerCase(Locale.ROOT);
    }

    abstract boolean holds(double a, double b);

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
                                    ? holds(Long.compare(a.integer(p), b.integer(q)), 0)
                                    : holds(a.real(p), b.real(q));
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
