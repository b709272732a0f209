package org.gemel;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.gemel.op.Slice;
import org.jspecify.annotations.Nullable;

/// One walk over the tape, from outputs back to what they depend on.
final class ReverseWalk {
    private final Optional<List<GradNode>> targets;
    private final Context context;
    private final boolean release;
    private final Set<GradNode> useful;
    private final SharedWeights weights;
    private final Map<GradNode, @Nullable Tensor[]> pending = new IdentityHashMap<>();
    private final Map<GradNode, Map<Integer, LateCotangents>> late = new IdentityHashMap<>();
    private final Map<GradNode, Tensor> found = new IdentityHashMap<>();
    private final PriorityQueue<GradNode> queue =
            new PriorityQueue<>(Comparator.comparingInt((GradNode node) -> -node.depth));

    private ReverseWalk(
            List<Tensor> outputs,
            Optional<List<GradNode>> targets,
            boolean differentiable,
            boolean release) {
        this.targets = targets;
        this.context = Context.current().recording(differentiable);
        this.release = release;
        this.useful = targets.map(nodes -> leadingTo(nodes, outputs)).orElse(Set.of());
        this.weights = new SharedWeights(outputs);
    }

    /// Walks back from `outputs`.
    ///
    /// @param targets whose cotangents are wanted; without, all leaves accumulate theirs
    /// @param differentiable whether derivatives of the answer are recorded
    /// @param release whether what the tape kept is given back on the way
    /// @return the cotangents of the targets
    static List<Optional<Tensor>> run(
            List<Tensor> outputs,
            List<Optional<Tensor>> cotangents,
            Optional<List<GradNode>> targets,
            boolean differentiable,
            boolean release) {
        ReverseWalk walk = new ReverseWalk(outputs, targets, differentiable, release);
        for (int i = 0; i < outputs.size(); i++) {
            GradNode node = outputs.get(i).node();
            if (node != null && cotangents.get(i).isPresent()) {
                walk.add(node, outputs.get(i).port(), cotangents.get(i).get().alias());
            }
        }
        walk.run();
        return targets.orElse(List.of()).stream()
                .map(node -> Optional.ofNullable(walk.found.get(node)))
                .toList();
    }

    // The nodes between the outputs and the targets.
    private static Set<GradNode> leadingTo(List<GradNode> targets, List<Tensor> outputs) {
        Map<GradNode, Boolean> verdict = new IdentityHashMap<>();
        Set<GradNode> goals = Collections.newSetFromMap(new IdentityHashMap<>());
        goals.addAll(targets);
        List<GradNode> all = new ArrayList<>();
        Set<GradNode> seen = new HashSet<>();
        List<GradNode> stack = new ArrayList<>();
        for (Tensor output : outputs) {
            GradNode node = output.node();
            if (node != null && seen.add(node)) {
                stack.add(node);
            }
        }
        while (!stack.isEmpty()) {
            GradNode node = stack.removeLast();
            all.add(node);
            for (GradNode edge : node.edges) {
                if (edge != null && seen.add(edge)) {
                    stack.add(edge);
                }
            }
        }
        all.sort(Comparator.comparingInt(node -> node.depth));
        for (GradNode node : all) {
            boolean leads = goals.contains(node);
            for (GradNode edge : node.edges) {
                leads |= edge != null && verdict.getOrDefault(edge, false);
            }
            verdict.put(node, leads);
        }
        Set<GradNode> useful = Collections.newSetFromMap(new IdentityHashMap<>());
        verdict.forEach((node, leads) -> {
            if (leads) {
                useful.add(node);
            }
        });
        return useful;
    }

    private void run() {
        while (!queue.isEmpty()) {
            GradNode node = queue.remove();
            @Nullable Tensor[] arrived = pending.remove(node);
            if (arrived == null) {
                continue;
            }
            join(node, arrived);
            if (targets.isPresent() && targets.get().contains(node)) {
                Tensor cotangent = arrived[0];
                if (cotangent != null) {
                    found.put(node, cotangent);
                }
            } else if (node.op.isEmpty() && node.recompute.isEmpty()) {
                leaf(node, arrived[0]);
            } else {
                step(node, arrived);
            }
        }
    }

    private boolean wants(@Nullable GradNode edge) {
        return edge != null && (targets.isEmpty() || useful.contains(edge));
    }

    // Takes the handle over.
    private void add(GradNode node, int port, Tensor cotangent) {
        @Nullable Tensor[] slots = slots(node);
        Tensor former = slots[port];
        if (former == null) {
            slots[port] = cotangent;
        } else {
            slots[port] = former.add(cotangent);
            drop(former);
            drop(cotangent);
        }
    }

    private @Nullable Tensor[] slots(GradNode node) {
        @Nullable Tensor[] slots = pending.get(node);
        if (slots == null) {
            slots = new Tensor[node.outputTypes.size()];
            pending.put(node, slots);
            queue.add(node);
        }
        return slots;
    }

