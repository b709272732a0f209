package org.gemel.ir;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/// A program without side effects: inputs, and the nodes whose values it returns.
///
/// What no output depends on is not part of the graph.
///
/// @param inputs what a caller passes, in order; they may be unused
/// @param outputs what it gets, in order; one node may appear twice
public record Graph(List<Node.Input> inputs, List<Node> outputs) {
    /// Copies both lists.
    public Graph {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /// All nodes the outputs depend on, inputs included, each after what it depends on; the order
    /// follows the outputs and is the same for equal graphs.
    public List<Node> nodes() {
        List<Node> order = new ArrayList<>();
        Set<Node> done = new HashSet<>();
        Deque<Node> stack = new ArrayDeque<>();
        for (Node output : outputs) {
            stack.push(output);
            while (!stack.isEmpty()) {
                Node node = stack.peek();
                if (done.contains(node)) {
                    stack.pop();
                    continue;
                }
                boolean ready = true;
                if (node instanceof Node.Apply(_, var operands, _, _)) {
                    for (int i = operands.size() - 1; i >= 0; i--) {
                        if (!done.contains(operands.get(i))) {
                            stack.push(operands.get(i));
                            ready = false;
                        }
                    }
                }
                if (ready) {
                    stack.pop();
                    done.add(node);
                    order.add(node);
                }
            }
        }
        return order;
    }

    /// Rebuilds the graph: `rewrite` gets each application with its operands already rewritten and
    /// returns what stands for it.
    public Graph map(BiFunction<Node.Apply, List<Node>, Node> rewrite) {
        Map<Node, Node> next = new IdentityHashMap<>();
        for (Node node : nodes()) {
            Node replaced =
                    switch (node) {
                        case Node.Input input -> input;
                        case Node.Constant constant -> constant;
                        case Node.Apply apply ->
                                rewrite.apply(
                                        apply, apply.inputs().stream().map(next::get).toList());
                    };
            next.put(node, replaced);
        }
        return new Graph(inputs, outputs.stream().map(next::get).toList());
    }
}
