package org.gemel.tracer;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.gemel.Slot;
import org.gemel.Tensor;
import org.gemel.TypeException;
import org.gemel.backend.View;
import org.gemel.ir.Node;
import org.gemel.ir.Recorder;
import org.jspecify.annotations.Nullable;

/// Records one run of a traced function, and what it reads and assigns: slots become inputs and
/// outputs, and no slot really changes. Tensors that were made outside become inputs.
final class TraceRecorder extends Recorder {
    /// A slot as the function sees it.
    ///
    /// @param entry the content when the function was called, or nothing if it was empty
    static final class Place {
        private final Optional<Node.Input> entry;
        private @Nullable Node now;

        private Place(Optional<Node.Input> entry) {
            this.entry = entry;
            this.now = entry.orElse(null);
        }

        Optional<Node.Input> entry() {
            return entry;
        }

        Optional<Node> now() {
            return Optional.ofNullable(now);
        }
    }

    /// A tensor from outside, held by a handle of our own.
    record Captured(Node.Input input, Tensor tensor) {}

    private final String name;
    private final SequencedMap<Slot, Place> slots = new LinkedHashMap<>();
    private final SequencedMap<View, Captured> captured = new LinkedHashMap<>();
    private boolean closed;

    TraceRecorder(String name) {
        super(true);
        this.name = name;
    }

    /// The slots that were read or assigned, in the order of the first touch.
    SequencedMap<Slot, Place> slots() {
        return slots;
    }

    /// The tensors from outside, in the order of first use.
    Map<View, Captured> captured() {
        return captured;
    }

    /// Whether the function used `tensor`, which was made outside.
    boolean uses(Tensor tensor) {
        return tensor.value() instanceof View view && captured.containsKey(view);
    }

    /// From now on its tensors are of no use any more.
    void close() {
        closed = true;
    }

    @Override
    protected Node captured(Tensor tensor) {
        return switch (tensor.value()) {
            case View view ->
                    captured.computeIfAbsent(
                                    view,
                                    _ -> {
                                        // Not detach(), whose handle a scope may give back.
                                        view.retain();
                                        return new Captured(
                                                new Node.Input(
                                                        "captured" + captured.size(),
                                                        tensor.type()),
                                                Tensor.of(tensor.type(), view));
                                    })
                            .input();
            default -> super.captured(tensor);
        };
    }

    @Override
    protected TypeException unreadable(Node node) {
        return closed
                ? new TypeException(
                        "traced: expects tensors to leave a traced function as its result, but one"
                                + " of type %s was kept in Java when %s was traced; return it, or"
                                        .formatted(node.type(), name)
                                + " assign it to a State")
                : super.unreadable(node);
    }

    @Override
    public Optional<Tensor> read(Slot slot) {
        return place(slot).now().map(this::symbol);
    }

    @Override
    public void write(Slot slot, Optional<Tensor> content) {
        place(slot).now = content.map(this::node).orElse(null);
    }

    private Place place(Slot slot) {
        return slots.computeIfAbsent(
                slot,
                _ ->
                        new Place(
                                slot.stored()
                                        .map(content ->
                                                new Node.Input(slot.name(), content.type()))));
    }
}
