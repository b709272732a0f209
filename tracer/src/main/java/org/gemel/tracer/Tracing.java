package org.gemel.tracer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
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
    private final Subject subject;
    private final boolean recording;
    private final TraceTree tree;
    private final TraceRecorder recorder;

    private Tracing(
            Subject subject,
            boolean recording,
            TraceTree tree,
            Preview preview,
            List<byte[]> decisions) {
        this.subject = subject;
        this.recording = recording;
        this.tree = tree;
        this.recorder = new TraceRecorder(subject.name(), tree, decisions, preview);
    }

    /// Traces a call.
    static Trace trace(
            Subject subject, Mode mode, boolean recording, @Nullable Object[] arguments) {
        Pattern[] patterns =
                Arrays.stream(arguments)
                        .map(argument -> Pattern.of(argument, recording))
                        .toArray(Pattern[]::new);
        List<Node.Input> inputs = new ArrayList<>();
        for (Pattern pattern : patterns) {
            tensors(pattern)
                    .forEach(one -> inputs.add(new Node.Input("x" + inputs.size(), one.type())));
        }
        Pipeline pipeline = mode == Mode.TRACED_UNOPTIMIZED ? Pipeline.none() : Pipeline.standard();
        TraceTree tree = new TraceTree(inputs, pipeline);
        Preview preview = new Preview(Context.current().interpreter());
        Tracing tracing = new Tracing(subject, recording, tree, preview, List.of());
        List<Guard> guards = tracing.guards(patterns);
        Optional<Bounds.Exceeded> exceeded =
                tracing.run(patterns, tracing.load(preview, patterns, arguments), guards);
        Trace.Key key = new Trace.Key(mode, recording, patterns, needed(guards, tree));
        if (exceeded.isEmpty() && tree.root().look().isEmpty()) {
            return tracing.straight(key, pipeline);
        }
        if (exceeded.isPresent()) {
            BranchingTrace empty =
                    new BranchingTrace(subject, key, new TraceTree(inputs, pipeline));
            empty.refuse(exceeded.get());
            return empty;
        }
        tree.add(tracing.recorder.path());
        return new BranchingTrace(subject, key, tree);
    }

    /// Traces a call that took a way through a tree's function that is not known yet.
    ///
    /// @param key what the tree is valid for; holds for this call
    /// @param decisions what was seen so far
    /// @param preview knows what was computed so far
    /// @return the guards that the tree needs from now on, or the bound that it has reached
    static Extension extend(
            Subject subject,
            Trace.Key key,
            TraceTree tree,
            List<byte[]> decisions,
            Preview preview,
            @Nullable Object[] arguments) {
        Tracing tracing = new Tracing(subject, key.recording(), tree, preview, decisions);
        Pattern[] patterns = key.arguments();
        List<Guard> guards = tracing.guards(patterns);
        Optional<Bounds.Exceeded> exceeded =
                tracing.run(patterns, tracing.load(preview, patterns, arguments), guards);
        if (exceeded.isEmpty()) {
            tree.add(tracing.recorder.path());
        }
        return new Extension(needed(guards, tree), exceeded);
    }

    /// What another way through a function has changed.
    record Extension(Guard[] guards, Optional<Bounds.Exceeded> exceeded) {}

    private static Guard[] needed(List<Guard> guards, TraceTree tree) {
        return JavaState.needed(guards, TraceRecorder.used(tree)).toArray(Guard[]::new);
    }

    private List<Guard> guards(Pattern[] patterns) {
        List<Object> visible = new ArrayList<>(subject.roots());
        for (Pattern pattern : patterns) {
            objects(pattern, visible);
        }
        return JavaState.reachable(subject.origin(), visible);
    }

    // The symbols of the arguments' tensors.
    private List<Tensor> load(Preview preview, Pattern[] patterns, @Nullable Object[] arguments) {
        Tensor[] given = new Tensor[tree.arguments().size()];
        int next = 0;
        for (int i = 0; i < patterns.length; i++) {
            next = patterns[i].collect(arguments[i], given, next);
        }
        List<Tensor> symbols = new ArrayList<>();
        Iterator<Pattern.One> types = Arrays.stream(patterns).flatMap(Tracing::tensors).iterator();
        for (int i = 0; i < given.length; i++) {
            Node.Input input = tree.arguments().get(i);
            preview.put(input, given[i]);
            Tensor symbol = recorder.symbol(input);
            symbols.add(types.next().grad() ? symbol.withGrad() : symbol);
        }
        return symbols;
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

    private Optional<Bounds.Exceeded> run(
            Pattern[] patterns, List<Tensor> symbols, List<Guard> guards) {
        @Nullable Object[] symbolic = new @Nullable Object[patterns.length];
        Iterator<Tensor> source = symbols.iterator();
        for (int i = 0; i < patterns.length; i++) {
            symbolic[i] = patterns[i].build(source);
        }
        Context context = new Context(recorder, recording, null);
        try {
            context.run(() -> {
                Object returned = subject.body().call(symbolic);
                if (recorder.exceeded().isEmpty()) {
                    recorder.end(finish(returned, symbols, guards));
                }
            });
        } catch (RuntimeException | Error failure) {
            if (recorder.exceeded().isEmpty()) {
                throw failure;
            }
        } finally {
            recorder.close();
        }
        if (recorder.exceeded().isPresent()) {
            restore(guards);
        }
        return recorder.exceeded();
    }

    /// The tensors of a pattern, in order.
    static Stream<Pattern.One> tensors(Pattern pattern) {
        return switch (pattern) {
            case Pattern.One one -> Stream.of(one);
            case Pattern.Group(_, var elements) -> elements.stream().flatMap(Tracing::tensors);
            case Pattern.Bare _ -> Stream.empty();
        };
    }

    private Segment.Outcome finish(
            @Nullable Object returned, List<Tensor> symbols, List<Guard> guards) {
        checkState(guards);
        checkGradients(symbols);
        Pattern result = Pattern.of(returned, recording);
        checkResult(result);
        Tensor[] tensors = new Tensor[result.size()];
        result.collect(returned, tensors, 0);
        List<Node> nodes = Arrays.stream(tensors).map(recorder::node).toList();
        return new Segment.Outcome(result, nodes, recorder.slots());
    }

    private void checkState(List<Guard> guards) {
        Optional<String> changed =
                guards.stream().filter(guard -> !guard.holds()).map(Guard::describe).findFirst();
        if (changed.isPresent()) {
            restore(guards);
            throw new GemelException(
                    "traced: expects a function without Java side effects, since they do not happen"
                            + " again, but %s changed %s; use State or return the value"
                                    .formatted(subject.name(), changed.get()));
        }
    }

    private static void restore(List<Guard> guards) {
        for (Guard guard : guards) {
            if (guard instanceof Guard.InField field) {
                field.restore();
            }
        }
    }

    // A gradient would be added to the symbol that stood for the argument, and be lost.
    private void checkGradients(List<Tensor> symbols) {
        for (Tensor symbol : symbols) {
            if (symbol.requiresGrad() && gradientArrived(symbol)) {
                throw new GemelException(
                        "traced: expects gradients of parameters, but backward() in %s reached an"
                                        .formatted(subject.name())
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
                                            .formatted(subject.name(), same));
        }
    }

    // The whole function is one program.
    private Trace straight(Trace.Key key, Pipeline pipeline) {
        Segment.Outcome outcome = tree.root().outcome().orElseThrow();
        Ending.Slots slots = Ending.slots(outcome.slots());
        List<Node.Input> inputs = new ArrayList<>(tree.arguments());
        List<Trace.Place> full = new ArrayList<>();
        List<Slot> empty = new ArrayList<>();
        List<Integer> updatedInputs = new ArrayList<>();
        List<Integer> updated = new ArrayList<>();
        tree.root()
                .entries()
                .forEach((slot, before) -> {
                    if (before.isEmpty()) {
                        empty.add(slot);
                        return;
                    }
                    if (slots.updated().contains(before.get())) {
                        updatedInputs.add(inputs.size());
                        updated.add(full.size());
                    }
                    inputs.add(before.get());
                    full.add(new Trace.Place(slot, before.get().type()));
                });
        tree.captured().values().forEach(captured -> inputs.add(captured.input()));
        List<Node> outputs = new ArrayList<>(outcome.tensors());
        outputs.addAll(slots.filling());
        outputs.addAll(slots.updates());
        StraightTrace.Wiring wiring =
                new StraightTrace.Wiring(
                        full.toArray(Trace.Place[]::new),
                        empty.toArray(Slot[]::new),
                        tree.captured().values().stream()
                                .map(TraceRecorder.Captured::tensor)
                                .toArray(Tensor[]::new),
                        slots.filled().toArray(Slot[]::new),
                        updated.stream().mapToInt(Integer::intValue).toArray(),
                        slots.cleared().toArray(Slot[]::new));
        Program program = new Program(new Graph(inputs, outputs), updatedInputs);
        Executable executable = Executable.compile(program, pipeline, Backend.current());
        return new StraightTrace(subject.name(), key, wiring, outcome.result(), executable);
    }
}
