package org.gemel.eager;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.gemel.Context;
import org.gemel.TensorType;
import org.gemel.backend.Backend;
import org.gemel.backend.Counters;
import org.gemel.backend.Kernel;
import org.gemel.backend.Storage;
import org.gemel.backend.View;
import org.gemel.ir.Graph;
import org.gemel.ir.Layout;
import org.gemel.ir.Lowered;
import org.gemel.ir.Lowered.Place;
import org.gemel.ir.Node;
import org.gemel.ir.Partition;
import org.gemel.ir.Recorder;
import org.gemel.ir.Region;
import org.gemel.op.Op;
import org.gemel.op.Reshape;

/// One operation compiled for given types and layouts: usually one kernel, a few for a composite
/// whose body has more than one loop structure.
///
/// Memory is numbered: inputs, then constants (which live as long as the program), then what the
/// steps make.
final class Program {
    private final List<Step> steps;
    private final List<Storage> kept;
    private final long[] constants;
    private final int inputs;
    private final TensorType[] made;
    private final Result[] results;
    private final boolean simple;

    /// One kernel and where its operands are: a number of a memory, and an offset in bytes.
    private record Step(Kernel kernel, int[] memories, long[] offsets) {}

    private record Result(int memory, TensorType type, Layout layout) {}

    private Program(
            List<Step> steps,
            List<Storage> constants,
            int inputs,
            TensorType[] made,
            Result[] results) {
        this.steps = steps;
        this.kept = List.copyOf(constants);
        this.constants = kept.stream().mapToLong(Storage::address).toArray();
        this.inputs = inputs;
        this.made = made;
        this.results = results;
        this.simple =
                steps.size() == 1
                        && made.length == 1
                        && kept.isEmpty()
                        && steps.getFirst().memories.length == inputs + 1
                        && isIdentity(steps.getFirst().memories)
                        && results[0].layout.isContiguous(results[0].type.shape());
    }

    private static boolean isIdentity(int[] memories) {
        for (int i = 0; i < memories.length; i++) {
            if (memories[i] != i) {
                return false;
            }
        }
        return true;
    }

    /// Captures `op` as a graph, cuts it into regions and compiles them.
    static Program compile(Op op, List<View> views, Backend backend) {
        List<TensorType> types = views.stream().map(View::type).toList();
        // Checks the types first, so that the message names the operation that the user called.
        op.infer(types);
        Graph graph = Recorder.capture(types, in -> Context.current().interpreter().apply(op, in));
        List<Layout> layouts = new ArrayList<>();
        for (View view : views) {
            layouts.add(new Layout(0, view.layout().strides()));
        }
        Lowered lowered = Partition.of(graph, layouts, true);
        return new Builder(graph, lowered, backend).build();
    }

    /// Runs with one input; the only result, with one hold.
    View runOne(long a) {
        if (simple && inputs == 1) {
            View out = View.allocate(made[0]);
            steps.getFirst().kernel.run(new long[] {a, out.address()});
            Counters.kernelLaunched();
            return out;
        }
        return run(new long[] {a})[0];
    }

    /// Runs with two inputs; the only result, with one hold.
    View runOne(long a, long b) {
        if (simple && inputs == 2) {
            View out = new View(Storage.allocate(made[0]), made[0], results[0].layout);
            steps.getFirst().kernel.run(new long[] {a, b, out.address()});
            Counters.kernelLaunched();
            return out;
        }
        return run(new long[] {a, b})[0];
    }

