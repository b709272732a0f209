package org.gemel.tracer;

import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.gemel.Slot;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.backend.View;
import org.gemel.compiler.Executable;
import org.gemel.ir.Layout;
import org.jspecify.annotations.Nullable;

/// A function that looks at no value: one program.
final class StraightTrace extends Trace {
    private static final boolean[] NONE = {};

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

    private final Wiring wiring;
    private final Results results;
    private final @Nullable TensorType plain;
    private final Executable executable;
    private final int given;
    private final int returned;

    /// Whether there is nothing but arguments and results, and no tensor inside of an argument.
    private final boolean stateless;

    /// For each input a layout that is known to be contiguous.
    private final @Nullable Layout[] contiguous;

    /// A trace.
    StraightTrace(String name, Key key, Wiring wiring, Pattern result, Executable executable) {
        super(name, key, wiring.full, wiring.empty);
        this.wiring = wiring;
        this.results = new Results(name, result);
        this.plain = result instanceof Pattern.One(var type, var grad) && !grad ? type : null;
        this.executable = executable;
        this.given = Arrays.stream(key.arguments()).mapToInt(Pattern::size).sum();
        this.returned = result.size();
        this.contiguous = new Layout[given + wiring.full.length + wiring.captured.length];
        this.stateless =
                contiguous.length == given
                        && wiring.filled.length + wiring.cleared.length == 0
                        && Arrays.stream(key.arguments())
                                .allMatch(one -> one instanceof Pattern.One || one.size() == 0);
    }

    @Override
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
            next = key().arguments()[i].collect(arguments[i], tensors, next);
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
                Tensor stored = place.slot().stored().orElseThrow();
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

    // The same layout for the same type: looked at once.
    private View contiguous(Tensor tensor, int input) {
        if (tensor.value() instanceof View view && view.layout() == contiguous[input]) {
            return view;
        }
        View view = Registers.contiguous(tensor, name());
        if (view == tensor.value()) {
            contiguous[input] = view.layout();
        }
        return view;
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
                ? wiring.full[place].slot().stored().orElseThrow().value()
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
                wiring.full[place].slot().store(Optional.of(Tensor.of(view.type(), view)));
            }
        }
        for (Slot slot : wiring.cleared) {
            slot.store(Optional.empty());
        }
    }

    private @Nullable Object wrap(View[] outputs) {
        if (plain != null) {
            return Tensor.of(plain, outputs[0]);
        }
        return results.wrap(outputs);
    }

    @Override
    void describe(List<String> lines) {
        List<String> captured =
                Captures.text(
                        Arrays.stream(wiring.full).map(Place::slot).toList(),
                        Arrays.stream(wiring.updated).mapToObj(i -> wiring.full[i].slot()).toList(),
                        List.of(wiring.filled),
                        wiring.captured.length);
        if (!captured.isEmpty()) {
            lines.add("  captured     " + String.join(", ", captured));
        }
        lines.add("  segments     1 (no graph break)");
        lines.add(
                "  temporaries  %,d bytes (%,d if none shared memory)"
                        .formatted(executable.arenaBytes(), executable.arenaTotal()));
        lines.addAll(KernelReport.lines(executable.regions()));
    }

    @Override
    String listing() {
        return executable.listing();
    }

    @Override
    int kernels() {
        return executable.kernels();
    }
}
