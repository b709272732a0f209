package org.gemel.compiler;

import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.gemel.TensorType;
import org.gemel.ir.Graph;
import org.gemel.ir.Node;
import org.gemel.op.Primitive;

/// Computes equal expressions once: same operation, same operands. Operations are pure, so this
/// keeps every bit.
final class MergeDuplicates implements Pass {
    private record Expression(Primitive op, List<Node> operands) {}

    private record Content(TensorType type, int hash) {}

    @Override
    public String name() {
        return "merge-duplicates";
    }

    @Override
    public Exactness exactness() {
        return Exactness.EXACT;
    }

    @Override
    public Graph run(Graph graph) {
        Map<Expression, Node> known = new HashMap<>();
        Map<Node, Node> constants = mergedConstants(graph);
        return graph.map((node, operands) -> {
            List<Node> merged =
                    operands.stream()
                            .map(operand -> constants.getOrDefault(operand, operand))
                            .toList();
            return known.computeIfAbsent(
                    new Expression(node.op(), merged),
                    _ -> new Node.Apply(node.op(), merged, node.type(), node.source()));
        });
    }

    private static Map<Node, Node> mergedConstants(Graph graph) {
        Map<Content, Node.Constant> first = new HashMap<>();
        Map<Node, Node> merged = new IdentityHashMap<>();
        for (Node node : graph.nodes()) {
            if (node instanceof Node.Constant constant) {
                Content content = new Content(constant.type(), Arrays.hashCode(constant.data()));
                Node.Constant same = first.putIfAbsent(content, constant);
                if (same != null && Arrays.equals(same.data(), constant.data())) {
                    merged.put(constant, same);
                }
            }
        }
        return merged;
    }
}
