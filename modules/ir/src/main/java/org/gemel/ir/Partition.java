package org.gemel.ir;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.gemel.ir.Lowered.Place;
import org.gemel.ir.Lowered.Step;
import org.gemel.ir.Region.Loop;
import org.gemel.op.CheckIndex;
import org.gemel.op.Fill;
import org.gemel.op.Gather;
import org.gemel.op.Movement;
import org.gemel.op.Pointwise;
import org.gemel.op.Reduce;

/// Cuts a graph into regions: movement becomes views, neighbours with the same loops join.
///
/// Eager cuts the graph of one operation, the compiler that of a whole program; both end in the
/// same kernels. Joining never changes a bit: every value is computed by the same operations in the
/// same order, in a register instead of memory.
public final class Partition {
    // More operations than this in one kernel exhaust registers and the JIT's patience.
    private static final int LARGEST = 48;

    private final Graph graph;
    private final boolean join;
    private final List<Layout> layouts;
    private final List<Node> order;
    private final Map<Node, Integer> ranks = new IdentityHashMap<>();
    private final Map<Node, Group> groups = new IdentityHashMap<>();
    private final Map<Node, Place> places = new IdentityHashMap<>();
    private final Map<Node, List<Node.Apply>> users = new IdentityHashMap<>();

    private Partition(Graph graph, List<Layout> layouts, boolean join) {
        this.graph = graph;
        this.layouts = layouts;
        this.join = join;
        this.order = graph.nodes();
        for (int i = 0; i < order.size(); i++) {
            ranks.put(order.get(i), i);
        }
    }

    /// Cuts `graph`, whose inputs are contiguous.
    ///
    /// @param join whether neighbours join; otherwise every operation is a region of its own
    public static Lowered of(Graph graph, boolean join) {
        List<Layout> contiguous =
                graph.inputs().stream()
                        .map(input -> Layout.contiguous(input.type().shape()))
                        .toList();
        return of(graph, contiguous, join);
    }

    /// Cuts `graph`.
    ///
    /// @param layouts how each input lies in memory
    /// @param join whether neighbours join; otherwise every operation is a region of its own
    public static Lowered of(Graph graph, List<Layout> layouts, boolean join) {
        return new Partition(graph, layouts, join).lower();
    }

    private Lowered lower() {
        for (Node node : order) {
            if (node instanceof Node.Apply apply) {
                apply.inputs()
                        .forEach(
                                in -> users.computeIfAbsent(in, _ -> new ArrayList<>()).add(apply));
            }
        }
        Set<Node> outputs = new HashSet<>(graph.outputs());
        for (int i = 0; i < layouts.size(); i++) {
            Node input = graph.inputs().get(i);
            places.put(input, new Place(input, layouts.get(i)));
        }
        for (Node node : order) {
            switch (node) {
                case Node.Input _ -> {}
                case Node.Constant _ -> places.put(node, own(node));
                case Node.Apply apply -> place(apply, outputs);
            }
        }
        if (join) {
            joinAcross();
        }
        return emit(outputs);
    }

    private static Place own(Node node) {
        return new Place(node, Layout.contiguous(node.type().shape()));
    }

    private void place(Node.Apply node, Set<Node> outputs) {
        if (node.op() instanceof Fill && !outputs.contains(node) && onlyPointwiseUsers(node)) {
            return;
        }
        if (node.op() instanceof Movement movement) {
            Node from = node.inputs().getFirst();
            Place source = places.get(from);
            Optional<Layout> view =
                    source == null
                            ? Optional.empty()
                            : source.layout().apply(movement, from.type().shape());
            if (view.isPresent() && source != null) {
                places.put(node, new Place(source.base(), view.get()));
                return;
            }
        }
        places.put(node, own(node));
        Group group = Group.of(node);
        groups.put(node, group);
        if (join) {
            for (Node input : node.inputs()) {
                Group producer = groups.get(input);
                if (producer != null && producer != groups.get(node)) {
                    tryJoin(producer, groups.get(node), node);
                }
            }
        }
    }

