package org.gemel.ir;

import java.util.List;
import java.util.Optional;
import org.gemel.SourceLine;
import org.gemel.TensorType;
import org.gemel.op.Primitive;

/// One value of a graph. Nodes are compared by identity: two equal computations are two nodes until
/// a pass merges them.
public sealed interface Node {
    /// Element type and shape.
    TensorType type();

    /// What a caller passes in.
    ///
    /// @param name for printed graphs
    /// @param type element type and shape
    record Input(String name, TensorType type) implements Node {
        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /// A value known when the graph was made.
    ///
    /// @param type element type and shape
    /// @param data the elements, row-major, in native byte order; not to be changed
    record Constant(TensorType type, byte[] data) implements Node {
        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /// The result of a primitive operation.
    ///
    /// @param op what is computed
    /// @param inputs what from
    /// @param type element type and shape: what the operation infers
    /// @param source the user's line that asked for it
    record Apply(Primitive op, List<Node> inputs, TensorType type, Optional<SourceLine> source)
            implements Node {
        /// Copies the inputs.
        public Apply {
            inputs = List.copyOf(inputs);
        }

        /// Applies `op`, with the type it infers.
        public static Apply of(Primitive op, List<Node> inputs, Optional<SourceLine> source) {
            TensorType type = op.infer(inputs.stream().map(Node::type).toList()).getFirst();
            return new Apply(op, inputs, type, source);
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }
}
