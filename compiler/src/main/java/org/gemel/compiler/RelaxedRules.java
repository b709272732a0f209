package org.gemel.compiler;

import static org.gemel.compiler.Match.is;
import static org.gemel.compiler.Match.isReal;
import static org.gemel.compiler.Match.operand;
import static org.gemel.compiler.Match.put;
import static org.gemel.compiler.Match.same;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.gemel.DType;
import org.gemel.ir.Node;
import org.gemel.op.Binary;
import org.gemel.op.Unary;

/// The rewrites of [Rules] that keep the mathematics.
final class RelaxedRules {
    private RelaxedRules() {}

    static Optional<Node> zeroSummand(Node.Apply node, List<Node> operands) {
        boolean sum = node.op() == Binary.ADD;
        if ((sum || node.op() == Binary.SUB) && is(operands.get(1), 0)) {
            return same(node, operands.get(0));
        }
        return sum && is(operands.get(0), 0) ? same(node, operands.get(1)) : Optional.empty();
    }

    static Optional<Node> zeroFactor(Node.Apply node, List<Node> operands) {
        return node.op() == Binary.MUL && (is(operands.get(0), 0) || is(operands.get(1), 0))
                ? Match.filled(node, 0)
                : Optional.empty();
    }

    static Optional<Node> equalDifference(Node.Apply node, List<Node> operands) {
        return node.op() == Binary.SUB && operands.get(0) == operands.get(1)
                ? Match.filled(node, 0)
                : Optional.empty();
    }

    static Optional<Node> equalQuotient(Node.Apply node, List<Node> operands) {
        return node.op() == Binary.DIV && isReal(node) && operands.get(0) == operands.get(1)
                ? Match.filled(node, 1)
                : Optional.empty();
    }

    static Optional<Node> negatedDifference(Node.Apply node, List<Node> operands) {
        return node.op() == Unary.NEG
                        && operands.getFirst() instanceof Node.Apply(var op, var inner, _, _)
                        && op == Binary.SUB
                ? put(node, Binary.SUB, inner.get(1), inner.get(0))
                : Optional.empty();
    }

    static Optional<Node> divisionByConstant(Node.Apply node, List<Node> operands) {
        if (node.op() != Binary.DIV || !isReal(node)) {
            return Optional.empty();
        }
        OptionalDouble divisor = Match.constant(operands.get(1));
        if (divisor.isEmpty() || !isNormal(1 / divisor.getAsDouble(), node.type().dtype())) {
            return Optional.empty();
        }
        Node factor = Match.scalar(node, operands.get(1), 1 / divisor.getAsDouble());
        return put(node, Binary.MUL, operands.get(0), factor);
    }

    static Optional<Node> constantFactors(Node.Apply node, List<Node> operands) {
        return node.op() == Binary.MUL ? together(node, operands) : Optional.empty();
    }

    static Optional<Node> constantSummands(Node.Apply node, List<Node> operands) {
        return node.op() == Binary.ADD ? together(node, operands) : Optional.empty();
    }

    private static Optional<Node> together(Node.Apply node, List<Node> operands) {
        DType dtype = node.type().dtype();
        boolean sum = node.op() == Binary.ADD;
        return isReal(node)
                ? Match.together(
                        node, operands, both -> isNormal(both, dtype) || (sum && both == 0))
                : Optional.empty();
    }

    static Optional<Node> rootOfSquare(Node.Apply node, List<Node> operands) {
        return node.op() == Unary.SQRT
                ? operand(operands.getFirst(), Unary.SQUARE).flatMap(x -> put(node, Unary.ABS, x))
                : Optional.empty();
    }

    private static boolean isNormal(double value, DType dtype) {
        double size = Math.abs(value);
        return switch (dtype) {
            case F16 -> size >= 0x1p-14 && size <= 65_504;
            case F32, BF16 -> size >= Float.MIN_NORMAL && size <= Float.MAX_VALUE;
            case F64, I32, I64, I8, U8, BOOL ->
                    size >= Double.MIN_NORMAL && size <= Double.MAX_VALUE;
        };
    }
}
