package org.gemel.backend.vector;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.TensorType;
import org.gemel.ir.Graph;
import org.gemel.ir.Node;
import org.gemel.op.Binary;
import org.gemel.op.Dense;
import org.gemel.op.Pointwise;
import org.gemel.op.Unary;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every function of reals keeps the bound of its row on numbers from the whole range of the type:
/// both signs, every exponent, denormals, infinities and NaN.
final class AccuracyTest {
    private static final int COUNT = 1 << 15;

    @RegisterExtension private static final RunningBackend BACKEND = new RunningBackend();

    /// A function and a type.
    record Case(Pointwise op, DType dtype) {}

    static Stream<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (DType dtype : List.of(DType.F32, DType.F64)) {
            for (Unary op : Unary.values()) {
                cases.add(new Case(op, dtype));
            }
            for (Binary op : Binary.values()) {
                if (op.accepts(dtype)) {
                    cases.add(new Case(op, dtype));
                }
            }
        }
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void keepsTheBoundOfItsRow(Case each) {
        TensorType type = TensorType.of(each.dtype, COUNT);
        List<Dense> inputs = new ArrayList<>();
        for (int i = 0; i < each.op.arity(); i++) {
            inputs.add(Dense.of(type, numbers(each.dtype, i)));
        }
        List<Node.Input> nodes = inputs.stream().map(in -> new Node.Input("x", in.type())).toList();
        Node node = Node.Apply.of(each.op, List.copyOf(nodes), Optional.empty());
        try (Programs programs = new Programs(BACKEND.get(), true)) {
            Dense got = programs.run(new Graph(nodes, List.of(node)), inputs).getFirst();
            Dense want = each.op.reference(inputs);
            for (int i = 0; i < COUNT; i++) {
                long ulps =
                        Math.abs(order(each.dtype, got.real(i)) - order(each.dtype, want.real(i)));
                if (ulps > each.op.ulps()) {
                    List<Double> at = new ArrayList<>();
                    for (Dense input : inputs) {
                        at.add(input.real(i));
                    }
                    fail(
                            "%s%s is %s, but got %s: %d ulps"
                                    .formatted(each.op, at, want.real(i), got.real(i), ulps));
                }
            }
        }
    }

    // In turn: bits at equal distances, numbers near 1, and whole numbers.
    private static IntToDoubleFunction numbers(DType dtype, int input) {
        SplittableRandom random = new SplittableRandom(input);
        return i ->
                switch (i % 4) {
                    case 0, 1 -> bits(dtype, input == 0 ? i : random.nextInt(COUNT));
                    case 2 -> (random.nextDouble() - 0.5) * (1 << random.nextInt(12));
                    default -> random.nextInt(-300, 300) * 0.5;
                };
    }

    private static double bits(DType dtype, int i) {
        long step = 0x9e3779b97f4a7c15L * i;
        return dtype == DType.F32
                ? Float.intBitsToFloat((int) (step >>> 32))
                : Double.longBitsToDouble(step);
    }

    // Neighbours are one apart; zeros are equal, NaN is far from everything.
    private static long order(DType dtype, double x) {
        if (Double.isNaN(x)) {
            return Long.MAX_VALUE / 4;
        }
        long bits =
                dtype == DType.F32
                        ? Float.floatToRawIntBits((float) Math.abs(x))
                        : Double.doubleToRawLongBits(Math.abs(x));
        return x < 0 ? -bits : bits;
    }
}
