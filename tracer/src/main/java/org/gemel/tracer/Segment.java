package org.gemel.tracer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import org.gemel.Slot;
import org.gemel.SourceLine;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.compiler.Executable;
import org.gemel.ir.Node;
import org.jspecify.annotations.Nullable;

/// A stretch of a traced function between two looks at values: what it recorded, in order, and how
/// it ended. The segments of a trace are a tree, with a branch for each value that was seen.
final class Segment {
    /// A look at the value of a node: what a segment ended with.
    ///
    /// @param node the node
    /// @param source the user's line
    /// @param children what came after it, by the value that was seen
    record Look(Node node, Optional<SourceLine> source, List<Segment> children) {}

    /// The end of the function.
    ///
    /// @param result how the result is made up
    /// @param tensors the tensors of the result
    /// @param slots the slots of the whole path, as they were and as they are left
    record Outcome(
            Pattern result, List<Node> tensors, SequencedMap<Slot, TraceRecorder.Place> slots) {}

    /// A segment as it runs: the registers that its program reads and writes.
    record Code(Executable executable, int[] from, int[] to) {}

    private final ByteBuffer seen;
    private final List<Node> nodes = new ArrayList<>();
    private final SequencedMap<Slot, Optional<Node.Input>> entries = new LinkedHashMap<>();

    /// Slots that the function itself made.
    private final List<Slot> made = new ArrayList<>();

    /// What later segments need of it, or the look at its end.
    private final SequencedSet<Node> exports = new LinkedHashSet<>();

    /// The registers that it and what may follow it read.
    private final BitSet needs = new BitSet();

    private @Nullable Look look;
    private @Nullable Outcome outcome;
    private Optional<Code> code = Optional.empty();
    private Optional<Ending> ending = Optional.empty();

    /// A segment that comes after a look, or the first.
    ///
    /// @param seen the bytes that were seen
    Segment(byte[] seen) {
        this.seen = ByteBuffer.wrap(seen);
    }

    List<Node> nodes() {
        return nodes;
    }

    /// The slots that it is the first to touch, with what stands for their content.
    SequencedMap<Slot, Optional<Node.Input>> entries() {
        return entries;
    }

    /// The slots that the function made here, in order: they hold nothing before and after a call.
    List<Slot> made() {
        return made;
    }

    SequencedSet<Node> exports() {
        return exports;
    }

    BitSet needs() {
        return needs;
    }

    Optional<Code> code() {
        return code;
    }

    void code(Optional<Code> compiled) {
        code = compiled;
    }

    Optional<Ending> ending() {
        return ending;
    }

    void ending(Ending linked) {
        ending = Optional.of(linked);
    }

    Optional<Look> look() {
        return Optional.ofNullable(look);
    }

    Optional<Outcome> outcome() {
        return Optional.ofNullable(outcome);
    }

    /// Whether it was recorded to its end.
    boolean isClosed() {
        return look != null || outcome != null;
    }

    void close(Look end) {
        look = end;
    }

    void close(Outcome end) {
        outcome = end;
    }

    /// What comes after the look at its end when `value` is seen there, if that is known.
    Optional<Segment> child(byte[] value) {
        if (look == null) {
            return Optional.empty();
        }
        ByteBuffer wanted = ByteBuffer.wrap(value);
        for (Segment child : look.children()) {
            if (child.seen.equals(wanted) && child.holds()) {
                return Optional.of(child);
            }
        }
        return Optional.empty();
    }

    private boolean holds() {
        for (var entry : entries.entrySet()) {
            Optional<Tensor> stored = entry.getKey().stored();
            TensorType expected = entry.getValue().map(Node::type).orElse(null);
            if (!Optional.ofNullable(expected).equals(stored.map(Tensor::type))) {
                return false;
            }
        }
        return true;
    }

    /// The bytes that were seen before it.
    byte[] seen() {
        return seen.array();
    }
}
