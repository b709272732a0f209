package org.gemel.backend.vector;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.backend.vector.Body.Constant;
import org.gemel.backend.vector.Body.Fold;
import org.gemel.backend.vector.Body.Operand;
import org.gemel.backend.vector.Body.Stage;
import org.gemel.backend.vector.Body.Step;
import org.gemel.backend.vector.Body.Store;
import org.gemel.ir.Graph;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.ir.Region.Loop;
import org.gemel.op.Fill;
import org.gemel.op.Pointwise;
import org.gemel.op.Reduce;

/// Turns a region's graph into a [Body].
///
/// A reduction needs the whole run before its result can be used, so the work falls into passes:
/// the number of reductions on the way to a value is its pass. Values of single elements (of a
/// row's shape) are computed before the pass over the elements. What a later pass needs of an
/// earlier one is computed again if that is cheap, and kept in memory otherwise. Passes too large
/// for one method are cut.
final class Planner {
    /// Vector operations in one method, within what the JIT takes.
    static final int LARGEST = 150;

    /// Computing this much again is cheaper than a trip to memory.
    static final int CHEAP = 3;

    /// What an operand beyond inputs and outputs is for, and so how large it is.
    enum Room {
        /// One element of each of the run.
        RUN,
        /// A single element.
        CELL,
        /// 64 accumulators.
        LANES,
        /// Accumulators for each element of the run, which the driver places.
        COLUMNS,
        /// Two vectors, to compute lane by lane.
        SPILL
    }

    /// A body and what a kernel needs to know besides.
    ///
    /// @param body what to generate
    /// @param rooms what its operands after the region's inputs and outputs are for
    /// @param totals for each reduction with accumulators for each element of the run, in the order
    ///   of the body, the operand that is its result
    /// @param weight about how many vector operations it takes
    record Plan(Body body, List<Room> rooms, List<Integer> totals, int weight) {}

    private final Region region;
    private final Graph graph;
    private final List<Node> nodes;
    private final NodeNumbers ids = new NodeNumbers();
    private final NodeNumbers passes = new NodeNumbers();
    private final Set<Node> kept = new HashSet<>();
    private final List<Operand> operands = new ArrayList<>();
    private final List<Room> rooms = new ArrayList<>();
    private final List<Integer> totals = new ArrayList<>();
    private final List<Constant> constants = new ArrayList<>();
    private final List<Stage> stages = new ArrayList<>();
    private final Map<Integer, Integer> homes = new HashMap<>();
    private int weight;

    private Planner(Region region) {
        this.region = region;
        this.graph = region.graph();
        this.nodes = graph.nodes();
    }

    /// Plans `region`; `single` says of each input whether it is one element for a whole run.
    static Plan plan(Region region, boolean[] single) {
        return new Planner(region).plan(single);
    }

    private Plan plan(boolean[] single) {
        for (Node input : graph.inputs()) {
            ids.put(input, ids.size());
            passes.put(input, 0);
        }
        int last = 0;
        for (Node node : nodes) {
            if (node instanceof Node.Apply apply) {
                ids.put(node, ids.size());
                int pass = 0;
                for (Node input : apply.inputs()) {
                    pass = Math.max(pass, passes.of(input));
                }
                if (isCell(node) && apply.op() instanceof Reduce) {
                    pass++;
                }
                passes.put(node, pass);
                last = Math.max(last, pass);
                if (apply.op() instanceof Fill(var type, double value)) {
                    constants.add(
                            new Constant(
                                    ids.of(node), type.dtype(), Double.doubleToRawLongBits(value)));
                }
            }
        }
        for (int i = 0; i < graph.inputs().size(); i++) {
            Node input = graph.inputs().get(i);
            home(ids.of(input), operands.size());
            operands.add(new Operand(ids.of(input), input.type().dtype(), single[i]));
        }
        for (Node output : graph.outputs()) {
            boolean first = !homes.containsKey(ids.of(output));
            boolean readable = first && isCell(output);
            if (readable) {
                home(ids.of(output), operands.size());
            }
            operands.add(
                    new Operand(
                            readable ? ids.of(output) : -1, output.type().dtype(), isCell(output)));
        }
        decideWhatToKeep(last);
        for (int pass = 0; pass <= last; pass++) {
            once(pass);
            elements(pass);
        }
        boolean spills = false;
        for (Stage stage : stages) {
            for (Step step : stage.steps()) {
                spills |= OpCode.spills(step.op(), step.dtype());
            }
        }
        if (spills) {
            // The last one: the generator finds it there.
            room(-1, DType.BOOL, Room.SPILL);
        }
        return new Plan(new Body(operands, constants, stages), rooms, totals, Math.max(1, weight));
    }

