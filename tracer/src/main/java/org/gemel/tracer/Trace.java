package org.gemel.tracer;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.gemel.Slot;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;
import org.gemel.backend.View;
import org.gemel.compiler.Executable;
import org.gemel.ir.Layout;
import org.jspecify.annotations.Nullable;

/// One compiled way through a function: what it is valid for, and how to run it.
final class Trace {
    private static final boolean[] NONE = {};

    /// What a trace is valid for.
    ///
    /// @param mode optimized or not
    /// @param recording whether operations are recorded for derivatives
    /// @param arguments one for each argument, the receiver first
    /// @param guards the Java state
    record Key(Mode mode, boolean recording, Pattern[] arguments, Guard[] guards) {}

    /// A slot that has a content before the function is called.
    ///
    /// @param slot the slot
    /// @param type the type of its content before
    record Place(Slot slot, TensorType type) {
        boolean holds() {
            Tensor stored = slot.stored().orElse(null);
            return stored != null && (stored.type() == type || stored.type().equals(type));
        }
    }

    /// How memory goes in and out, in the order of the program's inputs and outputs: inputs are the
    /// tensors of the arguments, then `full`, then `captured`; outputs are the tensors of the
    /// result, then the contents of `filled`, then the updates.
    ///
    /// @param full slots that have a content before
    /// @param empty slots that have none before
    /// @param captured tensors from outside
    /// @param filled slots that get another tensor than they had
    /// @param updated which of `full` are updated, by number
    /// @param cleared slots that are empty afterwards
    record Wiring(
            Place[] full,
            Slot[] empty,
            Tensor[] captured,
            Slot[] filled,
            int[] updated,
            Slot[] cleared) {}

    private final String name;
    private final Key key;
    private final Wiring wiring;
    private final Pattern result;
    private final Executable executable;
    private final int given;
    private final int returned;
    private final Optional<CutTape> cut;

    /// Whether there is nothing but arguments and results, and no tensor inside of an argument.
    private final boolean stateless;

    /// For each input a layout that is known to be contiguous.
    private final @Nullable Layout[] contiguous;

    /// A trace.
    Trace(String name, Key key, Wiring wiring, Pattern result, Executable executable) {
        this.name = name;
        this.key = key;
        this.wiring = wiring;
        this.result = result;
        this.executable = executable;
        this.given = Arrays.stream(key.arguments()).mapToInt(Pattern::size).sum();
        this.returned = result.size();
        this.contiguous = new Layout[given + wiring.full.length + wiring.captured.length];
        this.stateless =
                contiguous.length == given
                        && wiring.filled.length + wiring.cleared.length == 0
                        && Arrays.stream(key.arguments())
                                .allMatch(one -> one instanceof Pattern.One || one.size() == 0);
        List<Pattern.One> tensors = Tracing.tensors(result).toList();
        this.cut =
                tensors.stream().anyMatch(Pattern.One::grad)
                        ? Optional.of(
                                new CutTape(name, tensors.stream().map(Pattern.One::type).toList()))
                        : Optional.empty();
    }

    /// Whether an object that it is for is gone, so that it cannot match any more.
    boolean isDead() {
        for (Pattern pattern : key.arguments) {
            if (pattern instanceof Pattern.Same(var object) && object.get() == null) {
                return true;
            }
        }
        return false;
    }

    /// Whether it is right for this call.
    boolean matches(Mode mode, boolean recording, @Nullable Object[] arguments) {
        if (mode != key.mode || recording != key.recording) {
            return false;
        }
        for (int i = 0; i < arguments.length; i++) {
            if (!key.arguments[i].matches(arguments[i], recording)) {
                return false;
            }
        }
        for (Place place : wiring.full) {
            if (!place.holds()) {
                return false;
            }
        }
        for (Slot slot : wiring.empty) {
            if (slot.stored().isPresent()) {
                return false;
            }
        }
        for (Guard guard : key.guards) {
            if (!guard.holds()) {
                return false;
            }
        }
        return true;
    }

    /// The first thing that does not match, in words.
    String mismatch(Mode mode, boolean recording, @Nullable Object[] arguments) {
        if (mode != key.mode) {
            return "the mode, " + key.mode + " before and " + mode + " now";
        }
        for (int i = 0; i < arguments.length; i++) {
            if (!key.arguments[i].matches(arguments[i], recording)) {
                return "argument %d, %s before and %s now"
                        .formatted(i, key.arguments[i], Pattern.of(arguments[i], recording));
            }
        }
        if (recording != key.recording) {
            return "noGrad, which was " + (recording ? "on" : "off");
        }
        for (Guard guard : key.guards) {
            if (!guard.holds()) {
                return guard.describe();
            }
        }
        for (Place place : wiring.full) {
            if (!place.holds()) {
                return place.slot + ", which was " + place.type;
            }
        }
        for (Slot slot : wiring.empty) {
            if (slot.stored().isPresent()) {
                return slot + ", which was empty";
            }
        }
        return "nothing";
    }

    /// Runs it with arguments that match.
    @Nullable Object run(@Nullable Object[] arguments) {
        if (stateless && fill(arguments) instanceof View[] views) {
            View[] outputs = executable.run(views, NONE);
            Reference.reachabilityFence(views);
            return wrap(outputs);
        }
        return runWithState(arguments);
    }

