package org.gemel.ir;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.gemel.GemelException;
import org.gemel.op.Dense;

/// Runs a graph by the reference meaning of each operation: slow, and what everything else is
/// tested against.
public final class ReferenceEvaluator {
    private ReferenceEvaluator() {}

    /// The outputs of `graph` for `inputs`.
    ///
    /// @throws GemelException if the inputs are not of the graph's types
    public static List<Dense> run(Graph graph, List<Dense> inputs) {
        List<Node.Input> expected = graph.inputs();
        if (expected.size() != inputs.size()) {
            throw new GemelException(
                    "reference: expects %d inputs, but got %d; pass one array for each input"
                            .formatted(expected.size(), inputs.size()));
        }
        Map<Node, Dense> values = new IdentityHashMap<>();
        for (int i = 0; i < inputs.size(); i++) {
            Node.Input input = expected.get(i);
            if (!input.type().equals(inputs.get(i).type())) {
                throw new GemelException(
                        "reference: expects %s for input %d (%s), but got %s; convert it first"
                                .formatted(input.type(), i, input.name(), inputs.get(i).type()));
            }
            values.put(input, inputs.get(i));
        }
        for (Node node : graph.nodes()) {
            switch (node) {
                case Node.Input input -> {
                    if (!values.containsKey(input)) {
                        throw new GemelException(
                                "reference: expects a graph whose inputs are all listed, but %s is"
                                                .formatted(input.name())
                                        + " not; verify the graph first");
                    }
                }
                case Node.Constant constant -> values.put(constant, Elements.read(constant));
                case Node.Apply apply -> values.put(apply, apply(apply, values));
            }
        }
        List<Dense> results = new ArrayList<>();
        for (Node output : graph.outputs()) {
            results.add(values.get(output));
        }
        return results;
    }

    private static Dense apply(Node.Apply node, Map<Node, Dense> values) {
        List<Dense> operands = new ArrayList<>();
        for (Node input : node.inputs()) {
            operands.add(values.get(input));
        }
        return node.op().reference(operands);
    }
}
