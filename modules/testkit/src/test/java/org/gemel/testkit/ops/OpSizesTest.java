package org.gemel.testkit.ops;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.gemel.Context;
import org.gemel.DType;
import org.gemel.Gradients;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.op.Dense;
import org.gemel.testkit.HostTensors;
import org.gemel.testkit.Modes;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Every operation and its slopes at awkward sizes: the same bits in both modes, and what the
/// reference evaluator says.
final class OpSizesTest {
    private static final int[] SIZES = {0, 1, 3, 17, 207, 4098};

    // Slopes add up more roundings than results.
    private static final int SLOPES = 64;

    // All types but the first are tested at one size, and without slopes.
    private static final int ONE_SIZE = 17;

    @TestFactory
    Stream<DynamicTest> bothModesAgreeWithTheReference() {
        return OpCases.all().stream()
                .map(row -> DynamicTest.dynamicTest(row.toString(), () -> check(row)));
    }

    private static void check(OpCase row) {
        List<DType> dtypes = row.dtypes();
        assertTrue(
                !row.differentiable() || dtypes.containsAll(List.of(DType.F32, DType.F64)),
                () -> row + " takes only " + dtypes);
        for (DType dtype : dtypes) {
            for (int n : SIZES) {
                boolean wanted = n >= row.sizes().smallest() && n <= row.sizes().largest();
                if (wanted && (dtype == dtypes.getFirst() || n == ONE_SIZE)) {
                    check(row, dtype, n, dtype == dtypes.getFirst());
                }
            }
        }
    }

    private static void check(OpCase row, DType dtype, int n, boolean slopes) {
        List<Dense> inputs = row.inputs(dtype, n);
        UnaryOperator<List<Tensor>> f =
                slopes && row.differentiable() ? withSlopes(row.call()) : row.call();
        List<Dense> eager = dense(Modes.EAGER.run(f, tensors(inputs)));
        List<Dense> traced = dense(Modes.TRACED.run(f, tensors(inputs)));
        Observer forward = new Observer();
        int results = forward.call(() -> row.call().apply(tensors(inputs)).size());
        Observer reference = new Observer();
        List<Dense> want = reference.call(() -> dense(f.apply(tensors(inputs))));
        for (int i = 0; i < want.size(); i++) {
            String what =
                    "%s %s n=%d %s %d: "
                            .formatted(
                                    row,
                                    dtype,
                                    n,
                                    i < results ? "result" : "slope",
                                    i < results ? i : i - results);
            compare(what + "traced against eager", eager.get(i), traced.get(i), 0, 0);
            boolean exact = (i < results ? forward : reference).exact();
            long ulps = exact ? 0 : row.ulps() * (i < results ? 1L : SLOPES);
            double scale = Math.max(largest(inputs), largest(List.of(want.get(i))));
            compare(what + "eager against reference", want.get(i), eager.get(i), ulps, scale);
        }
    }

    // Results, and the slopes of the sum of their squares.
    private static UnaryOperator<List<Tensor>> withSlopes(UnaryOperator<List<Tensor>> f) {
        return in -> {
            List<Tensor> all = new ArrayList<>(f.apply(in));
            List<Boolean> wanted = in.stream().map(x -> x.dtype().isFloating()).toList();
            Tensor one = Tensor.full(TensorType.of(DType.F64), 1);
            List<Optional<Tensor>> slopes =
                    Gradients.pull(
                            x -> List.of(squares(f.apply(x))),
                            in,
                            List.of(Optional.of(one)),
                            wanted,
                            Context.current());
            for (Optional<Tensor> slope : slopes) {
                slope.ifPresent(all::add);
            }
            return all;
        };
    }

    private static Tensor squares(List<Tensor> results) {
        Tensor sum = Tensor.full(TensorType.of(DType.F64), 0);
        for (Tensor result : results) {
            if (result.dtype().isFloating()) {
                sum = sum.add(result.square().sum().to(DType.F64));
            }
        }
        return sum;
    }

    private static void compare(String what, Dense want, Dense got, long ulps, double scale) {
        assertTrue(
                want.type().equals(got.type()),
                () -> what + ": " + got.type() + " instead of " + want.type());
        DType dtype = want.type().dtype();
        boolean real = dtype.isFloating();
        double bound = real ? ulps * ulp(dtype, scale) : 0;
        for (int i = 0; i < want.size(); i++) {
            boolean same =
                    real
                            ? near(dtype, want.real(i), got.real(i), ulps, bound)
                            : want.integer(i) == got.integer(i);
            if (!same) {
                throw new AssertionError(
                        "%s: element %d of %s is %s instead of %s (%s ulp, scale %s)"
                                .formatted(
                                        what,
                                        i,
                                        want.type(),
                                        real ? got.real(i) : got.integer(i),
                                        real ? want.real(i) : want.integer(i),
                                        real
                                                ? (got.real(i) - want.real(i)) / ulp(dtype, scale)
                                                : "",
                                        scale));
            }
        }
    }

    private static boolean near(DType dtype, double want, double got, long ulps, double bound) {
        return HostTensors.ulps(dtype, want, got) <= ulps || Math.abs(want - got) <= bound;
    }

    // The distance of numbers of a type at `x`.
    private static double ulp(DType dtype, double x) {
        return switch (dtype) {
            case F64 -> Math.ulp(x);
            case F32 -> Math.ulp((float) x);
            case F16 -> Math.ulp((float) x) * (1 << 13);
            case BF16 -> Math.ulp((float) x) * (1 << 16);
            case I32, I64, I8, U8, BOOL -> 0;
        };
    }

    private static double largest(List<Dense> all) {
        double largest = 0;
        for (Dense one : all) {
            for (int i = 0; one.type().dtype().isFloating() && i < one.size(); i++) {
                double size = Math.abs(one.real(i));
                largest = Double.isFinite(size) ? Math.max(largest, size) : largest;
            }
        }
        return largest;
    }

    private static List<Tensor> tensors(List<Dense> inputs) {
        return inputs.stream().map(HostTensors::tensor).toList();
    }

    private static List<Dense> dense(List<Tensor> tensors) {
        return tensors.stream().map(HostTensors::dense).toList();
    }
}
