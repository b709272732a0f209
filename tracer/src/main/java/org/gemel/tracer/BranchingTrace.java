package org.gemel.tracer;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.gemel.Context;
import org.gemel.DType;
import org.gemel.Slot;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.backend.View;
import org.gemel.ir.Node;
import org.jspecify.annotations.Nullable;

/// A function that looks at values: a tree of segments.
///
/// A call runs a segment, looks at the value that it ended with, and goes on with what was recorded
/// for it. What was not is recorded first: the function runs again from the start, with the looks
/// so far answered from this call, and adds a branch. Slots are assigned when the end is reached,
/// so that a call that does not get there has changed nothing.
final class BranchingTrace extends Trace {
    /// The most looks that [#describe] lists.
    private static final int SHOWN = 20;

    private final Subject subject;
    private final TraceTree tree;
    private final int given;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Segment, Results> results = new HashMap<>();
    private Optional<Bounds.Exceeded> exceeded = Optional.empty();
    private long eagerCalls;

    /// A trace of what the tree holds.
    BranchingTrace(Subject subject, Key key, TraceTree tree) {
        super(subject.name(), key, full(tree), empty(tree));
        this.subject = subject;
        this.tree = tree;
        this.given = tree.arguments().size();
    }

    private static Place[] full(TraceTree tree) {
        List<Place> full = new ArrayList<>();
        tree.root()
                .entries()
                .forEach((slot, entry) ->
                        entry.ifPresent(input -> full.add(new Place(slot, input.type()))));
        return full.toArray(Place[]::new);
    }

