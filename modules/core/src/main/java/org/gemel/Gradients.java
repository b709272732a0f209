package org.gemel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.gemel.op.Op;
import org.gemel.op.Pullback;

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
                ReverseWalk.run(
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
        ReverseWalk.run(outputs, cotangents, Optional.empty(), context.recording(), false);
        return slots.stream().map(Slot::read).toList();
    }

    /// Accumulates the gradients of all leaves that `output` depends on.
    static void backward(Tensor output, Tensor cotangent, boolean keep) {
        ReverseWalk.run(
                List.of(output), List.of(Optional.of(cotangent)), Optional.empty(), keep, !keep);
    }
}