    private int homeOf(int value) {
        return Objects.requireNonNull(homes.get(value), "a value without a place");
    }

    private void home(int value, int operand) {
        homes.put(value, operand);
    }

    private int room(int value, DType dtype, Room room) {
        operands.add(new Operand(value, dtype, room == Room.CELL));
        rooms.add(room);
        if (value >= 0) {
            home(value, operands.size() - 1);
        }
        return operands.size() - 1;
    }

    // Whether it is one element for a whole row: computed once.
    private boolean isCell(Node node) {
        if (region.loop() != Loop.ROWS
                || region.across(node)
                || !(node instanceof Node.Apply apply)) {
            return false;
        }
        return apply.op() instanceof Reduce || !sameSpace(apply.type().shape());
    }

    private boolean sameSpace(Shape shape) {
        return shape.equals(region.space()) || shape.size() == region.space().size();
    }

    private static boolean isFill(Node node) {
        return node instanceof Node.Apply apply && apply.op() instanceof Fill;
    }

    private boolean isElement(Node node) {
        return node instanceof Node.Apply apply && apply.op() instanceof Pointwise && !isCell(node);
    }

    private List<Node.Apply> roots(int pass) {
        List<Node.Apply> roots = new ArrayList<>();
        for (Node node : nodes) {
            if (node instanceof Node.Apply apply && apply.op() instanceof Reduce) {
                Node from = apply.inputs().getFirst();
                if (passes.of(from) == pass && isElement(from)) {
                    roots.add((Node.Apply) from);
                }
            }
            if (isElement(node)
                    && passes.of(node) == pass
                    && (graph.outputs().contains(node) || kept.contains(node))) {
                roots.add((Node.Apply) node);
            }
        }
        return roots;
    }

