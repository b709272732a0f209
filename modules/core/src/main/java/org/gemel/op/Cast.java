package org.gemel.op;

import java.util.List;
import org.gemel.DType;
import org.gemel.TensorType;

/// Converts each element to another dtype.
///
/// Reals to integers truncate toward zero, saturate and send NaN to 0, as a Java cast does; numbers
/// to `bool` ask whether they are not zero. To and from a narrow type by way of [DType#wide()]: to
/// i8 and u8 the low 8 bits of the i32, to f16 and bf16 the f32 rounded to the nearest, ties to
/// even. Differentiable between floating-point types.
///
/// Primitive: nothing else changes the dtype.
///
/// @param to the dtype of the output
public record Cast(DType to) implements Pointwise {
    @Override
    public String label() {
        return "cast";
    }

    @Override
    public int arity() {
        return 1;
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        return inputs.getFirst().with(to);
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense x = inputs.getFirst();
        TensorType out = x.type().with(to);
        if (!x.type().dtype().isFloating()) {
            // an i64 by way of a double would be rounded twice
            return to.wide() == DType.F32
                    ? Dense.of(out, i -> (float) x.integer(i))
                    : Dense.ofLongs(out, x::integer);
        }
        return switch (to) {
            case F32, F64, F16, BF16 -> Dense.of(out, x::real);
            case I32, I8, U8 -> Dense.ofLongs(out, i -> (int) x.real(i));
            case I64 -> Dense.ofLongs(out, i -> (long) x.real(i));
            case BOOL -> Dense.ofLongs(out, i -> x.real(i) != 0 ? 1 : 0);
        };
    }

    @Override
    public boolean differentiable() {
        return to.isFloating();
    }

    @Override
    public void vjp(Pullback p) {
        if (p.type(0).dtype().isFloating()) {
            p.give(0, () -> p.g().to(p.type(0).dtype()));
        }
    }

    @Override
    public String onnx() {
        return "Cast";
    }

    @Override
    public String toString() {
        return "cast(" + to + ")";
    }
}
