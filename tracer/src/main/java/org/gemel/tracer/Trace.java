package org.gemel.tracer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gemel.Slot;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.jspecify.annotations.Nullable;

/// One compiled way through a function: what it is valid for, and how to run it.
abstract sealed class Trace permits StraightTrace, BranchingTrace {
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

    private final String name;
    private final Key key;
    private final Place[] full;
    private final Slot[] empty;
    private volatile Guard[] guards;

    /// A trace.
    ///
    /// @param full slots that have a content before
    /// @param empty slots that have none before
    Trace(String name, Key key, Place[] full, Slot[] empty) {
        this.name = name;
        this.key = key;
        this.full = full;
        this.empty = empty;
        this.guards = key.guards();
    }

    String name() {
        return name;
    }

    Key key() {
        return key;
    }

    /// Relies on other things from now on.
    void guards(Guard[] next) {
        guards = next;
    }

    /// Runs it with arguments that match.
    abstract @Nullable Object run(@Nullable Object[] arguments);

    /// What it is, in a few more lines.
    abstract void describe(List<String> lines);

    /// What a call does, kernel by kernel.
    abstract String listing();

    /// The number of kernels one call runs.
    abstract int kernels();

    /// Whether an object that it is for is gone, so that it cannot match any more.
    boolean isDead() {
        for (Pattern pattern : key.arguments) {
            if (pattern instanceof Pattern.Same(var object) && object.get() == null) {
                return true;
            }
        }
        return false;
    }

    /// Whether it is for calls on `receiver`.
    boolean isFor(Object receiver) {
        return key.arguments.length > 0 && key.arguments[0].matches(receiver, key.recording);
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
        for (Place place : full) {
            if (!place.holds()) {
                return false;
            }
        }
        for (Slot slot : empty) {
            if (slot.stored().isPresent()) {
                return false;
            }
        }
        for (Guard guard : guards) {
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
        for (Guard guard : guards) {
            if (!guard.holds()) {
                return guard.describe();
            }
        }
        for (Place place : full) {
            if (!place.holds()) {
                return place.slot + ", which was " + place.type;
            }
        }
        for (Slot slot : empty) {
            if (slot.stored().isPresent()) {
                return slot + ", which was empty";
            }
        }
        return "nothing";
    }

    /// What it is, in a few lines.
    String describe() {
        List<String> lines = new ArrayList<>();
        lines.add("  traced for   " + String.join(", ", strings(key.arguments)) + mode());
        List<String> held =
                Arrays.stream(guards).flatMap(guard -> guard.holding().stream()).toList();
        if (!held.isEmpty()) {
            lines.add(
                    "  key holds    %s%s"
                            .formatted(
                                    String.join(", ", held.subList(0, Math.min(8, held.size()))),
                                    held.size() > 8 ? ", %d more".formatted(held.size() - 8) : ""));
        }
        describe(lines);
        return String.join("\n", lines);
    }

    private String mode() {
        return (key.mode == Mode.TRACED_UNOPTIMIZED ? ", unoptimized" : "")
                + (key.recording ? "" : ", noGrad");
    }

    private static List<String> strings(Pattern[] patterns) {
        return Arrays.stream(patterns).map(Pattern::toString).toList();
    }
}