    // What arrives for an output and is put together once all is known.
    private LateCotangents late(GradNode node, int port) {
        slots(node);
        return late.computeIfAbsent(node, _ -> new TreeMap<>())
                .computeIfAbsent(port, p -> new LateCotangents(node.outputTypes.get(p)));
    }

    // Adds what was put off to what has arrived for whole outputs.
    private void join(GradNode node, @Nullable Tensor[] arrived) {
        Map<Integer, LateCotangents> parts = late.remove(node);
        if (parts == null) {
            return;
        }
        inScope(inner ->
                parts.forEach((port, all) -> {
                    Tensor former = arrived[port];
                    Tensor whole =
                            inner.call(() ->
                                    former == null ? all.together() : former.add(all.together()));
                    arrived[port] = whole.alias();
                    all.taken().forEach(this::drop);
                    if (former != null) {
                        drop(former);
                    }
                }));
    }

    // Gives back what is made within, if nobody can hold it.
    private void inScope(Consumer<Context> body) {
        Scope scope = new Scope();
        try {
            body.accept(release ? context.with(scope) : context);
        } finally {
            scope.release();
        }
    }

    // Cotangents that nobody can hold are given back at once.
    private void drop(Tensor tensor) {
        if (release) {
            tensor.dispose();
        }
    }

    private void leaf(GradNode node, @Nullable Tensor cotangent) {
        if (cotangent == null) {
            return;
        }
        if (node.edges.length == 1) {
            GradNode edge = node.edges[0];
            if (edge != null && wants(edge)) {
                add(edge, node.ports[0], hooked(node, cotangent));
            }
            return;
        }
        node.gradient.ifPresent(slot -> {
            Optional<Tensor> former = slot.read();
            if (former.isEmpty()) {
                slot.write(cotangent);
            } else {
                Tensor sum = context.call(() -> former.get().add(cotangent));
                slot.write(sum);
                drop(sum);
                former.get().dispose();
            }
        });
        drop(cotangent);
    }

    private Tensor hooked(GradNode node, Tensor cotangent) {
        if (node.hook.isEmpty()) {
            return cotangent;
        }
        // The user may keep what he sees, so no scope, and an alias of what he gives.
        Tensor changed = context.call(() -> node.hook.get().apply(cotangent));
        if (!changed.type().equals(cotangent.type())) {
            throw new TypeException(
                    "hook: expects a gradient of type %s, but its function gave %s; keep dtype and shape"
                            .formatted(cotangent.type(), changed.type()));
        }
        return changed.alias();
    }

    private void step(GradNode node, @Nullable Tensor[] arrived) {
        GradNode sliced = node.edges.length == 1 ? node.edges[0] : null;
        Tensor only = arrived[0];
        if (only != null && sliced != null && node.op.orElse(null) instanceof Slice slice) {
            if (wants(sliced)) {
                late(sliced, node.ports[0]).add(slice, only);
            } else {
                drop(only);
            }
            return;
        }
        List<Boolean> needed = new ArrayList<>();
        for (GradNode edge : node.edges) {
            needed.add(wants(edge));
        }
        if (only != null) {
            shared(node, only, needed);
        }
        if (needed.contains(true)) {
            back(node, arrived, needed);
        }
        for (Tensor tensor : arrived) {
            if (tensor != null) {
                drop(tensor);
            }
        }
        if (release) {
            node.release();
        }
    }

    // Puts off the cotangent of a weight of several products.
    private void shared(GradNode node, Tensor cotangent, List<Boolean> needed) {
        weights.of(node)
                .filter(product -> needed.get(product.weight()))
                .ifPresent(product -> {
                    int weight = product.weight();
                    GradNode edge = node.edges[weight];
                    if (edge != null) {
                        Tensor input = node.inputs().get(product.input());
                        late(edge, node.ports[weight])
                                .add(product, input.alias(), cotangent.alias());
                        needed.set(weight, false);
                    }
                });
    }

    private void back(GradNode node, @Nullable Tensor[] arrived, List<Boolean> needed) {
        List<Optional<Tensor>> cotangents = new ArrayList<>();
        for (Tensor tensor : arrived) {
            cotangents.add(Optional.ofNullable(tensor));
        }
        inScope(inner -> {
            // What is computed again is the user's code: no scope for it.
            List<Optional<Tensor>> given =
                    node.recompute.isPresent()
                            ? context.call(() ->
                                    node.recompute
                                            .get()
                                            .pull(cotangents, needed, targets.isEmpty()))
                            : inner.call(() -> Derivative.of(node, cotangents, needed));
            for (int i = 0; i < node.edges.length; i++) {
                GradNode edge = node.edges[i];
                if (edge != null && needed.get(i) && given.get(i).isPresent()) {
                    // An alias, since one handle may be given for several inputs.
                    add(edge, node.ports[i], given.get(i).get().alias());
                }
            }
        });
    }
}
