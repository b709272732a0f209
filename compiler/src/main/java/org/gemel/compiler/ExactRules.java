package org.gemel.compiler;

import static org.gemel.compiler.Match.is;
import static org.gemel.compiler.Match.isReal;
import static org.gemel.compiler.Match.isZero;
import static org.gemel.compiler.Match.operand;
import static org.gemel.compiler.Match.put;
import static org.gemel.compiler.Match.same;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.gemel.DType;
import org.gemel.ir.Node;
import org.gemel.op.Binary;
import org.gemel.op.Logical;
import org.gemel.op.Select;
import org.gemel.op.Unary;

/// The point-wise rewrites of [Rules] that keep every bit.
final class ExactRules {
    private static final Set<Unary> IDEMPOTENT =
            Set.of(Unary.ABS, Unary.RELU, Unary.SIGN, Unary.FLOOR, Unary.CEIL, Unary.ROUND);

    private ExactRules() {}

    static Optional<Node> constantToTheRight(Node.Apply node, List<Node> operands) {
        return (node.op() == Binary.ADD || node.op() == Binary.MUL)
                        && Match.constant(operands.get(0)).isPresent()
                        && Match.constant(operands.get(1)).isEmpty()
                ? put(node, node.op(), operands.get(1), operands.get(0))
                : Optional.empty();
    }

    static Optional<Node> doubleNegation(Node.Apply node, List<Node> operands) {
        return node.op() == Unary.NEG ? operand(operands.getFirst(), Unary.NEG) : Optional.empty();
    }

    static Optional<Node> doubleNot(Node.Apply node, List<Node> operands) {
        if (node.op() != Logical.XOR
                || !(operands.get(0) instanceof Node.Apply(var op, var inner, _, _))
                || op != Logical.XOR) {
            return Optional.empty();
        }
        OptionalDouble outer = Match.constant(operands.get(1));
        return outer.isPresent() && outer.equals(Match.constant(inner.get(1)))
                ? same(node, inner.get(0))
                : Optional.empty();
    }

    static Optional<Node> unitFactor(Node.Apply node, List<Node> operands) {
        if (node.op() == Binary.MUL && is(operands.get(0), 1)) {
            return same(node, operands.get(1));
        }
        boolean right = node.op() == Binary.MUL || node.op() == Binary.DIV;
        return right && is(operands.get(1), 1) ? same(node, operands.get(0)) : Optional.empty();
    }

    static Optional<Node> negativeUnitFactor(Node.Apply node, List<Node> operands) {
        if (node.op() == Binary.MUL && is(operands.get(0), -1)) {
            return put(node, Unary.NEG, operands.get(1));
        }
        boolean right = node.op() == Binary.MUL || node.op() == Binary.DIV;
        return right && is(operands.get(1), -1)
                ? put(node, Unary.NEG, operands.get(0))
                : Optional.empty();
    }

    static Optional<Node> neutralSummand(Node.Apply node, List<Node> operands) {
        if (node.op() == Binary.SUB && isZero(operands.get(1), false)) {
            return same(node, operands.get(0));
        }
        if (node.op() == Binary.ADD && isZero(operands.get(1), true)) {
            return same(node, operands.get(0));
        }
        return node.op() == Binary.ADD && isZero(operands.get(0), true)
                ? same(node, operands.get(1))
                : Optional.empty();
    }

    static Optional<Node> negatedSummand(Node.Apply node, List<Node> operands) {
        if (node.op() != Binary.SUB && node.op() != Binary.ADD) {
            return Optional.empty();
        }
        Optional<Node> right = operandOfNegation(operands.get(1));
        if (node.op() == Binary.SUB) {
            return right.flatMap(y -> put(node, Binary.ADD, operands.get(0), y));
        }
        return right.isPresent()
                ? put(node, Binary.SUB, operands.get(0), right.get())
                : operandOfNegation(operands.get(0))
                        .flatMap(x -> put(node, Binary.SUB, operands.get(1), x));
    }

    private static Optional<Node> operandOfNegation(Node node) {
        return operand(node, Unary.NEG);
    }

    static Optional<Node> negatedFactors(Node.Apply node, List<Node> operands) {
        boolean fits =
                node.op() == Binary.MUL || (node.op() == Binary.DIV && isReal(operands.get(0)));
        if (!fits) {
            return Optional.empty();
        }
        Optional<Node> left = operandOfNegation(operands.get(0));
        Optional<Node> right = operandOfNegation(operands.get(1));
        return left.isPresent() && right.isPresent()
                ? put(node, node.op(), left.get(), right.get())
                : Optional.empty();
    }

