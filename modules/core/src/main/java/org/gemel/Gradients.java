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
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.gemel.op.Composite;
import org.gemel.op.Op;
import org.gemel.op.Pointwise;
import org.gemel.op.Pullback;
import org.gemel.op.Slice;
import org.jspecify.annotations.Nullable;

/// Reverse-mode differentiation over the tape: one walk serves `backward()`, functional gradients
/// and the derivatives of composites, in either execution mode.
public final class Gradients {
    private static final Map<Op, Pullback.Reads> READS = new ConcurrentHashMap<>();

    private Gradients() {}

    /// What the derivative rule of `op` reads; the answer does not depend on shapes.
    static Pullback.Reads reads(Op op, List<Tensor> inputs) {
        Pullback.Reads known = READS.get(op);
        // a concatenation is equal to one of more parts
        if (known == null || known.inputs().size() != inputs.size()) {
            known = Pullback.reads(op, inputs.stream().map(Tensor::type).toList());
            READS.put(op, known);
        }
        return known;
    }

    /// The cotangents of `inputs` under `body`, given those of its results.
    ///
    /// Derivatives of the answer reach through to the inputs if `context` records. Otherwise the
    /// tape of `body` is of no more use, and what it kept is given back.
    public static List<Optional<Tensor>> pull(
            UnaryOperator<List<Tensor>> body,
            List<Tensor> inputs,
            List<Optional<Tensor>> cotangents,
            List<Boolean> needed,
            Context context) {
        List<Tensor> marked = new ArrayList<>();
        List<GradNode> targets = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            Tensor input = inputs.get(i);
            if (needed.get(i)) {
                GradNode node = GradNode.through(input);
                targets.add(node);
                marked.add(input.alias(node));
            } else {
                marked.add(input);
            }
        }
        List<Tensor> outputs = context.recording(true).call(() -> body.apply(marked));
        List<Optional<Tensor>> found =
                walk(
                        outputs,
                        cotangents,
                        Optional.of(targets),
                        context.recording(),
                        !context.recording());
        found.forEach(cotangent -> cotangent.ifPresent(tensor -> scoped(tensor, context)));
        List<Optional<Tensor>> result = new ArrayList<>();
        int next = 0;
        for (boolean wanted : needed) {
            result.add(wanted ? found.get(next++) : Optional.empty());
        }
        return result;
    }

    // Handles made on the way belong to the scope around, as the results of operations do.
    private static void scoped(Tensor tensor, Context context) {
        Scope scope = context.scope();
        if (scope != null) {
            // It may be the result of an addition, which is the scope's already.
            scope.forget(tensor);
            scope.add(tensor);
        }
    }

    /// As [#pull], and besides the gradients of all leaves that `body` reads are accumulated.
    static List<Optional<Tensor>> pullThrough(
            UnaryOperator<List<Tensor>> body,
            List<Tensor> inputs,
            List<Optional<Tensor>> cotangents,
            List<Boolean> needed,
            Context context) {
        List<Slot> slots = new ArrayList<>();
        List<Tensor> marked = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            Slot slot = context.interpreter().slot("cotangent");
            slots.add(slot);
            Tensor input = inputs.get(i);
            boolean wanted = needed.get(i);
            marked.add(
                    wanted
                            ? input.alias(GradNode.leaf(input.type(), Optional.of(slot)))
                            : input.alias(null));
        }
        List<Tensor> outputs = context.recording(true).call(() -> body.apply(marked));
        walk(outputs, cotangents, Optional.empty(), context.recording(), false);
        return slots.stream().map(Slot::read).toList();
    }

    /// Accumulates the gradients of all leaves that `output` depends on.
    static void backward(Tensor output, Tensor cotangent, boolean keep) {
        walk(List.of(output), List.of(Optional.of(cotangent)), Optional.empty(), keep, !keep);
    }

    private static List<Optional<Tensor>> walk(
            List<Tensor> outputs,
            List<Optional<Tensor>> cotangents,
            Optional<List<GradNode>> targets,
            boolean differentiable,
            boolean release) {
        Map<GradNode, @Nullable Tensor[]> pending = new IdentityHashMap<>();
        Set<GradNode> useful = targets.map(nodes -> leadingTo(nodes, outputs)).orElse(Set.of());
        PriorityQueue<GradNode> queue =
                new PriorityQueue<>(Comparator.comparingInt((GradNode node) -> -node.depth));
        Walk walk =
                new Walk(
                        pending,
                        new IdentityHashMap<>(),
                        queue,
                        useful,
                        targets.isEmpty(),
                        release);
        for (int i = 0; i < outputs.size(); i++) {
            GradNode node = outputs.get(i).node();
            if (node != null && cotangents.get(i).isPresent()) {
                walk.add(node, outputs.get(i).port(), cotangents.get(i).get().alias());
            }
        }
        Map<GradNode, Tensor> found = new IdentityHashMap<>();
        Context context = Context.current().recording(differentiable);
        while (!queue.isEmpty()) {
            GradNode node = queue.remove();
            @Nullable Tensor[] arrived = pending.remove(node);
            if (arrived == null) {
                continue;
            }
            walk.join(node, arrived, context);
            if (targets.isPresent() && targets.get().contains(node)) {
                Tensor cotangent = arrived[0];
                if (cotangent != null) {
                    found.put(node, cotangent);
                }
            } else if (node.op.isEmpty() && node.recompute.isEmpty()) {
                walk.leaf(node, arrived[0], context);
            } else {
                walk.step(node, arrived, context);
            }
        }
        return targets.orElse(List.of()).stream()
                .map(node -> Optional.ofNullable(found.get(node)))
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

    /// The state of one walk.
    private record Walk(
            Map<GradNode, @Nullable Tensor[]> pending,
            Map<GradNode, Map<Integer, SliceCotangents>> slices,
            PriorityQueue<GradNode> queue,
            Set<GradNode> useful,
            boolean everything,
            boolean release) {

        boolean wants(@Nullable GradNode edge) {
            return edge != null && (everything || useful.contains(edge));
        }

        // Takes the handle over.
        void add(GradNode node, int port, Tensor cotangent) {
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

        // As above, for a slice of the output.
        private void add(GradNode node, int port, Slice slice, Tensor cotangent) {
            slots(node);
            slices.computeIfAbsent(node, _ -> new TreeMap<>())
                    .computeIfAbsent(port, p -> new SliceCotangents(node.outputTypes.get(p)))
                    .add(slice, cotangent);
        }

        /// Adds what has arrived for slices to what has arrived for the whole outputs.
        void join(GradNode node, @Nullable Tensor[] arrived, Context context) {
            Map<Integer, SliceCotangents> parts = slices.remove(node);
            if (parts == null) {
                return;
            }
            Scope scope = new Scope();
            Context inner = release ? context.with(scope) : context;
            try {
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
                });
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

        void leaf(GradNode node, @Nullable Tensor cotangent, Context context) {
            if (cotangent == null) {
                return;
            }
            if (node.edges.length == 1) {
                GradNode edge = node.edges[0];
                if (edge != null && wants(edge)) {
                    add(edge, node.ports[0], hooked(node, cotangent, context));
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

        private Tensor hooked(GradNode node, Tensor cotangent, Context context) {
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

        void step(GradNode node, @Nullable Tensor[] arrived, Context context) {
            GradNode sliced = node.edges.length == 1 ? node.edges[0] : null;
            Tensor only = arrived[0];
            if (only != null && sliced != null && node.op.orElse(null) instanceof Slice slice) {
                if (wants(sliced)) {
                    add(sliced, node.ports[0], slice, only);
                } else {
                    drop(only);
                }
                return;
            }
            List<Optional<Tensor>> cotangents = new ArrayList<>();
            for (Tensor tensor : arrived) {
                cotangents.add(Optional.ofNullable(tensor));
            }
            List<Boolean> needed = new ArrayList<>();
            for (GradNode edge : node.edges) {
                needed.add(wants(edge));
            }
            Scope scope = new Scope();
            Context inner = release ? context.with(scope) : context;
            try {
                // What is computed again is the user's code: no scope for it.
                List<Optional<Tensor>> given =
                        node.recompute.isPresent()
                                ? context.call(() ->
                                        node.recompute.get().pull(cotangents, needed, everything))
                                : inner.call(() -> cotangentsOf(node, cotangents, needed));
                for (int i = 0; i < node.edges.length; i++) {
                    GradNode edge = node.edges[i];
                    if (edge != null && wants(edge) && given.get(i).isPresent()) {
                        // An alias, since one handle may be given for several inputs.
                        add(edge, node.ports[i], given.get(i).get().alias());
                    }
                }
            } finally {
                scope.release();
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
    }

    private static List<Optional<Tensor>> cotangentsOf(
            GradNode node, List<Optional<Tensor>> cotangents, List<Boolean> needed) {
        Op op = node.op.orElseThrow();
        List<Tensor> inputs = node.inputs();
        List<Tensor> outputs = node.outputs();
        boolean worthOneKernel =
                op instanceof Composite || (op instanceof Pointwise && reads(op, inputs).any());
        if (!worthOneKernel) {
            Pullback pullback = new Pullback(inputs, outputs, cotangents, needed);
            op.vjp(pullback);
            return pullback.given();
        }
        return Derivative.apply(op, reads(op, inputs), inputs, outputs, cotangents, needed);
    }

    /// A derivative rule as an operation of its own, so that eager pays one dispatch for it.
    private static final class Derivative {
        private Derivative() {}

        static List<Optional<Tensor>> apply(
                Op op,
                Pullback.Reads reads,
                List<Tensor> inputs,
                List<Tensor> outputs,
                List<Optional<Tensor>> cotangents,
                List<Boolean> needed) {
            List<Tensor> arguments = new ArrayList<>();
            for (int i = 0; i < inputs.size(); i++) {
                if (reads.inputs().get(i)) {
                    arguments.add(inputs.get(i));
                }
            }
            for (int i = 0; i < outputs.size(); i++) {
                if (reads.outputs().get(i)) {
                    arguments.add(outputs.get(i));
                }
            }
            cotangents.forEach(cotangent -> cotangent.ifPresent(arguments::add));
            List<TensorType> inputTypes = inputs.stream().map(Tensor::type).toList();
            List<TensorType> outputTypes = outputs.stream().map(Tensor::type).toList();
            List<Boolean> present = cotangents.stream().map(Optional::isPresent).toList();
            Composite composite =
                    Composite.of(
                            "vjp(" + op + ")",
                            List.of(op, inputTypes, needed, present),
                            all -> body(op, reads, inputTypes, outputTypes, present, needed, all));
            List<Tensor> results = Tensor.apply(composite, arguments);
            List<Optional<Tensor>> given = new ArrayList<>();
            int next = 0;
            for (boolean wanted : needed) {
                given.add(wanted ? Optional.of(results.get(next++)) : Optional.empty());
            }
            return given;
        }

        private static List<Tensor> body(
                Op op,
                Pullback.Reads reads,
                List<TensorType> inputTypes,
                List<TensorType> outputTypes,
                List<Boolean> present,
                List<Boolean> needed,
                List<Tensor> arguments) {
            int[] next = {0};
            List<Tensor> inputs = unpack(reads.inputs(), inputTypes, arguments, next);
            List<Tensor> outputs = unpack(reads.outputs(), outputTypes, arguments, next);
            List<Optional<Tensor>> cotangents = new ArrayList<>();
            for (boolean there : present) {
                cotangents.add(there ? Optional.of(arguments.get(next[0]++)) : Optional.empty());
            }
            Pullback pullback = new Pullback(inputs, outputs, cotangents, needed);
            op.vjp(pullback);
            List<Tensor> results = new ArrayList<>();
            for (int i = 0; i < needed.size(); i++) {
                if (needed.get(i)) {
                    TensorType type = inputTypes.get(i);
                    results.add(pullback.given().get(i).orElseGet(() -> Tensor.full(type, 0)));
                }
            }
            return results;
        }

        private static List<Tensor> unpack(
                List<Boolean> read, List<TensorType> types, List<Tensor> arguments, int[] next) {
            List<Tensor> all = new ArrayList<>();
            for (int i = 0; i < read.size(); i++) {
                all.add(read.get(i) ? arguments.get(next[0]++) : Pullback.typeOnly(types.get(i)));
            }
            return all;
        }
    }
}
