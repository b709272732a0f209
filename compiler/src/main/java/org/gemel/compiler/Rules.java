package org.gemel.compiler;

import static org.gemel.compiler.Exactness.EXACT;
import static org.gemel.compiler.Exactness.RELAXED;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.gemel.ir.Node;
import org.gemel.op.Binary;
import org.gemel.op.Cast;
import org.gemel.op.Expand;
import org.gemel.op.Fill;
import org.gemel.op.Permute;
import org.gemel.op.Primitive;
import org.gemel.op.Reshape;
import org.gemel.op.Slice;
import org.gemel.op.Unary;

/// The algebra of [Simplify].
final class Rules {
    private Rules() {}

    /// Rules that keep every bit.
    static final List<Rule> EXACT_RULES =
            List.of(
                    // reshape(x) -> x if the shape stays
                    new Rule("identity reshape", EXACT, Rules::identity),
                    // reshape(reshape(x)) -> reshape(x): only the last shape counts
                    new Rule("reshape of reshape", EXACT, Rules::reshapeOfReshape),
                    // permute(permute(x)) -> permute(x), or x
                    new Rule("permute of permute", EXACT, Rules::permuteOfPermute),
                    // -(-x) -> x: flipping a sign bit twice
                    new Rule("double negation", EXACT, Rules::doubleNegation),
                    // x * 1, 1 * x, x / 1 -> x, for NaN and -0.0 too
                    new Rule("unit factor", EXACT, Rules::unitFactor),
                    // x - (+0.0) and x + (-0.0) -> x; x + (+0.0) is not: it turns -0.0 into +0.0
                    new Rule("neutral summand", EXACT, Rules::neutralSummand));

    /// Rules that keep the mathematics.
    static final List<Rule> RELAXED_RULES =
            List.of(
                    // x + 0 -> x: wrong only for the sign of zero
                    new Rule("zero summand", RELAXED, Rules::zeroSummand),
                    // x * 0 -> 0: wrong for infinite and NaN x, and the sign of zero
                    new Rule("zero factor", RELAXED, Rules::zeroFactor));

    private static Optional<Node> identity(Node.Apply node, List<Node> operands) {
        boolean moves =
                switch (node.op()) {
                    case Reshape _, Expand _ -> !operands.getFirst().type().equals(node.type());
                    case Cast _ -> !operands.getFirst().type().equals(node.type());
                    case Permute(var order) -> !isSorted(order);
                    case Slice(var starts, _, var steps) ->
                            !operands.getFirst().type().equals(node.type())
                                    || starts.stream().anyMatch(start -> start != 0)
                                    || steps.stream().anyMatch(step -> step != 1);
                    case Primitive _ -> true;
                };
        return moves ? Optional.empty() : Optional.of(operands.getFirst());
    }

    private static boolean isSorted(List<Integer> order) {
        for (int i = 0; i < order.size(); i++) {
            if (order.get(i) != i) {
                return false;
            }
        }
        return true;
    }

    private static Optional<Node> reshapeOfReshape(Node.Apply node, List<Node> operands) {
        return node.op() instanceof Reshape
                        && operands.getFirst() instanceof Node.Apply(Reshape _, var from, _, _)
                ? Optional.of(Node.Apply.of(node.op(), from, node.source()))
                : Optional.empty();
    }

    private static Optional<Node> permuteOfPermute(Node.Apply node, List<Node> operands) {
        if (node.op() instanceof Permute(var outer)
                && operands.getFirst() instanceof Node.Apply(Permute(var inner), var from, _, _)) {
            Permute both = new Permute(outer.stream().map(inner::get).toList());
            return Optional.of(Node.Apply.of(both, from, node.source()));
        }
        return Optional.empty();
    }

    private static Optional<Node> doubleNegation(Node.Apply node, List<Node> operands) {
        return node.op() == Unary.NEG
                        && operands.getFirst() instanceof Node.Apply(var op, var from, _, _)
                        && op == Unary.NEG
                ? Optional.of(from.getFirst())
                : Optional.empty();
    }

    private static Optional<Node> unitFactor(Node.Apply node, List<Node> operands) {
        if (node.op() == Binary.MUL && is(operands.get(0), 1)) {
            return same(node, operands.get(1));
        }
        boolean right = node.op() == Binary.MUL || node.op() == Binary.DIV;
        return right && is(operands.get(1), 1) ? same(node, operands.get(0)) : Optional.empty();
    }

    private static Optional<Node> neutralSummand(Node.Apply node, List<Node> operands) {
        boolean real = node.type().dtype().isFloating();
        if (node.op() == Binary.SUB && isZero(operands.get(1), false)) {
            return same(node, operands.get(0));
        }
        return node.op() == Binary.ADD && isZero(operands.get(1), real)
                ? same(node, operands.get(0))
                : Optional.empty();
    }

    private static Optional<Node> zeroSummand(Node.Apply node, List<Node> operands) {
        return node.op() == Binary.ADD && is(operands.get(1), 0)
                ? same(node, operands.get(0))
                : Optional.empty();
    }

    private static Optional<Node> zeroFactor(Node.Apply node, List<Node> operands) {
        return node.op() == Binary.MUL && (is(operands.get(0), 0) || is(operands.get(1), 0))
                ? Optional.of(Node.Apply.of(new Fill(node.type(), 0), List.of(), node.source()))
                : Optional.empty();
    }

    // A factor that stretches the other operand cannot just go.
    private static Optional<Node> same(Node.Apply node, Node operand) {
        return operand.type().equals(node.type()) ? Optional.of(operand) : Optional.empty();
    }

    private static OptionalDouble constant(Node node) {
        return node instanceof Node.Apply(Fill(_, var value), _, _, _)
                ? OptionalDouble.of(value)
                : OptionalDouble.empty();
    }

    private static boolean is(Node node, double value) {
        OptionalDouble constant = constant(node);
        return constant.isPresent() && constant.getAsDouble() == value;
    }

    private static boolean isZero(Node node, boolean negative) {
        OptionalDouble constant = constant(node);
        return constant.isPresent()
                && Double.doubleToRawLongBits(constant.getAsDouble())
                        == Double.doubleToRawLongBits(negative ? -0.0 : 0.0);
    }
}