    private boolean onlyPointwiseUsers(Node node) {
        return users.getOrDefault(node, List.of()).stream()
                .allMatch(user -> user.op() instanceof Pointwise);
    }

    private void tryJoin(Group producer, Group consumer, Node.Apply node) {
        if (producer.members.size() + consumer.members.size() > LARGEST
                || !compatible(producer, consumer, node)
                || consumer.waitsFor(producer)
                || wouldLoop(producer, consumer)) {
            return;
        }
        producer.absorb(consumer);
        consumer.members.forEach(member -> groups.put(member, producer));
    }

    // Sums over columns join rows that read the same elements: those are read once.
    private void joinAcross() {
        for (Node node : order) {
            Group columns = groups.get(node);
            if (columns == null || columns.loop != Loop.COLUMNS) {
                continue;
            }
            for (Node other : order) {
                Group rows = groups.get(other);
                if (rows != null
                        && rows.loop == Loop.ROWS
                        && rows.members.size() + columns.members.size() <= LARGEST
                        && rows.crosses(columns)
                        && readSame(rows, columns)
                        && !linked(rows, columns)) {
                    rows.members.addAll(columns.members);
                    columns.members.forEach(member -> groups.put(member, rows));
                    break;
                }
            }
        }
    }

    private boolean readSame(Group one, Group other) {
        Set<Place> read = new HashSet<>();
        for (Node.Apply member : one.members) {
            for (Node input : member.inputs()) {
                if (input.type().shape().equals(one.space)) {
                    read.add(places.get(input));
                }
            }
        }
        return other.members.stream()
                .flatMap(member -> member.inputs().stream())
                .filter(input -> input.type().shape().equals(other.space))
                .map(places::get)
                .anyMatch(place -> place != null && read.contains(place));
    }

    private boolean linked(Group one, Group other) {
        return reads(one, other)
                || reads(other, one)
                || wouldLoop(one, other)
                || wouldLoop(other, one);
    }

    private boolean reads(Group reader, Group read) {
        return reader.members.stream()
                .flatMap(member -> member.inputs().stream())
                .anyMatch(read.members::contains);
    }

    private boolean compatible(Group producer, Group consumer, Node.Apply node) {
        if (consumer.loop == Loop.CALL) {
            return node.op() instanceof Gather && isChecked(node, producer);
        }
        if (consumer.loop == Loop.ELEMENTS) {
            return switch (producer.loop) {
                case ELEMENTS -> producer.space.equals(consumer.space);
                case ROWS ->
                        consumer.space.equals(producer.space)
                                || consumer.space.equals(producer.rowShape());
                case COLUMNS -> false;
                case CALL -> producer.isProduct() && producer.space.equals(consumer.space);
            };
        }
        if (consumer.loop == Loop.ROWS) {
            return switch (producer.loop) {
                case ELEMENTS ->
                        producer.space.equals(consumer.space)
                                || producer.space.equals(consumer.rowShape());
                case ROWS ->
                        producer.space.equals(consumer.space)
                                && producer.reduced.equals(consumer.reduced);
                case COLUMNS, CALL -> false;
            };
        }
        if (producer.loop == Loop.ROWS && consumer.loop == Loop.COLUMNS) {
            return node.op() instanceof Reduce && producer.crosses(consumer);
        }
        return consumer.loop == Loop.COLUMNS
                && producer.loop == Loop.ELEMENTS
                && producer.space.equals(consumer.space)
                && node.op() instanceof Reduce
                && consumer.reduces();
    }

    // Whether `checks` is the check of the indices of `gather`, whose own each is, and nobody
    // else's.
    private boolean isChecked(Node.Apply gather, Group checks) {
        return gather.inputs().get(1) instanceof Node.Apply index
                && index.op() instanceof CheckIndex(_, var wraps, _)
                && !wraps
                && checks.members.contains(index)
                && index.type().shape().equals(gather.type().shape())
                && gather.inputs().getFirst() != index
                && users.getOrDefault(index, List.of()).size() == 1
                && !graph.outputs().contains(index);
    }

