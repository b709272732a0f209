package org.gemel.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gemel.DType;
import org.gemel.ir.Node;
import org.gemel.op.Cast;
import org.gemel.op.Expand;
import org.gemel.op.Permute;
import org.gemel.op.Primitive;
import org.gemel.op.Reshape;
import org.gemel.op.Slice;

/// The rewrites of [Rules] that move elements or convert them.
final class MovementRules {
    private MovementRules() {}

    static Optional<Node> identity(Node.Apply node, List<Node> operands) {
        boolean moves =
                switch (node.op()) {
                    case Reshape _, Expand _, Cast _ ->
                            !operands.getFirst().type().equals(node.type());
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

    static Optional<Node> reshapeOfReshape(Node.Apply node, List<Node> operands) {
        return node.op() instanceof Reshape
                        && operands.getFirst() instanceof Node.Apply(Reshape _, var from, _, _)
                ? Match.put(node, node.op(), from.getFirst())
                : Optional.empty();
    }

    static Optional<Node> permuteOfPermute(Node.Apply node, List<Node> operands) {
        if (node.op() instanceof Permute(var outer)
                && operands.getFirst() instanceof Node.Apply(Permute(var inner), var from, _, _)) {
            Permute both = new Permute(outer.stream().map(inner::get).toList());
            return Match.put(node, both, from.getFirst());
        }
        return Optional.empty();
    }

    static Optional<Node> expandOfExpand(Node.Apply node, List<Node> operands) {
        return node.op() instanceof Expand
                        && operands.getFirst() instanceof Node.Apply(Expand _, var from, _, _)
                ? Match.put(node, node.op(), from.getFirst())
                : Optional.empty();
    }

    static Optional<Node> sliceOfSlice(Node.Apply node, List<Node> operands) {
        if (!(node.op() instanceof Slice(var starts, var counts, var steps))
                || !(operands.getFirst()
                        instanceof
                        Node.Apply(Slice(var innerStarts, _, var innerSteps), var from, _, _))
                || counts.contains(0)) {
            return Optional.empty();
        }
        List<Integer> first = new ArrayList<>();
        List<Integer> step = new ArrayList<>();
        for (int axis = 0; axis < counts.size(); axis++) {
            first.add(innerStarts.get(axis) + starts.get(axis) * innerSteps.get(axis));
            step.add(steps.get(axis) * innerSteps.get(axis));
        }
        return Match.put(node, new Slice(first, counts, step), from.getFirst());
    }

    static Optional<Node> castOfLosslessCast(Node.Apply node, List<Node> operands) {
        if (node.op() instanceof Cast(var to)
                && operands.getFirst() instanceof Node.Apply(Cast(var via), var from, _, _)
                && isLossless(from.getFirst().type().dtype(), via)) {
            return Match.put(node, new Cast(to), from.getFirst());
        }
        return Optional.empty();
    }

    private static boolean isLossless(DType from, DType to) {
        return switch (from) {
            case BOOL -> true;
            case I32 -> to == DType.I64 || to == DType.F64;
            case F32 -> to == DType.F64;
            // those of 8 significant bits and more hold every integer of 8 bits
            case I8, U8 -> to == from || to.isFloating() || (to.wide() == to && to != DType.BOOL);
            // a NaN loses its payload on the way back
            case I64, F64, F16, BF16 -> from == to;
        };
    }
}
