package org.gemel.compiler;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoublePredicate;
import org.gemel.Shape;
import org.gemel.ir.Node;
import org.gemel.op.Binary;
import org.gemel.op.Fill;
import org.gemel.op.Primitive;

/// What rules ask about nodes.
final class Match {
    private Match() {}

    /// The operand of `node` if that applies the one-operand operation `op`.
    static Optional<Node> operand(Node node, Primitive op) {
        return node instanceof Node.Apply(var found, var from, _, _) && found.equals(op)
                ? Optional.of(from.getFirst())
                : Optional.empty();
    }

    /// `operand`, if it has the type of `node`: an operation that stretches it cannot just go.
    static Optional<Node> same(Node.Apply node, Node operand) {
        return operand.type().equals(node.type()) ? Optional.of(operand) : Optional.empty();
    }

    /// `op` of `operands` in the place of `node`, whose type it has.
    static Optional<Node> put(Node.Apply node, Primitive op, Node... operands) {
        Node.Apply other = Node.Apply.of(op, List.of(operands), node.source());
        return other.type().equals(node.type()) ? Optional.of(other) : Optional.empty();
    }

    /// The value `value` everywhere in the place of `node`.
    static Optional<Node> filled(Node.Apply node, double value) {
        return Optional.of(Node.Apply.of(new Fill(node.type(), value), List.of(), node.source()));
    }

    /// A number of the type of `like`, a scalar.
    static Node scalar(Node.Apply node, Node like, double value) {
        Fill fill = new Fill(like.type().with(Shape.SCALAR), value);
        return Node.Apply.of(fill, List.of(), node.source());
    }

    /// The one value of `node`, rounded to its type, if it is known.
    static OptionalDouble constant(Node node) {
        return node instanceof Node.Apply(Fill(var type, var value), _, _, _)
                ? OptionalDouble.of(
                        type.dtype().isFloating() || type.dtype().isNarrow()
                                ? type.dtype().round(value)
                                : value)
                : OptionalDouble.empty();
    }

    /// `x op both` in the place of `(x op c) op d`, sums or products of constants that are one.
    ///
    /// @param fits whether what the constants come to keeps the meaning
    static Optional<Node> together(Node.Apply node, List<Node> operands, DoublePredicate fits) {
        boolean sum = node.op() == Binary.ADD;
        if (!(sum || node.op() == Binary.MUL)
                || !(operands.get(0) instanceof Node.Apply(var op, var inner, _, _))
                || op != node.op()) {
            return Optional.empty();
        }
        OptionalDouble c = constant(inner.get(1));
        OptionalDouble d = constant(operands.get(1));
        if (c.isEmpty() || d.isEmpty()) {
            return Optional.empty();
        }
        double both = sum ? c.getAsDouble() + d.getAsDouble() : c.getAsDouble() * d.getAsDouble();
        return fits.test(both)
                ? put(node, op, inner.get(0), scalar(node, inner.get(1), both))
                : Optional.empty();
    }

    /// Whether `node` is `value` everywhere; both zeros are 0.
    static boolean is(Node node, double value) {
        OptionalDouble constant = constant(node);
        return constant.isPresent() && constant.getAsDouble() == value;
    }

    /// Whether `node` is the zero of this sign everywhere; integers have but one.
    static boolean isZero(Node node, boolean negative) {
        return is(node, 0)
                && (!isReal(node)
                        || negative
                                == (Double.doubleToRawLongBits(constant(node).orElseThrow()) < 0));
    }

    /// Whether the elements are floating-point numbers.
    static boolean isReal(Node node) {
        return node.type().dtype().isFloating();
    }
}