    // Whether something outside stands between both, so that neither could run first.
    private boolean wouldLoop(Group producer, Group consumer) {
        Set<Node> seen = new HashSet<>();
        List<Node> stack = new ArrayList<>();
        for (Node.Apply member : consumer.members) {
            for (Node input : member.inputs()) {
                if (groups.get(input) != producer && groups.get(input) != consumer) {
                    stack.add(input);
                }
            }
        }
        while (!stack.isEmpty()) {
            Node node = stack.removeLast();
            if (!seen.add(node)) {
                continue;
            }
            Group group = groups.get(node);
            if (group == producer) {
                return true;
            }
            // Everything its whole region waits for.
            if (group != null) {
                group.members.forEach(member -> stack.addAll(member.inputs()));
            } else if (node instanceof Node.Apply(_, var operands, _, _)) {
                stack.addAll(operands);
            }
        }
        return false;
    }

    private Lowered emit(Set<Node> outputs) {
        List<Step> steps = new ArrayList<>();
        Set<Group> emitted = new HashSet<>();
        for (Node node : order) {
            Group group = groups.get(node);
            if (group != null) {
                emit(group, outputs, emitted, steps);
            }
        }
        return new Lowered(steps, graph.outputs().stream().map(places::get).toList());
    }

    // Depth first, so that a region comes after all it reads.
    private void emit(Group group, Set<Node> outputs, Set<Group> emitted, List<Step> steps) {
        if (!emitted.add(group)) {
            return;
        }
        for (Node.Apply member : group.members) {
            for (Node input : member.inputs()) {
                Place place = places.get(input);
                if (place != null) {
                    Group before = groups.get(place.base());
                    if (before != null && before != group) {
                        emit(before, outputs, emitted, steps);
                    }
                }
            }
        }
        steps.add(step(group, outputs));
    }

    private Step step(Group group, Set<Node> outputs) {
        Map<Place, Node.Input> known = new HashMap<>();
        List<Place> inputPlaces = new ArrayList<>();
        List<Node.Input> inputs = new ArrayList<>();
        List<Layout> layouts = new ArrayList<>();
        Map<Node, Node> inside = new IdentityHashMap<>();
        List<Node> results = new ArrayList<>();
        List<Node> made = new ArrayList<>();
        List<Node.Apply> members = new ArrayList<>(group.members);
        members.sort(Comparator.comparingInt(ranks::get));
        for (Node.Apply member : members) {
            List<Node> operands = new ArrayList<>();
            for (Node input : member.inputs()) {
                Node operand = inside.get(input);
                if (operand == null) {
                    operand = operandFor(input, known, inputPlaces, inputs, layouts);
                    inside.put(input, operand);
                }
                operands.add(operand);
            }
            Node copy = new Node.Apply(member.op(), operands, member.type(), member.source());
            inside.put(member, copy);
            if (outputs.contains(member) || leaves(member, group)) {
                results.add(copy);
                made.add(member);
            }
        }
        Region region = new Region(group.loop, group.space, new Graph(inputs, results), layouts);
        return new Step(region, inputPlaces, made);
    }

    private boolean leaves(Node.Apply member, Group group) {
        // A view of a member is read through memory, so the member must be there.
        return users.getOrDefault(member, List.of()).stream()
                .anyMatch(user -> !group.members.contains(user));
    }

    private Node operandFor(
            Node input,
            Map<Place, Node.Input> known,
            List<Place> inputPlaces,
            List<Node.Input> inputs,
            List<Layout> layouts) {
        Place place = places.get(input);
        if (place == null) {
            return input;
        }
        Node.Input existing = known.get(place);
        if (existing != null && existing.type().equals(input.type())) {
            return existing;
        }
        Node.Input operand = new Node.Input("x" + inputs.size(), input.type());
        known.put(place, operand);
        inputs.add(operand);
        inputPlaces.add(place);
        layouts.add(place.layout());
        return operand;
    }
}