    // The inputs of a trace that has no state and whose tensors are arguments themselves; nothing
    // if one of them must be copied first.
    private View @Nullable [] fill(@Nullable Object[] arguments) {
        View[] views = new View[given];
        int next = 0;
        for (Object argument : arguments) {
            if (argument instanceof Tensor tensor) {
                if (!(tensor.value() instanceof View view) || view.layout() != contiguous[next]) {
                    return null;
                }
                views[next++] = view;
            }
        }
        return views;
    }

    private @Nullable Object runWithState(@Nullable Object[] arguments) {
        Tensor[] tensors = new Tensor[given];
        int next = 0;
        for (int i = 0; i < arguments.length; i++) {
            next = key.arguments[i].collect(arguments[i], tensors, next);
        }
        int inputs = contiguous.length;
        View[] views = new View[inputs];
        boolean[] exclusive = wiring.updated.length == 0 ? NONE : new boolean[inputs];
        boolean copied = false;
        View[] outputs;
        try {
            for (int i = 0; i < given; i++) {
                views[i] = contiguous(tensors[i], i);
                copied |= views[i] != tensors[i].value();
            }
            next = given;
            for (Place place : wiring.full) {
                Tensor stored = place.slot.stored().orElseThrow();
                View view = contiguous(stored, next);
                boolean original = view == stored.value();
                if (exclusive != NONE) {
                    exclusive[next] = original && view.storage().exclusive();
                }
                copied |= !original;
                views[next++] = view;
            }
            for (Tensor tensor : wiring.captured) {
                views[next] = contiguous(tensor, next);
                copied |= views[next++] != tensor.value();
            }
            outputs = execute(views, exclusive);
        } finally {
            if (copied) {
                releaseCopies(tensors, views);
            }
        }
        store(views, outputs);
        Reference.reachabilityFence(tensors);
        Reference.reachabilityFence(views);
        return wrap(outputs);
    }

    private View[] execute(View[] views, boolean[] exclusive) {
        if (wiring.updated.length == 0) {
            return executable.run(views, exclusive);
        }
        // What is updated in place must not be read by another call meanwhile.
        synchronized (executable) {
            return executable.run(views, exclusive);
        }
    }

    // Executables read row-major memory only.
    private View contiguous(Tensor tensor, int input) {
        if (!(tensor.value() instanceof View view)) {
            throw new TypeException(
                    "%s: expects tensors with values, but got one that stands for a value in a"
                                    .formatted(name)
                            + " traced function (%s); return it from the traced function, do not"
                                    .formatted(tensor.type())
                            + " keep it");
        }
        // The same layout for the same type: looked at once.
        if (view.layout() == contiguous[input]) {
            return view;
        }
        if (view.isContiguous()) {
            contiguous[input] = view.layout();
            return view;
        }
        View copy = View.allocate(view.type());
        view.copyTo(MemorySegment.ofAddress(copy.address()).reinterpret(view.type().bytes()));
        return copy;
    }

    private void releaseCopies(Tensor[] tensors, @Nullable View[] views) {
        for (int i = 0; i < views.length; i++) {
            View view = views[i];
            if (view != null && view != original(tensors, i)) {
                view.release();
            }
        }
    }

    private Object original(Tensor[] tensors, int input) {
        if (input < given) {
            return tensors[input].value();
        }
        int place = input - given;
        return place < wiring.full.length
                ? wiring.full[place].slot.stored().orElseThrow().value()
                : wiring.captured[place - wiring.full.length].value();
    }

    private void store(View[] inputs, View[] outputs) {
        int next = returned;
        for (Slot slot : wiring.filled) {
            View view = outputs[next++];
            slot.store(Optional.of(Tensor.of(view.type(), view)));
        }
        for (int place : wiring.updated) {
            View view = outputs[next++];
            // Updated in place, it is what the slot holds already.
            if (view != inputs[given + place]) {
                wiring.full[place].slot.store(Optional.of(Tensor.of(view.type(), view)));
            }
        }
        for (Slot slot : wiring.cleared) {
            slot.store(Optional.empty());
        }
    }

    private @Nullable Object wrap(View[] outputs) {
        if (result instanceof Pattern.One(var type, var grad) && !grad) {
            return Tensor.of(type, outputs[0]);
        }
        List<Tensor> all = new ArrayList<>(returned);
        for (int i = 0; i < returned; i++) {
            all.add(Tensor.of(outputs[i].type(), outputs[i]));
        }
        return result.build((cut.isPresent() ? cut.get().after(all) : all).iterator());
    }

    /// What it is, in a few lines.
    String describe() {
        List<String> lines = new ArrayList<>();
        lines.add("  traced for   " + String.join(", ", strings(key.arguments)) + mode());
        if (wiring.full.length + wiring.captured.length > 0) {
            lines.add(
                    "  captured     %d parameters, states and gradients (%d updated), %d tensors"
                            .formatted(
                                    wiring.full.length,
                                    wiring.updated.length + wiring.filled.length,
                                    wiring.captured.length));
        }
        lines.add(
                "  runs         %d kernels, %,d bytes of temporaries (%,d if none shared memory)"
                        .formatted(
                                executable.kernels(),
                                executable.arenaBytes(),
                                executable.arenaTotal()));
        return String.join("\n", lines);
    }

    private String mode() {
        return (key.mode == Mode.TRACED_UNOPTIMIZED ? ", unoptimized" : "")
                + (key.recording ? "" : ", noGrad");
    }

    private static List<String> strings(Pattern[] patterns) {
        return Arrays.stream(patterns).map(Pattern::toString).toList();
    }

    /// What a call does, kernel by kernel.
    String listing() {
        return executable.listing();
    }

    /// The number of kernels one call runs.
    int kernels() {
        return executable.kernels();
    }
}
