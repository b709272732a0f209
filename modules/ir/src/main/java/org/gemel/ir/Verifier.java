package org.gemel.ir;

import java.util.HashSet;
import java.util.Set;
import org.gemel.GemelException;
import org.gemel.TensorType;
import org.gemel.TypeException;
import org.gemel.op.ArgReduce;
import org.gemel.op.ArgSort;
import org.gemel.op.CheckIndex;
import org.gemel.op.Concat;
import org.gemel.op.Conv;
import org.gemel.op.Fill;
import org.gemel.op.Gather;
import org.gemel.op.Iota;
import org.gemel.op.MatMul;
import org.gemel.op.Movement;
import org.gemel.op.Pad;
import org.gemel.op.Pointwise;
import org.gemel.op.Pool;
import org.gemel.op.Primitive;
import org.gemel.op.Random;
import org.gemel.op.Recurrence;
import org.gemel.op.Reduce;
import org.gemel.op.Scan;
import org.gemel.op.Scatter;

/// Checks that a graph is what it claims to be.
///
/// Every application has the operands that its operation takes and the type that it infers from
/// them; every constant has the bytes of its type; every input that is used is listed, once.
public final class Verifier {
    private final Graph graph;

    private Verifier(Graph graph) {
        this.graph = graph;
    }

    /// Returns `graph` if it holds.
    ///
    /// @throws GemelException names the first node that does not, as in a printed graph
    public static Graph check(Graph graph) {
        new Verifier(graph).check();
        return graph;
    }

    private void check() {
        Set<Node> listed = new HashSet<>();
        for (Node.Input input : graph.inputs()) {
            if (!listed.add(input)) {
                throw wrong(input, "expects to be listed once", "it is twice");
            }
        }
        for (Node node : graph.nodes()) {
            switch (node) {
                case Node.Input input -> {
                    if (!listed.contains(input)) {
                        throw new GemelException(
                                "verify: expects every input that is used to be listed, but "
                                        + input.name()
                                        + " is not; add it to the graph's inputs");
                    }
                }
                case Node.Constant(var type, var data) -> {
                    if (data.length != type.bytes()) {
                        throw wrong(
                                node,
                                "expects " + type.bytes() + " bytes",
                                "there are " + data.length);
                    }
                }
                case Node.Apply apply -> check(apply);
            }
        }
    }

    private void check(Node.Apply node) {
        int arity = arity(node.op());
        int operands = node.inputs().size();
        if (arity < 0 ? operands == 0 : operands != arity) {
            throw wrong(
                    node,
                    "expects " + (arity < 0 ? "at least 1 operand" : arity + " operands"),
                    "there are " + operands);
        }
        TensorType inferred;
        try {
            inferred = node.op().type(node.inputs().stream().map(Node::type).toList());
        } catch (TypeException misfit) {
            throw new GemelException(
                    "verify: " + Printer.line(graph, node) + ": " + misfit.getMessage(), misfit);
        }
        if (!inferred.equals(node.type())) {
            throw wrong(node, "expects type " + inferred, "it is given as " + node.type());
        }
    }

    /// How many operands `op` takes, or -1 for any number from 1.
    static int arity(Primitive op) {
        return switch (op) {
            case Pointwise pointwise -> pointwise.arity();
            case MatMul _, Conv _ -> 2;
            case Pool(var kind, _) -> kind.arity();
            case Gather _, Recurrence _ -> 2;
            case Scatter _ -> 3;
            case Scan _, ArgSort _ -> 1;
            case Movement _, Reduce _, ArgReduce _, Pad _, Random _, CheckIndex _ -> 1;
            case Fill _, Iota _ -> 0;
            case Concat _ -> -1;
        };
    }

    private GemelException wrong(Node node, String rule, String fact) {
        return new GemelException(
                "verify: %s: %s, but %s; the pass that made the node is at fault"
                        .formatted(Printer.line(graph, node), rule, fact));
    }
}
