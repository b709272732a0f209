package org.gemel.compiler;

import java.util.EnumSet;
import java.util.Set;
import org.gemel.Shape;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.Binary;
import org.gemel.op.Conv;
import org.gemel.op.Fill;
import org.gemel.op.Iota;
import org.gemel.op.MatMul;
import org.gemel.op.Pointwise;
import org.gemel.op.Reduce;
import org.gemel.op.Unary;

/// How long a region takes on one thread, roughly: good enough to tell steps of a few microseconds
/// from those of a hundred.
final class Cost {
    private static final double CALL_NANOS = 300;
    private static final double ROW_NANOS = 80;
    private static final double NANOS_PER_BYTE = 0.01;
    private static final double NANOS_PER_MULTIPLICATION = 1 / 50.0;
    private static final double NANOS_PER_SIMPLE = 0.015;
    private static final double NANOS_PER_DIVISION = 0.12;
    private static final double NANOS_PER_FUNCTION = 0.5;
    private static final double NANOS_PER_OTHER = 1;

    private static final Set<Unary> SIMPLE =
            EnumSet.of(
                    Unary.NEG,
                    Unary.ABS,
                    Unary.SIGN,
                    Unary.SQUARE,
                    Unary.RELU,
                    Unary.FLOOR,
                    Unary.CEIL,
                    Unary.ROUND,
                    Unary.TRUNC);
    private static final Set<Unary> DIVISIONS =
            EnumSet.of(Unary.SQRT, Unary.RSQRT, Unary.RECIPROCAL);

    private Cost() {}

    /// Microseconds.
    static double micros(Region region) {
        double nanos = CALL_NANOS;
        for (Node.Input input : region.graph().inputs()) {
            nanos += input.type().bytes() * NANOS_PER_BYTE;
        }
        for (Node output : region.graph().outputs()) {
            nanos += output.type().bytes() * NANOS_PER_BYTE;
        }
        for (Node node : region.graph().nodes()) {
            if (node instanceof Node.Apply apply) {
                nanos += nanos(apply);
            }
        }
        return (nanos + rows(region) * ROW_NANOS) / 1000;
    }

    // How many runs of elements are reduced, or taken in by a reduction, one by one.
    private static double rows(Region region) {
        double rows = 0;
        for (Node node : region.graph().nodes()) {
            if (node instanceof Node.Apply apply && apply.op() instanceof Reduce) {
                double results = Math.max(1, apply.type().shape().size());
                boolean columns = region.loop() == Region.Loop.COLUMNS;
                rows = Math.max(rows, columns ? region.space().size() / results : results);
            }
        }
        return rows;
    }

    private static double nanos(Node.Apply apply) {
        double elements = apply.type().shape().size();
        return switch (apply.op()) {
            case MatMul _ ->
                    elements
                            * apply.inputs().getFirst().type().shape().dim(-1)
                            * NANOS_PER_MULTIPLICATION;
            case Conv conv -> multiplications(conv, apply) * NANOS_PER_MULTIPLICATION;
            case Unary unary -> elements * nanos(unary);
            case Binary binary ->
                    elements * (binary == Binary.DIV ? NANOS_PER_DIVISION : NANOS_PER_SIMPLE);
            case Pointwise _, Reduce _, Fill _, Iota _ -> elements * NANOS_PER_SIMPLE;
            default -> elements * NANOS_PER_OTHER;
        };
    }

    private static double nanos(Unary unary) {
        if (SIMPLE.contains(unary)) {
            return NANOS_PER_SIMPLE;
        }
        return DIVISIONS.contains(unary) ? NANOS_PER_DIVISION : NANOS_PER_FUNCTION;
    }

    // Each element of the larger side meets the taps of its group's channels.
    private static double multiplications(Conv conv, Node.Apply apply) {
        Node first = apply.inputs().getFirst();
        Node last = apply.inputs().getLast();
        return switch (conv.kind()) {
            case OUTPUT -> met(apply, last);
            case INPUT -> met(first, last);
            case WEIGHT -> met(last, apply);
        };
    }

    private static double met(Node output, Node weight) {
        Shape taps = weight.type().shape();
        return (double) output.type().shape().size() * taps.size() / Math.max(1, taps.dim(0));
    }
}
