package org.gemel.tracer;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.gemel.Context;
import org.gemel.GemelException;
import org.gemel.Slot;
import org.gemel.SourceLine;
import org.gemel.Tensor;
import org.gemel.TypeException;
import org.gemel.backend.View;
import org.gemel.ir.Node;
import org.gemel.ir.Recorder;
import org.jspecify.annotations.Nullable;

/// Records one run of a traced function, and what it reads and assigns: slots become inputs and
/// outputs, and no slot really changes. Tensors that were made outside become inputs.
///
/// A look at a value ends a segment. Segments that are known already are followed, not recorded
/// again: each operation is answered with the node that it was the first time.
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

    // Those that this run has made: nobody else sees them, so they come from nowhere and go
    // nowhere.
    private final Map<Slot, Place> own = new HashMap<>();

    private final SequencedMap<View, Captured> captured;
    private final Set<View> looked;
    private final List<byte[]> decisions;
    private final Preview preview;
    private final List<Segment> path = new ArrayList<>();
    private Segment current;
    private int position;
    private int positionOfSlot;
    private Optional<Bounds.Exceeded> exceeded = Optional.empty();
    private boolean closed;

    /// A recorder that starts in a segment.
    ///
    /// @param tree where the segment belongs
    /// @param decisions what the looks of this call are known to see, from the first on
    /// @param preview finds out what the others see
    TraceRecorder(String name, TraceTree tree, List<byte[]> decisions, Preview preview) {
        super(true);
        this.name = name;
        this.captured = tree.captured();
        this.looked = tree.looked();
        this.decisions = decisions;
        this.preview = preview;
        this.current = tree.root();
        path.add(current);
        captured.values().forEach(known -> preview.put(known.input(), known.tensor()));
    }

    /// The slots that were there before and were read or assigned, in the order of the first touch.
    SequencedMap<Slot, Place> slots() {
        return slots;
    }

    /// The segments of this run, in order.
    List<Segment> path() {
        return path;
    }

    /// The bound that this run was stopped at.
    Optional<Bounds.Exceeded> exceeded() {
        return exceeded;
    }

    /// From now on its tensors are of no use any more.
    void close() {
        closed = true;
    }

    /// The function has returned.
    void end(Segment.Outcome outcome) {
        if (current.isClosed()) {
            throw differs("it returned");
        }
        current.close(outcome);
    }

    // ---- operations

    @Override
    protected Node recorded(Node node) {
        if (!current.isClosed()) {
            current.nodes().add(node);
            return node;
        }
        if (position == current.nodes().size() || !alike(current.nodes().get(position), node)) {
            throw differs(
                    node instanceof Node.Apply apply
                            ? "it applied %s to make %s".formatted(apply.op().label(), node.type())
                            : "it made a constant " + node.type());
        }
        return current.nodes().get(position++);
    }

    private static boolean alike(Node known, Node now) {
        if (!known.type().equals(now.type())) {
            return false;
        }
        return switch (now) {
            case Node.Apply(var op, var inputs, _, _) ->
                    known instanceof Node.Apply before
                            && before.op().equals(op)
                            && before.inputs().equals(inputs);
            case Node.Constant constant ->
                    known instanceof Node.Constant before
                            && Arrays.equals(before.data(), constant.data());
            case Node.Input _ -> known == now;
        };
    }

    private GemelException differs(String what) {
        return new GemelException(
                "traced: expects a function that does the same when it runs again with the same"
                        + " arguments and values, but %s did not: %s%s; random numbers come from a"
                                .formatted(
                                        name,
                                        what,
                                        SourceLine.current().map(line -> " at " + line).orElse(""))
                        + " Key, and what comes from outside is an argument");
    }

    @Override
    protected Node captured(Tensor tensor) {
        if (!(tensor.value() instanceof View view)) {
            return super.captured(tensor);
        }
        checkTape(tensor);
        Captured known = captured.get(view);
        if (known == null) {
            // Not detach(), whose handle a scope may give back.
            view.retain();
            Node.Input input = new Node.Input("captured" + captured.size(), tensor.type());
            known = new Captured(input, Tensor.of(tensor.type(), view));
            captured.put(view, known);
            preview.put(input, known.tensor());
        }
        return known.input();
    }

    // The tape of an outer computation is walked once; a trace runs many times.
    @Override
    public void checkTape(Tensor tensor) {
        boolean outer = tensor.value() instanceof View;
        if (outer && Context.current().recording() && !tensor.isLeaf()) {
            throw new TypeException(
                    "traced: expects tensors from outside to have no tape, but %s used the result"
                                    .formatted(name)
                            + " (%s) of operations that were recorded outside of it; compute it"
                                    .formatted(tensor.type())
                            + " inside, or use its detach()");
        }
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

    // ---- looks

    @Override
    public void copy(Tensor tensor, MemorySegment target) {
        switch (tensor.value()) {
            case View view -> {
                // It never changes, but another may take its place where it was found.
                looked.add(view);
                view.copyTo(target);
            }
            case Symbol(var node, var owner) when owner == this && !closed ->
                    MemorySegment.copy(
                            MemorySegment.ofArray(look(node)), 0, target, 0, node.type().bytes());
            default -> tensor.value().copyTo(target);
        }
    }

    private byte[] look(Node node) {
        if (node instanceof Node.Constant constant) {
            return constant.data();
        }
        boolean known = current.isClosed();
        if (!known) {
            current.close(new Segment.Look(node, SourceLine.current(), new ArrayList<>()));
        }
        Segment.Look look = current.look().orElseThrow(() -> differs("it looked at a value"));
        boolean early = position < current.nodes().size() || positionOfSlot < current.made().size();
        if (look.node() != node || (known && early)) {
            throw differs("it looked at another value");
        }
        int number = path.size() - 1;
        byte[] value = number < decisions.size() ? decisions.get(number) : preview.elements(node);
        current = current.child(value).orElseGet(() -> child(look, value));
        position = 0;
        positionOfSlot = 0;
        path.add(current);
        return value;
    }

    private Segment child(Segment.Look look, byte[] value) {
        Optional<Bounds.Exceeded> bound = Bounds.check(look, path.size());
        if (bound.isPresent()) {
            exceeded = bound;
            throw new GemelException(
                    "traced: %s; %s runs this call eagerly".formatted(bound.get(), name));
        }
        return new Segment(value);
    }

    // ---- slots

    @Override
    public Slot slot(String name) {
        Slot slot;
        if (!current.isClosed()) {
            slot = super.slot(name);
            current.made().add(slot);
        } else if (positionOfSlot < current.made().size()) {
            slot = current.made().get(positionOfSlot++);
        } else {
            throw differs("it made another leaf");
        }
        own.put(slot, new Place(Optional.empty()));
        return slot;
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
        Place made = own.get(slot);
        Place known = made != null ? made : slots.get(slot);
        if (known != null) {
            return known;
        }
        Optional<Node.Input> entry = current.entries().get(slot);
        if (entry == null) {
            if (current.isClosed()) {
                throw differs("it touched " + slot);
            }
            entry = slot.stored().map(content -> new Node.Input(slot.name(), content.type()));
            current.entries().put(slot, entry);
        }
        entry.ifPresent(input -> preview.put(input, slot.stored().orElseThrow()));
        Place place = new Place(entry);
        slots.put(slot, place);
        return place;
    }

    /// The tensors from outside that a run may see, whose place must not be taken by others.
    static Set<View> used(TraceTree tree) {
        Set<View> used = new HashSet<>(tree.captured().keySet());
        used.addAll(tree.looked());
        return used;
    }
}
