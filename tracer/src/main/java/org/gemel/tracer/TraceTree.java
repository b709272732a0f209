package org.gemel.tracer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.gemel.TensorType;
import org.gemel.backend.Backend;
import org.gemel.backend.View;
import org.gemel.compiler.Executable;
import org.gemel.compiler.Pipeline;
import org.gemel.compiler.Program;
import org.gemel.ir.Graph;
import org.gemel.ir.Node;
import org.gemel.op.Movement;
import org.gemel.op.Primitive;

/// The segments of one trace and the registers that hand tensors from one to the next.
///
/// What a segment hands on is known only when the ways that follow it are: each new way may ask
/// earlier segments for more, which are then compiled again.
final class TraceTree {
    private final List<Node.Input> arguments;
    private final Pipeline pipeline;
    private final Segment root = new Segment(new byte[0]);
    private final SequencedMap<View, TraceRecorder.Captured> captured = new LinkedHashMap<>();
    private final Set<View> looked = new HashSet<>();
    private final Map<Node, Segment> owners = new IdentityHashMap<>();
    private final Map<Node, Integer> registers = new IdentityHashMap<>();
    private final List<Node> byRegister = new ArrayList<>();
    private final Map<List<Object>, Executable> executables = new HashMap<>();
    private int segments;

    /// A tree without any segment recorded.
    ///
    /// @param arguments what stands for the tensors of the arguments, in order
    TraceTree(List<Node.Input> arguments, Pipeline pipeline) {
        this.arguments = arguments;
        this.pipeline = pipeline;
        arguments.forEach(this::register);
    }

    /// What stands for the tensors of the arguments; their registers are the first ones.
    List<Node.Input> arguments() {
        return arguments;
    }

    Segment root() {
        return root;
    }

    /// The tensors from outside, in the order of first use.
    SequencedMap<View, TraceRecorder.Captured> captured() {
        return captured;
    }

    /// The tensors from outside whose values were looked at.
    Set<View> looked() {
        return looked;
    }

    int segments() {
        return segments;
    }

    /// Where a node's memory is kept during a call.
    int register(Node node) {
        return registers.computeIfAbsent(
                node,
                _ -> {
                    byRegister.add(node);
                    return byRegister.size() - 1;
                });
    }

    /// Where a node's memory is kept, or -1 if nobody needs it.
    int registerOf(Node node) {
        return registers.getOrDefault(node, -1);
    }

    int registers() {
        return byRegister.size();
    }

    Node inRegister(int register) {
        return byRegister.get(register);
    }

    /// Takes in a way through the function that was recorded to its end.
    void add(List<Segment> path) {
        for (int i = 0; i < path.size(); i++) {
            Segment segment = path.get(i);
            segment.nodes().forEach(node -> owners.put(node, segment));
            if (i > 0) {
                List<Segment> siblings = path.get(i - 1).look().orElseThrow().children();
                if (!siblings.contains(segment)) {
                    siblings.add(segment);
                    segments++;
                }
            } else if (segments == 0) {
                segments++;
            }
        }
        // From the end, since each asks those before it.
        for (Segment segment : path.reversed()) {
            link(segment);
        }
        BitSet after = new BitSet();
        for (Segment segment : path.reversed()) {
            segment.look().ifPresent(look -> segment.needs().set(register(look.node())));
            segment.needs().or(after);
            after = segment.needs();
        }
    }

    private void link(Segment segment) {
        segment.look().ifPresent(look -> request(look.node()));
        if (segment.outcome().isPresent()) {
            if (segment.ending().isEmpty()) {
                end(segment, segment.outcome().get());
            }
            return;
        }
        int[] to = segment.exports().stream().mapToInt(this::register).toArray();
        int before = segment.code().map(code -> code.to().length).orElse(0);
        if (to.length > before) {
            Localizer local = new Localizer(segment, segment.exports());
            List<Node> outputs = segment.exports().stream().map(local::apply).toList();
            Executable executable = compile(new Program(local.graph(outputs), List.of()));
            segment.code(Optional.of(new Segment.Code(executable, local.from(segment), to)));
        }
    }

