package org.gemel.compiler;

import org.gemel.ir.Graph;

/// One step of the optimizer: a graph in, an equivalent one out.
public interface Pass {
    /// The name it is switched off by, as in `merge-duplicates`.
    String name();

    /// What it promises about bits.
    Exactness exactness();

    /// The rewritten graph; the same inputs and output types in the same order.
    Graph run(Graph graph);
}
