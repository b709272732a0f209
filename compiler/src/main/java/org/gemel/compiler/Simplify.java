package org.gemel.compiler;

import java.util.List;
import java.util.Optional;
import org.gemel.ir.Graph;
import org.gemel.ir.Node;

/// Applies local rules, operands first, until none matches.
final class Simplify implements Pass {
    private final String name;
    private final Exactness exactness;
    private final List<Rule> rules;

    /// @param rules all of this exactness
    Simplify(String name, Exactness exactness, List<Rule> rules) {
        this.name = name;
        this.exactness = exactness;
        this.rules = rules;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Exactness exactness() {
        return exactness;
    }

    @Override
    public Graph run(Graph graph) {
        return graph.map(this::simplify);
    }

    private Node simplify(Node.Apply node, List<Node> operands) {
        for (Rule rule : rules) {
            Optional<Node> better = rule.rewrite().apply(node, operands);
            if (better.isPresent()) {
                return better.get() instanceof Node.Apply next
                        ? simplify(next, next.inputs())
                        : better.get();
            }
        }
        return node.inputs().equals(operands)
                ? node
                : new Node.Apply(node.op(), operands, node.type(), node.source());
    }
}