    private void end(Segment segment, Segment.Outcome outcome) {
        Ending.Slots slots = Ending.slots(outcome.slots());
        List<Node> wanted = new ArrayList<>(outcome.tensors());
        wanted.addAll(slots.filling());
        wanted.addAll(slots.updates());
        Localizer local = new Localizer(segment, wanted);
        List<Node> outputs = wanted.stream().map(local::apply).toList();
        slots.updated().forEach(local::apply);
        Graph graph = local.graph(outputs);
        List<Integer> updates =
                slots.updated().stream().map(input -> graph.inputs().indexOf(input)).toList();
        Executable executable = compile(new Program(graph, updates));
        int[] updated = slots.updated().stream().mapToInt(this::register).toArray();
        int[] from = local.from(segment);
        segment.ending(new Ending(outcome.result(), slots, updated, executable, from));
    }

    // Makes sure that a node's memory is in its register.
    private void request(Node node) {
        register(node);
        Segment owner = owners.get(node);
        if (owner != null) {
            owner.exports().add(node);
        }
    }

    /// Cuts the graph at a segment's borders: what comes from outside becomes an input.
    private final class Localizer implements UnaryOperator<Node> {
        private final Segment segment;
        private final Map<Node, Node> local = new IdentityHashMap<>();

        /// The inputs, with what they stand for.
        private final SequencedMap<Node.Input, Node> inputs = new LinkedHashMap<>();

        Localizer(Segment segment, Iterable<Node> wanted) {
            this.segment = segment;
            Set<Node> needed = new HashSet<>();
            wanted.forEach(needed::add);
            for (Node node : segment.nodes().reversed()) {
                if (needed.contains(node) && node instanceof Node.Apply apply) {
                    needed.addAll(apply.inputs());
                }
            }
            // In the order of recording, so that deep graphs need no deep recursion.
            segment.nodes().stream().filter(needed::contains).forEach(this::apply);
        }

        @Override
        public Node apply(Node node) {
            Node known = local.get(node);
            if (known == null) {
                known = make(node);
                local.put(node, known);
            }
            return known;
        }

        private Node make(Node node) {
            return switch (node) {
                case Node.Constant constant -> constant;
                case Node.Input input -> {
                    inputs.put(input, input);
                    yield input;
                }
                case Node.Apply(var op, var operands, var type, var source) -> {
                    if (owners.get(node) == segment || isFree(op, operands)) {
                        yield new Node.Apply(
                                op, operands.stream().map(this).toList(), type, source);
                    }
                    request(node);
                    Node.Input input = new Node.Input("passed" + register(node), type);
                    inputs.put(input, node);
                    yield input;
                }
            };
        }

        Graph graph(List<Node> outputs) {
            return new Graph(List.copyOf(inputs.keySet()), outputs);
        }

        int[] from(Segment segment) {
            int[] from = inputs.values().stream().mapToInt(TraceTree.this::register).toArray();
            Arrays.stream(from).forEach(segment.needs()::set);
            return from;
        }
    }

    // Done again where it is needed rather than handed on.
    private static boolean isFree(Primitive op, List<Node> operands) {
        return operands.isEmpty() || op instanceof Movement;
    }

    // The rounds of a loop are the same program.
    private Executable compile(Program program) {
        return executables.computeIfAbsent(
                content(program), _ -> Executable.compile(program, pipeline, Backend.current()));
    }

    private static List<Object> content(Program program) {
        Graph graph = program.graph();
        Map<Node, Integer> numbers = new IdentityHashMap<>();
        List<Object> content = new ArrayList<>();
        for (Node.Input input : graph.inputs()) {
            numbers.put(input, numbers.size());
            content.add(input.type());
        }
        for (Node node : graph.nodes()) {
            switch (node) {
                case Node.Input _ -> {}
                case Node.Constant(TensorType type, byte[] data) -> {
                    content.add(type);
                    content.add(ByteBuffer.wrap(data));
                }
                case Node.Apply(var op, var operands, _, _) -> {
                    content.add(op);
                    content.add(operands.stream().map(numbers::get).toList());
                }
            }
            numbers.putIfAbsent(node, numbers.size());
        }
        content.add(graph.outputs().stream().map(numbers::get).toList());
        content.add(program.updates());
        return content;
    }

    /// What the segments do, kernel by kernel.
    String listing() {
        return executables.values().stream()
                .map(Executable::listing)
                .collect(Collectors.joining("\n\n"));
    }

    /// The number of kernels of all segments.
    int kernels() {
        return executables.values().stream().mapToInt(Executable::kernels).sum();
    }
}
