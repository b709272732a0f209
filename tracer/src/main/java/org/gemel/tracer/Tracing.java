package org.gemel.tracer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.gemel.Context;
import org.gemel.GemelException;
import org.gemel.Slot;
import org.gemel.Tensor;
import org.gemel.TypeException;
import org.gemel.backend.Backend;
import org.gemel.compiler.Executable;
import org.gemel.compiler.Pipeline;
import org.gemel.compiler.Program;
import org.gemel.ir.Graph;
import org.gemel.ir.Node;
import org.jspecify.annotations.Nullable;

/// Makes a trace: runs the function once on symbols, and compiles what it did.
final class Tracing {
    private final String name;
    private final TraceRecorder recorder;
    private final boolean recording;
    private final List<Node.Input> inputs = new ArrayList<>();
    private final List<Node> outputs = new ArrayList<>();
    private final List<Node> updates = new ArrayList<>();
    private final List<Integer> updatedInputs = new ArrayList<>();

    private Tracing(String name, boolean recording) {
        this.name = name;
        this.recorder = new TraceRecorder(name);
        this.recording = recording;
    }

    /// Traces a call.
    ///
    /// @param name the function, for messages
    /// @param body the function
    /// @param roots objects besides the arguments that the function can see
    static Trace trace(
            String name,
            Body body,
            JavaState.Origin origin,
            List<Object> roots,
            Mode mode,
            boolean recording,
            @Nullable Object[] arguments) {
        Tracing tracing = new Tracing(name, recording);
        Pattern[] patterns =
                Arrays.stream(arguments)
                        .map(argument -> Pattern.of(argument, recording))
                        .toArray(Pattern[]::new);
        List<Object> visible = new ArrayList<>(roots);
        for (int i = 0; i < patterns.length; i++) {
            objects(patterns[i], visible);
        }
        List<Guard> guards = JavaState.reachable(origin, visible);
        Pattern result = tracing.run(body, patterns, guards);
        Trace.Wiring wiring = tracing.wire();
        Executable executable = tracing.compile(mode);
        Guard[] needed = JavaState.needed(guards, tracing.recorder).toArray(Guard[]::new);
        return new Trace(
                name, new Trace.Key(mode, recording, patterns, needed), wiring, result, executable);
    }

    private static void objects(Pattern pattern, List<Object> found) {
        switch (pattern) {
            case Pattern.Same(var object) -> {
                Object seen = object.get();
                if (seen != null) {
                    found.add(seen);
                }
            }
            case Pattern.Group(_, var elements) ->
                    elements.forEach(element -> objects(element, found));
            case Pattern.One _, Pattern.Equal _, Pattern.Numbers _ -> {}
        }
    }

    private Pattern run(Body body, Pattern[] patterns, List<Guard> guards) {
        List<Tensor> symbols = new ArrayList<>();
        @Nullable Object[] symbolic = new @Nullable Object[patterns.length];
        Iterator<Tensor> source = new Symbols(symbols, patterns);
        for (int i = 0; i < patterns.length; i++) {
            symbolic[i] = patterns[i].build(source);
        }
        Context context = new Context(recorder, recording, null);
        try {
            return context.call(() -> finish(body.call(symbolic), symbols, guards));
        } finally {
            recorder.close();
        }
    }

    /// Makes a symbol, and the input behind it, for each tensor of the arguments.
    private final class Symbols implements Iterator<Tensor> {
        private final Iterator<Pattern.One> types;
        private final List<Tensor> made;

        Symbols(List<Tensor> made, Pattern[] patterns) {
            this.made = made;
            this.types = Arrays.stream(patterns).flatMap(Tracing::tensors).iterator();
        }

        @Override
        public boolean hasNext() {
            return types.hasNext();
        }

        @Override
        public Tensor next() {
            Pattern.One one = types.next();
            Node.Input input = new Node.Input("x" + inputs.size(), one.type());
            inputs.add(input);
            Tensor symbol = recorder.symbol(input);
            Tensor tensor = one.grad() ? symbol.withGrad() : symbol;
            made.add(tensor);
            return tensor;
        }
    }

    /// The tensors of a pattern, in order.
    static Stream<Pattern.One> tensors(Pattern pattern) {
        return switch (pattern) {
            case Pattern.One one -> Stream.of(one);
            case Pattern.Group(_, var elements) -> elements.stream().flatMap(Tracing::tensors);
            case Pattern.Equal _, Pattern.Numbers _, Pattern.Same _ -> Stream.empty();
        };
    }