    private static Slot[] empty(TraceTree tree) {
        return tree.root().entries().entrySet().stream()
                .filter(entry -> entry.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .toArray(Slot[]::new);
    }

    /// What a call has come to.
    private sealed interface Step {
        /// It has returned.
        record Done(@Nullable Object result) implements Step {}

        /// It has seen what no branch was recorded for.
        record Unknown(Segment.Look look, List<byte[]> decisions, Map<Node, Tensor> values)
                implements Step {}
    }

    @Override
    @Nullable Object run(@Nullable Object[] arguments) {
        lock.lock();
        try {
            // The way that was recorded last is taken at once, unless an operation gives other
            // bits when it is compiled alone; then eager is right.
            for (int attempt = 0; attempt < 3 && tree.root().isClosed(); attempt++) {
                switch (step(arguments)) {
                    case Step.Done(var result) -> {
                        return result;
                    }
                    case Step.Unknown unknown -> {
                        if (!extend(unknown, arguments)) {
                            attempt = 3;
                        }
                    }
                }
            }
            eagerCalls++;
        } finally {
            lock.unlock();
        }
        return Mode.EAGER
                .call(() -> Optional.ofNullable(subject.body().call(arguments)))
                .orElse(null);
    }

    private boolean extend(Step.Unknown unknown, @Nullable Object[] arguments) {
        Optional<Bounds.Exceeded> full =
                Bounds.check(unknown.look, unknown.decisions.size())
                        .or(() -> Bounds.check(tree.segments()));
        if (full.isPresent()) {
            refuse(full.get());
            return false;
        }
        Preview preview = new Preview(Context.current().interpreter());
        unknown.values.forEach(preview::put);
        Tracing.Extension extension =
                Tracing.extend(subject, key(), tree, unknown.decisions, preview, arguments);
        guards(extension.guards());
        extension.exceeded().ifPresent(this::refuse);
        return extension.exceeded().isEmpty();
    }

    /// Notes that a call ran eagerly since the tree would grow too large.
    void refuse(Bounds.Exceeded bound) {
        if (exceeded.isEmpty()) {
            System.getLogger("org.gemel.tracer")
                    .log(
                            System.Logger.Level.WARNING,
                            "traced: {0}; until then such calls of {1} run eagerly",
                            bound,
                            name());
        }
        exceeded = Optional.of(bound);
    }

    private Step step(@Nullable Object[] arguments) {
        Registers registers = new Registers(tree.registers());
        try {
            Tensor[] tensors = new Tensor[given];
            int next = 0;
            for (int i = 0; i < arguments.length; i++) {
                next = key().arguments()[i].collect(arguments[i], tensors, next);
            }
            for (int i = 0; i < given; i++) {
                load(tree.arguments().get(i), tensors[i], tree.root(), registers);
            }
            tree.captured()
                    .values()
                    .forEach(captured ->
                            load(captured.input(), captured.tensor(), tree.root(), registers));
            return step(registers);
        } finally {
            registers.release();
        }
    }

    private Step step(Registers registers) {
        List<byte[]> decisions = new ArrayList<>();
        List<Segment> path = new ArrayList<>();
        Segment segment = tree.root();
        while (true) {
            path.add(segment);
            load(segment, registers);
            if (segment.ending().isPresent()) {
                return new Step.Done(end(segment, segment.ending().get(), registers));
            }
            if (segment.code().isPresent()) {
                Segment.Code code = segment.code().get();
                View[] inputs = registers.get(code.from());
                View[] outputs = code.executable().run(inputs, new boolean[inputs.length]);
                for (int i = 0; i < outputs.length; i++) {
                    registers.put(code.to()[i], outputs[i]);
                }
            }
            Segment.Look look = segment.look().orElseThrow();
            byte[] seen = new byte[Math.toIntExact(look.node().type().bytes())];
            registers.get(tree.register(look.node())).copyTo(MemorySegment.ofArray(seen));
            decisions.add(seen);
            Optional<Segment> following = segment.child(seen);
            if (following.isEmpty()) {
                return new Step.Unknown(look, decisions, values(path, registers));
            }
            segment = following.get();
            registers.keep(segment.needs());
        }
    }

    private void load(Segment segment, Registers registers) {
        segment.entries()
                .forEach((slot, entry) ->
                        entry.ifPresent(input ->
                                load(input, slot.stored().orElseThrow(), segment, registers)));
    }

    private void load(Node.Input input, Tensor tensor, Segment segment, Registers registers) {
        int register = tree.registerOf(input);
        if (register >= 0 && segment.needs().get(register)) {
            registers.load(register, tensor, name());
        }
    }

    // What the segments so far have handed on, and nobody has given back yet.
    private Map<Node, Tensor> values(List<Segment> path, Registers registers) {
        Map<Node, Tensor> values = new HashMap<>();
        for (Segment segment : path) {
            IntStream to = segment.code().stream().flatMapToInt(code -> IntStream.of(code.to()));
            to.filter(registers::isOwn)
                    .forEach(register -> {
                        View view = registers.get(register);
                        view.retain();
                        values.put(tree.inRegister(register), Tensor.of(view.type(), view));
                    });
        }
        return values;
    }

    private @Nullable Object end(Segment segment, Ending ending, Registers registers) {
        View[] inputs = registers.get(ending.from());
        boolean[] exclusive = new boolean[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            exclusive[i] = registers.exclusive(ending.from()[i]);
        }
        View[] outputs = ending.executable().run(inputs, exclusive);
        Ending.Slots slots = ending.slots();
        int next = ending.result().size();
        for (Slot slot : slots.filled()) {
            View view = outputs[next++];
            slot.store(Optional.of(Tensor.of(view.type(), view)));
        }
        for (int i = 0; i < slots.updated().size(); i++) {
            View view = outputs[next++];
            // Updated in place, it is what the slot holds already.
            if (view != registers.get(ending.updated()[i])) {
                slots.updatedSlots().get(i).store(Optional.of(Tensor.of(view.type(), view)));
            }
        }
        slots.cleared().forEach(slot -> slot.store(Optional.empty()));
        return results.computeIfAbsent(segment, _ -> new Results(name(), ending.result()))
                .wrap(outputs);
    }

    @Override
    void describe(List<String> lines) {
        lock.lock();
        try {
            if (!tree.captured().isEmpty()) {
                lines.add("  captured     %d tensors".formatted(tree.captured().size()));
            }
            lines.add(
                    "  segments     %d (a graph break at each look at a value), %d kernels"
                            .formatted(tree.segments(), kernels()));
            looks(lines);
            exceeded.ifPresent(bound ->
                    lines.add("  eager        %,d calls: %s".formatted(eagerCalls, bound)));
        } finally {
            lock.unlock();
        }
    }

    private void looks(List<String> lines) {
        Deque<Segment> open = new ArrayDeque<>(List.of(tree.root()));
        int shown = 0;
        while (!open.isEmpty()) {
            Optional<Segment.Look> look = open.element().look();
            open.pop().look().ifPresent(ended -> ended.children().reversed().forEach(open::push));
            if (look.isPresent() && shown++ < SHOWN) {
                lines.add("  looked at    " + text(look.get()));
            }
        }
        if (shown > SHOWN) {
            lines.add("  looked at    %,d more".formatted(shown - SHOWN));
        }
    }

    private static String text(Segment.Look look) {
        TensorType type = look.node().type();
        String where = look.source().map(line -> " at " + line).orElse("");
        String seen =
                look.children().stream()
                        .map(child -> text(type, child.seen()))
                        .distinct()
                        .collect(Collectors.joining(", "));
        return "%s%s and saw %s".formatted(type, where, seen);
    }

    private static String text(TensorType type, byte[] seen) {
        if (type.shape().size() != 1) {
            return "%,d elements".formatted(type.shape().size());
        }
        Tensor value = Context.current().interpreter().constant(type, MemorySegment.ofArray(seen));
        return type.dtype() == DType.BOOL
                ? Boolean.toString(value.toBoolean())
                : Double.toString(value.item());
    }

    @Override
    String listing() {
        lock.lock();
        try {
            return tree.listing();
        } finally {
            lock.unlock();
        }
    }

    @Override
    int kernels() {
        return tree.kernels();
    }
}