    /// Runs; every result has one hold, which is the caller's.
    View[] run(long[] addresses) {
        Storage[] storages = new Storage[made.length];
        long[] bases = new long[inputs + constants.length + made.length];
        System.arraycopy(addresses, 0, bases, 0, inputs);
        System.arraycopy(constants, 0, bases, inputs, constants.length);
        int first = inputs + constants.length;
        for (int i = 0; i < made.length; i++) {
            storages[i] = Storage.allocate(made[i]);
            bases[first + i] = storages[i].address();
        }
        for (Step step : steps) {
            long[] operands = new long[step.memories.length];
            for (int i = 0; i < operands.length; i++) {
                operands[i] = bases[step.memories[i]] + step.offsets[i];
            }
            step.kernel.run(operands);
            Counters.kernelLaunched();
        }
        View[] views = new View[results.length];
        for (int i = 0; i < views.length; i++) {
            Result result = results[i];
            Storage storage = storages[result.memory - first];
            storage.retain();
            views[i] = new View(storage, result.type, result.layout);
        }
        // The first hold of each was ours.
        for (Storage storage : storages) {
            storage.release();
        }
        return views;
    }

    /// Numbers memories and turns places into numbers.
    private static final class Builder {
        private final Graph graph;
        private final Lowered lowered;
        private final Backend backend;
        private final Map<Node, Integer> numbers = new IdentityHashMap<>();
        private final List<Storage> constants = new ArrayList<>();
        private final List<TensorType> made = new ArrayList<>();
        private final List<Step> steps = new ArrayList<>();

        Builder(Graph graph, Lowered lowered, Backend backend) {
            this.graph = graph;
            this.lowered = lowered;
            this.backend = backend;
        }

        Program build() {
            graph.inputs().forEach(input -> numbers.put(input, numbers.size()));
            for (Node node : graph.nodes()) {
                if (node instanceof Node.Constant constant) {
                    numbers.put(node, numbers.size());
                    constants.add(stored(constant));
                }
            }
            lowered.steps()
                    .forEach(step ->
                            step.outputs()
                                    .forEach(node -> {
                                        numbers.put(node, numbers.size());
                                        made.add(node.type());
                                    }));
            lowered.steps().forEach(step -> add(step.region(), step.inputs(), step.outputs()));
            Result[] results = new Result[lowered.outputs().size()];
            for (int i = 0; i < results.length; i++) {
                results[i] = result(graph.outputs().get(i), lowered.outputs().get(i));
            }
            return new Program(
                    steps,
                    constants,
                    graph.inputs().size(),
                    made.toArray(TensorType[]::new),
                    results);
        }

        // A result must have memory of its own: what only passes through is copied.
        private Result result(Node node, Place place) {
            int number = number(place.base());
            if (number >= graph.inputs().size() + constants.size()) {
                return new Result(number, node.type(), place.layout());
            }
            Node.Input input = new Node.Input("x", node.type());
            Node copy =
                    Node.Apply.of(
                            new Reshape(node.type().shape()), List.of(input), Optional.empty());
            Region region =
                    new Region(
                            Region.Loop.CALL,
                            node.type().shape(),
                            new Graph(List.of(input), List.of(copy)),
                            List.of(place.layout()));
            numbers.put(copy, numbers.size());
            made.add(copy.type());
            add(region, List.of(place), List.of(copy));
            return new Result(number(copy), node.type(), Layout.contiguous(node.type().shape()));
        }

        private int number(Node node) {
            Integer number = numbers.get(node);
            if (number == null) {
                throw new IllegalStateException("no memory for " + node);
            }
            return number;
        }

        private void add(Region region, List<Place> inputs, List<Node> outputs) {
            int[] memories = new int[inputs.size() + outputs.size()];
            long[] offsets = new long[memories.length];
            for (int i = 0; i < inputs.size(); i++) {
                Place place = inputs.get(i);
                memories[i] = number(place.base());
                offsets[i] = place.layout().offset() * place.base().type().dtype().bytes();
            }
            for (int i = 0; i < outputs.size(); i++) {
                memories[inputs.size() + i] = number(outputs.get(i));
            }
            steps.add(new Step(backend.compile(region), memories, offsets));
        }

        private static Storage stored(Node.Constant constant) {
            View view = View.allocate(constant.type());
            view.copyFrom(MemorySegment.ofArray(constant.data()));
            return view.storage();
        }
    }
}