    private Pattern finish(@Nullable Object returned, List<Tensor> symbols, List<Guard> guards) {
        checkState(guards);
        checkGradients(symbols);
        Pattern result = Pattern.of(returned, recording);
        checkResult(result);
        Tensor[] tensors = new Tensor[result.size()];
        result.collect(returned, tensors, 0);
        for (Tensor tensor : tensors) {
            outputs.add(recorder.node(tensor));
        }
        return result;
    }

    private void checkState(List<Guard> guards) {
        Optional<String> changed =
                guards.stream().filter(guard -> !guard.holds()).map(Guard::describe).findFirst();
        if (changed.isPresent()) {
            for (Guard guard : guards) {
                if (guard instanceof Guard.InField field) {
                    field.restore();
                }
            }
            throw new GemelException(
                    "traced: expects a function without Java side effects, since they do not happen"
                            + " again, but %s changed %s; use State or return the value"
                                    .formatted(name, changed.get()));
        }
    }

    // A gradient would be added to the symbol that stood for the argument, and be lost.
    private void checkGradients(List<Tensor> symbols) {
        for (Tensor symbol : symbols) {
            if (symbol.requiresGrad() && gradientArrived(symbol)) {
                throw new GemelException(
                        "traced: expects gradients of parameters, but backward() in %s reached an"
                                        .formatted(name)
                                + " argument that was made with withGrad(); use a Parameter, or"
                                + " Grad.grad");
            }
        }
    }

    private static boolean gradientArrived(Tensor leaf) {
        try {
            leaf.grad();
            return true;
        } catch (TypeException none) {
            // The only way to ask.
            return false;
        }
    }

    private void checkResult(Pattern result) {
        switch (result) {
            case Pattern.One _, Pattern.Equal _, Pattern.Numbers _ -> {}
            case Pattern.Group(_, var elements) -> elements.forEach(this::checkResult);
            case Pattern.Same same ->
                    throw new GemelException(
                            "traced: expects tensors, lists, arrays or records of them, and plain"
                                    + " values as a result, but %s returned %s; return what it holds"
                                            .formatted(name, same));
        }
    }

    private Trace.Wiring wire() {
        List<Trace.Place> full = new ArrayList<>();
        List<Slot> empty = new ArrayList<>();
        List<Slot> filled = new ArrayList<>();
        List<Slot> cleared = new ArrayList<>();
        List<Integer> updated = new ArrayList<>();
        for (Map.Entry<Slot, TraceRecorder.Place> entry : recorder.slots().entrySet()) {
            Slot slot = entry.getKey();
            Optional<Node.Input> before = entry.getValue().entry();
            Optional<Node> after = entry.getValue().now();
            if (before.isPresent()) {
                inputs.add(before.get());
                full.add(new Trace.Place(slot, before.get().type()));
            } else {
                empty.add(slot);
            }
            if (after.isPresent() && !same(before, after.get())) {
                if (before.isPresent() && before.get().type().equals(after.get().type())) {
                    updates.add(after.get());
                    updatedInputs.add(inputs.size() - 1);
                    updated.add(full.size() - 1);
                } else {
                    outputs.add(after.get());
                    filled.add(slot);
                }
            } else if (after.isEmpty() && before.isPresent()) {
                cleared.add(slot);
            }
        }
        recorder.captured().values().forEach(captured -> inputs.add(captured.input()));
        return new Trace.Wiring(
                full.toArray(Trace.Place[]::new),
                empty.toArray(Slot[]::new),
                recorder.captured().values().stream()
                        .map(TraceRecorder.Captured::tensor)
                        .toArray(Tensor[]::new),
                filled.toArray(Slot[]::new),
                updated.stream().mapToInt(Integer::intValue).toArray(),
                cleared.toArray(Slot[]::new));
    }

    private static boolean same(Optional<Node.Input> before, Node after) {
        return before.isPresent() && before.get() == after;
    }

    private Executable compile(Mode mode) {
        outputs.addAll(updates);
        Program program = new Program(new Graph(inputs, outputs), updatedInputs);
        Pipeline pipeline = mode == Mode.TRACED_UNOPTIMIZED ? Pipeline.none() : Pipeline.standard();
        return Executable.compile(program, pipeline, Backend.current());
    }
}
