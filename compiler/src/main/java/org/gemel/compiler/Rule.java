package org.gemel.compiler;

import java.util.List;
import java.util.Optional;
import org.gemel.ir.Node;

/// One local rewrite.
///
/// @param name what it does, for lists and messages
/// @param exactness what it promises about bits
/// @param ulps by how many representable numbers a result of finite inputs may differ; 0 of an
///   exact rule
/// @param rewrite what stands for an application, if the rule matches
public record Rule(String name, Exactness exactness, int ulps, Rewrite rewrite) {
    /// Matches one application.
    @FunctionalInterface
    public interface Rewrite {
        /// What stands for `node`, whose operands are given rewritten, or nothing.
        Optional<Node> apply(Node.Apply node, List<Node> operands);
    }

    /// A rule that keeps every bit.
    static Rule exact(String name, Rewrite rewrite) {
        return new Rule(name, Exactness.EXACT, 0, rewrite);
    }

    /// A rule that keeps the mathematics, within a bound for finite inputs.
    static Rule relaxed(String name, int ulps, Rewrite rewrite) {
        return new Rule(name, Exactness.RELAXED, ulps, rewrite);
    }

    /// This rule alone as a pass.
    public Pass pass() {
        return new Simplify(name, exactness, List.of(this));
    }

    @Override
    public String toString() {
        return name;
    }
}
