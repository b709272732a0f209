package org.gemel.compiler;

import java.util.List;
import org.gemel.ir.Graph;

/// A graph and which of its outputs replace the content of inputs.
///
/// @param graph the computation; its last `updates.size()` outputs are the new contents
/// @param updates the number of the input that each of them replaces
public record Program(Graph graph, List<Integer> updates) {
    /// Copies the list.
    public Program {
        updates = List.copyOf(updates);
    }

    /// The number of outputs that are results.
    public int results() {
        return graph.outputs().size() - updates.size();
    }
}