    private void decideWhatToKeep(int last) {
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int pass = 0; pass <= last; pass++) {
                Set<Node> needed = new LinkedHashSet<>();
                for (Node root : roots(pass)) {
                    changed |= need(root, pass, needed, true);
                }
            }
        }
    }

    // Collects the element values to compute in a pass; decides what earlier passes keep.
    private boolean need(Node node, int pass, Set<Node> needed, boolean decide) {
        if (!isElement(node) || needed.contains(node)) {
            return false;
        }
        if (passes.of(node) < pass && kept.contains(node)) {
            return false;
        }
        if (decide && passes.of(node) < pass && again(node) > CHEAP) {
            return kept.add(node);
        }
        boolean changed = false;
        for (Node input : ((Node.Apply) node).inputs()) {
            changed |= need(input, pass, needed, decide);
        }
        needed.add(node);
        return changed;
    }

    private int again(Node node) {
        if (!isElement(node) || kept.contains(node)) {
            return 0;
        }
        Node.Apply apply = (Node.Apply) node;
        int cost = OpCode.weight((Pointwise) apply.op(), apply.type().dtype());
        for (Node input : apply.inputs()) {
            cost += again(input);
            if (cost > CHEAP) {
                break;
            }
        }
        return cost;
    }

    private Step step(Node.Apply node) {
        int total = OpCode.weight((Pointwise) node.op(), node.type().dtype());
        weight += total;
        return new Step(
                (Pointwise) node.op(),
                node.inputs().stream().map(ids::of).toList(),
                ids.of(node),
                node.type().dtype());
    }

    private void once(int pass) {
        List<Step> steps = new ArrayList<>();
        List<Store> stores = new ArrayList<>();
        for (Node node : nodes) {
            if (isFill(node) || !isCell(node) || passes.of(node) != pass) {
                continue;
            }
            Node.Apply apply = (Node.Apply) node;
            int value = ids.of(node);
            boolean reduction = apply.op() instanceof Reduce;
            if (!reduction) {
                steps.add(step(apply));
            }
            if (!homes.containsKey(value)) {
                room(value, node.type().dtype(), Room.CELL);
            }
            if (!reduction) {
                stores.add(new Store(value, homeOf(value)));
            }
            for (int output : outputsOf(node)) {
                if (output != homeOf(value)) {
                    stores.add(new Store(value, output));
                }
            }
        }
        if (!stores.isEmpty()) {
            stages.add(new Stage(true, steps, stores, List.of()));
        }
    }

    private List<Integer> outputsOf(Node node) {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < graph.outputs().size(); i++) {
            if (graph.outputs().get(i) == node) {
                places.add(graph.inputs().size() + i);
            }
        }
        return places;
    }

    private void elements(int pass) {
        Set<Node> needed = new LinkedHashSet<>();
        roots(pass).forEach(root -> need(root, pass, needed, false));
        List<Node.Apply> order = new ArrayList<>();
        for (Node node : nodes) {
            if (needed.contains(node)) {
                order.add((Node.Apply) node);
            }
        }
        List<Node.Apply> reductions = new ArrayList<>();
        for (Node node : nodes) {
            if (node instanceof Node.Apply apply
                    && apply.op() instanceof Reduce
                    && passes.of(apply.inputs().getFirst()) == pass) {
                reductions.add(apply);
            }
        }
        if (order.isEmpty() && reductions.isEmpty()) {
            return;
        }
        NodeNumbers parts = cut(order);
        int count = Math.max(1, parts.largest() + 1);
        for (Node.Apply node : order) {
            boolean later = kept.contains(node) && passes.of(node) == pass;
            for (Node.Apply user : order) {
                later |= user.inputs().contains(node) && parts.of(user) > parts.of(node);
            }
            // Outputs are written last: one may share its memory with an input.
            later |= parts.of(node) < count - 1 && !outputsOf(node).isEmpty();
            if (later && !homes.containsKey(ids.of(node))) {
                room(ids.of(node), node.type().dtype(), Room.RUN);
            }
        }
        for (int part = 0; part < count; part++) {
            stages.add(part(order, reductions, parts, part, part == count - 1, pass));
        }
    }

    private Stage part(
            List<Node.Apply> order,
            List<Node.Apply> reductions,
            NodeNumbers parts,
            int part,
            boolean last,
            int pass) {
        List<Step> steps = new ArrayList<>();
        List<Store> stores = new ArrayList<>();
        List<Fold> folds = new ArrayList<>();
        for (Node.Apply node : order) {
            int value = ids.of(node);
            if (parts.of(node) == part) {
                steps.add(step(node));
                if (homes.containsKey(value)) {
                    stores.add(new Store(value, homeOf(value)));
                }
            }
            if (last && passes.of(node) == pass) {
                outputsOf(node).forEach(output -> stores.add(new Store(value, output)));
            }
        }
        for (Node.Apply node : reductions) {
            Node from = node.inputs().getFirst();
            if (parts.of(from, 0) == part) {
                folds.add(fold(node, from));
                weight++;
            }
        }
        return new Stage(false, steps, stores, folds);
    }

    private Fold fold(Node.Apply node, Node from) {
        DType dtype = node.type().dtype();
        Reduce.Kind kind = ((Reduce) node.op()).kind();
        int value = ids.of(node);
        if (!isCell(node)) {
            int lanes = room(-1, dtype, Room.COLUMNS);
            totals.add(outputsOf(node).getFirst());
            return new Fold(kind, ids.of(from), dtype, lanes, -1);
        }
        int lanes = room(-1, dtype, Room.LANES);
        int result = homes.containsKey(value) ? homeOf(value) : room(value, dtype, Room.CELL);
        return new Fold(kind, ids.of(from), dtype, lanes, result);
    }

    private static NodeNumbers cut(List<Node.Apply> order) {
        NodeNumbers parts = new NodeNumbers();
        int part = 0;
        int load = 0;
        for (Node.Apply node : order) {
            int own = OpCode.weight((Pointwise) node.op(), node.type().dtype());
            if (load > 0 && load + own > LARGEST) {
                part++;
                load = 0;
            }
            load += own;
            parts.put(node, part);
        }
        return parts;
    }
}
