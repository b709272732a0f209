package org.gemel.testkit;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.gemel.ir.Graph;
import org.gemel.ir.Node;
import org.gemel.ir.ReferenceEvaluator;
import org.gemel.op.Dense;
import org.gemel.op.Samples;

/// Checks that a rewrite keeps the meaning of a graph, by evaluating it before and after on
/// generated inputs.
///
/// @param seed where the inputs come from
/// @param ulps how far results may differ in representable numbers; 0 asks for equal bits
/// @param extremes whether inputs hold zeros of both signs, infinities and NaN too, and the least
///   and largest integers
public record RewriteCheck(long seed, long ulps, boolean extremes) {
    private static final int ROUNDS = 32;
    private static final double[] EXTREMES = {
        0.0, -0.0, 1, -1, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN, 1e-30
    };

    /// For rewrites that keep every bit.
    public static RewriteCheck exact() {
        return new RewriteCheck(1, 0, true);
    }

    /// For rewrites that round differently.
    public static RewriteCheck relaxed(long ulps) {
        return new RewriteCheck(1, ulps, false);
    }

    /// Fails unless `rewrite` keeps the meaning of `graph`; returns the graph after it.
    ///
    /// @throws AssertionError with seed, output and element of the first difference
    public Graph check(Graph graph, UnaryOperator<Graph> rewrite) {
        Graph after = rewrite.apply(graph);
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < ROUNDS; round++) {
            List<Dense> inputs =
                    graph.inputs().stream().map(input -> sample(input, random)).toList();
            List<Dense> wants = ReferenceEvaluator.run(graph, inputs);
            List<Dense> found = ReferenceEvaluator.run(after, inputs);
            for (int i = 0; i < wants.size(); i++) {
                compare(i, wants.get(i), found.get(i));
            }
        }
        return after;
    }

    private Dense sample(Node.Input input, SplittableRandom random) {
        Dense plain = HostTensors.random(input.type(), Samples.ANY, random);
        if (!extremes) {
            return plain;
        }
        long[] integers =
                switch (input.type().dtype()) {
                    case I32 -> new long[] {Integer.MIN_VALUE, Integer.MAX_VALUE, -1, 0, 1};
                    case I64 -> new long[] {Long.MIN_VALUE, Long.MAX_VALUE, -1, 0, 1};
                    case I8 -> new long[] {Byte.MIN_VALUE, Byte.MAX_VALUE, -1, 0, 1};
                    case U8 -> new long[] {127, 128, 255, 0, 1};
                    case BOOL, F32, F64, F16, BF16 -> new long[0];
                };
        if (integers.length > 0) {
            return Dense.ofLongs(
                    input.type(),
                    i ->
                            random.nextInt(2) == 0
                                    ? integers[random.nextInt(integers.length)]
                                    : plain.integer(i));
        }
        if (!input.type().dtype().isFloating()) {
            return plain;
        }
        return Dense.of(
                input.type(),
                i ->
                        random.nextInt(2) == 0
                                ? EXTREMES[random.nextInt(EXTREMES.length)]
                                : plain.real(i));
    }

    private void compare(int output, Dense want, Dense got) {
        if (!want.type().equals(got.type())) {
            throw new AssertionError(
                    "output %d was %s and is %s".formatted(output, want.type(), got.type()));
        }
        boolean real = want.type().dtype().isFloating();
        for (int i = 0; i < want.size(); i++) {
            boolean same =
                    real
                            ? HostTensors.ulps(want.type().dtype(), want.real(i), got.real(i))
                                    <= ulps
                            : want.integer(i) == got.integer(i);
            if (!same) {
                throw new AssertionError(
                        "output %d, element %d was %s and is %s (seed %d)"
                                .formatted(output, i, want.real(i), got.real(i), seed));
            }
        }
    }
}
