package org.gemel.op;

import java.util.List;
import java.util.Locale;
import java.util.function.LongBinaryOperator;
import org.gemel.Shape;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// Point-wise operations of two inputs, both `bool` or both of one integer type, which broadcast;
/// the output has that type. Integers are combined bit by bit.
public enum Logical implements Pointwise {
    /// Both.
    ///
    /// Primitive: the bits of integers are out of reach of arithmetic.
    AND((a, b) -> a & b, "And"),
    /// At least one.
    ///
    /// Primitive: the bits of integers are out of reach of arithmetic.
    OR((a, b) -> a | b, "Or"),
    /// Exactly one; `not` is XOR with true, or with all bits set.
    ///
    /// Primitive: the bits of integers are out of reach of arithmetic.
    XOR((a, b) -> a ^ b, "Xor");

    private final LongBinaryOperator meaning;
    private final String onnx;
    private final String label;

    Logical(LongBinaryOperator meaning, String onnx) {
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
        if (a.dtype() != b.dtype() || a.dtype().isFloating()) {
            throw new TypeException(
                    "%s: expects bool or integers of one type, but got %s and %s; compare first, as"
                                    .formatted(label, a, b)
                            + " in x.ne(0)");
        }
        return a.with(Shape.broadcast(label, a.shape(), b.shape()));
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense a = inputs.getFirst();
        Dense b = inputs.getLast();
        return Binary.combined(type(List.of(a.type(), b.type())), meaning, a, b);
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