    static Optional<Node> divisionByPowerOfTwo(Node.Apply node, List<Node> operands) {
        if (node.op() != Binary.DIV || !isReal(node)) {
            return Optional.empty();
        }
        OptionalDouble divisor = Match.constant(operands.get(1));
        if (divisor.isEmpty() || !hasExactReciprocal(divisor.getAsDouble(), node.type().dtype())) {
            return Optional.empty();
        }
        Node factor = Match.scalar(node, operands.get(1), 1 / divisor.getAsDouble());
        return put(node, Binary.MUL, operands.get(0), factor);
    }

    // A power of two whose reciprocal is a normal number too.
    private static boolean hasExactReciprocal(double value, DType dtype) {
        int largest =
                switch (dtype) {
                    case F16 -> 14;
                    case F32, BF16 -> Float.MAX_EXPONENT - 1;
                    case F64, I32, I64, I8, U8, BOOL -> Double.MAX_EXPONENT - 1;
                };
        int exponent = Math.getExponent(value);
        return Math.abs(exponent) <= largest && Math.abs(value) == Math.scalb(1.0, exponent);
    }

    static Optional<Node> integerZero(Node.Apply node, List<Node> operands) {
        if (isReal(node) || operands.size() != 2) {
            return Optional.empty();
        }
        boolean equal = operands.get(0) == operands.get(1);
        boolean zero =
                node.op() == Binary.MUL
                        ? is(operands.get(0), 0) || is(operands.get(1), 0)
                        : equal && (node.op() == Binary.SUB || node.op() == Logical.XOR);
        return zero ? Match.filled(node, 0) : Optional.empty();
    }

    static Optional<Node> integerConstants(Node.Apply node, List<Node> operands) {
        if (isReal(node)) {
            return Optional.empty();
        }
        // Beyond, a fill saturates or rounds where the operation would wrap around.
        double largest = node.type().dtype().wide() == DType.I32 ? Integer.MAX_VALUE : 1L << 52;
        return Match.together(node, operands, both -> Math.abs(both) <= largest);
    }

    static Optional<Node> constantChoice(Node.Apply node, List<Node> operands) {
        if (node.op() != Select.WHERE) {
            return Optional.empty();
        }
        OptionalDouble condition = Match.constant(operands.get(0));
        return condition.isPresent()
                ? same(node, operands.get(condition.getAsDouble() != 0 ? 1 : 2))
                : Optional.empty();
    }

    static Optional<Node> equalChoice(Node.Apply node, List<Node> operands) {
        if (node.op() == Select.WHERE) {
            return operands.get(1) == operands.get(2)
                    ? same(node, operands.get(1))
                    : Optional.empty();
        }
        boolean chooses =
                node.op() == Binary.MAX
                        || node.op() == Binary.MIN
                        || node.op() == Logical.AND
                        || node.op() == Logical.OR;
        return chooses && operands.get(0) == operands.get(1)
                ? Optional.of(operands.get(0))
                : Optional.empty();
    }

    static Optional<Node> idempotent(Node.Apply node, List<Node> operands) {
        return node.op() instanceof Unary op
                        && IDEMPOTENT.contains(op)
                        && operand(operands.getFirst(), op).isPresent()
                ? Optional.of(operands.getFirst())
                : Optional.empty();
    }

    static Optional<Node> evenFunction(Node.Apply node, List<Node> operands) {
        if (node.op() != Unary.ABS && node.op() != Unary.SQUARE) {
            return Optional.empty();
        }
        return operandOfNegation(operands.getFirst())
                .or(() ->
                        node.op() == Unary.SQUARE
                                ? operand(operands.getFirst(), Unary.ABS)
                                : Optional.empty())
                .flatMap(x -> put(node, node.op(), x));
    }

    static Optional<Node> reluOfNonNegative(Node.Apply node, List<Node> operands) {
        if (node.op() != Unary.RELU || !isReal(node)) {
            return Optional.empty();
        }
        Node x = operands.getFirst();
        return operand(x, Unary.ABS).isPresent() || operand(x, Unary.SQUARE).isPresent()
                ? Optional.of(x)
                : Optional.empty();
    }
}
