package org.gemel.compiler;

import java.util.List;
import java.util.Optional;
import org.gemel.ir.Node;

/// One local rewrite.
///
/// @param name what it does, for lists and messages
/// @param exactness what it promises about bits
/// @param rewrite what stands for an application, if the rule matches
record Rule(String name, Exactness exactness, Rewrite rewrite) {
    /// Matches one application.
    @FunctionalInterface
    interface Rewrite {
        /// What stands for `node`, whose operands are given rewritten, or nothing.
        Optional<Node> apply(Node.Apply node, List<Node> operands);
    }
}
