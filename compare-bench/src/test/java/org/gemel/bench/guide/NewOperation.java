package org.gemel.bench.guide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.gemel.DType;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.op.Dense;
import org.gemel.op.Unary;
import org.gemel.testkit.GradCheck;
import org.gemel.testkit.HostTensors;
import org.gemel.testkit.Modes;

/// Checks a row that the classes this was compiled against do not have yet: its method of `Tensor`
/// gives the row's meaning in all modes, the same bits in each, and both derivatives are right.
final class NewOperation {
    private NewOperation() {}

    /// The argument is the label of the row.
    public static void main(String[] arguments) throws ReflectiveOperationException {
        Unary row = Unary.valueOf(arguments[0].toUpperCase(Locale.ROOT));
        UnaryOperator<List<Tensor>> call = call(arguments[0]);
        for (DType dtype : List.of(DType.F32, DType.F64)) {
            values(row, call, dtype);
        }
        Dense at = sample(row, DType.F64, 5);
        for (Modes mode : Modes.values()) {
            GradCheck.in(mode).check(call, List.of(HostTensors.tensor(at)));
        }
    }

    private static Dense sample(Unary row, DType dtype, int size) {
        TensorType type = TensorType.of(dtype, size);
        return HostTensors.random(type, row.samples(), new SplittableRandom(1));
    }

    private static UnaryOperator<List<Tensor>> call(String name)
            throws ReflectiveOperationException {
        MethodHandle method =
                MethodHandles.lookup()
                        .findVirtual(Tensor.class, name, MethodType.methodType(Tensor.class));
        return in -> {
            try {
                return List.of((Tensor) method.invokeExact(in.getFirst()));
            } catch (Throwable e) {
                throw new AssertionError(name, e);
            }
        };
    }

    private static void values(Unary row, UnaryOperator<List<Tensor>> call, DType dtype) {
        Dense x = sample(row, dtype, 1_031);
        Dense want = row.reference(List.of(x));
        Dense first = result(Modes.EAGER, call, x);
        for (Modes mode : Modes.values()) {
            Dense got = result(mode, call, x);
            for (int i = 0; i < want.size(); i++) {
                long ulps = HostTensors.ulps(dtype, want.real(i), got.real(i));
                assertTrue(ulps <= row.ulps(), row + "(" + x.real(i) + "): " + ulps + " ulps");
                assertEquals(first.real(i), got.real(i), "bits of mode " + mode);
            }
        }
    }

    private static Dense result(Modes mode, UnaryOperator<List<Tensor>> call, Dense x) {
        return HostTensors.dense(mode.run(call, List.of(HostTensors.tensor(x))).getFirst());
    }
}
