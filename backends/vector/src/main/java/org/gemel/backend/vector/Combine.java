package org.gemel.backend.vector;

import java.util.List;
import org.gemel.DType;
import org.gemel.backend.vector.Body.Operand;
import org.gemel.backend.vector.Body.Stage;
import org.gemel.backend.vector.Body.Step;
import org.gemel.backend.vector.Body.Store;
import org.gemel.op.Binary;
import org.gemel.op.Reduce;

/// What reductions of every loop structure share.
final class Combine {
    private Combine() {}

    /// A loop of three operands: the elements of the first and the second combined to the third.
    static Loop loop(VectorBackend backend, Reduce.Kind kind, DType dtype) {
        Step step = new Step(operation(kind), List.of(0, 1), 2, dtype);
        Stage stage = new Stage(false, List.of(step), List.of(new Store(2, 2)), List.of());
        return backend.loops()
                .of(
                        new Body(
                                List.of(
                                        new Operand(0, dtype, false),
                                        new Operand(1, dtype, false),
                                        new Operand(-1, dtype, false)),
                                List.of(),
                                List.of(stage)));
    }

    private static Binary operation(Reduce.Kind kind) {
        return switch (kind) {
            case SUM -> Binary.ADD;
            case PROD -> Binary.MUL;
            case MAX -> Binary.MAX;
            case MIN -> Binary.MIN;
        };
    }

    /// Writes `n` times the element that changes nothing.
    static void fill(Reduce.Kind kind, DType dtype, long address, long n) {
        if (kind == Reduce.Kind.SUM) {
            Memory.clear(address, n * dtype.bytes());
            return;
        }
        Fills.fill(dtype, identity(kind, dtype), address, n);
    }

    /// The raw bits of the element that changes nothing.
    static long identity(Reduce.Kind kind, DType dtype) {
        boolean max = kind == Reduce.Kind.MAX;
        return switch (kind) {
            case SUM -> 0;
            case PROD -> Fills.bits(dtype, 1);
            case MAX, MIN ->
                    switch (dtype) {
                        case F32, F64, F16, BF16 ->
                                Fills.bits(
                                        dtype,
                                        max ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
                        case I32 -> max ? Integer.MIN_VALUE : Integer.MAX_VALUE;
                        case I64 -> max ? Long.MIN_VALUE : Long.MAX_VALUE;
                        case I8 -> max ? Byte.MIN_VALUE : Byte.MAX_VALUE;
                        case U8 -> max ? 0 : 0xFF;
                        case BOOL -> max ? 0 : 1;
                    };
        };
    }
}
