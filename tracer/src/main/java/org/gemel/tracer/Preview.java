package org.gemel.tracer;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.gemel.Context;
import org.gemel.GemelException;
import org.gemel.Interpreter;
import org.gemel.Tensor;
import org.gemel.ir.Node;

/// Finds out what recorded nodes evaluate to, operation by operation, when a function that is being
/// recorded looks at a value: the segment that leads there cannot be compiled before it is known
/// what later ones need of it.
final class Preview {
    private final Context context;
    private final Map<Node, Tensor> known = new HashMap<>();

    /// A preview that runs operations on `engine`.
    Preview(Interpreter engine) {
        this.context = new Context(engine, false, null);
    }

    /// Tells what a node is.
    void put(Node node, Tensor value) {
        known.put(node, value);
    }

    /// The elements of a node, row-major.
    byte[] elements(Node node) {
        byte[] data = new byte[Math.toIntExact(node.type().bytes())];
        context.run(() -> evaluate(node).value().copyTo(MemorySegment.ofArray(data)));
        return data;
    }

    private Tensor evaluate(Node wanted) {
        Deque<Node> open = new ArrayDeque<>(List.of(wanted));
        while (!open.isEmpty()) {
            Node node = open.element();
            if (known.containsKey(node)) {
                open.pop();
                continue;
            }
            switch (node) {
                case Node.Apply apply -> {
                    List<Node> missing =
                            apply.inputs().stream()
                                    .filter(input -> !known.containsKey(input))
                                    .toList();
                    if (missing.isEmpty()) {
                        List<Tensor> inputs = apply.inputs().stream().map(this::get).toList();
                        known.put(node, Tensor.apply(apply.op(), inputs).getFirst());
                    } else {
                        missing.forEach(open::push);
                    }
                }
                case Node.Constant(var type, var data) ->
                        known.put(
                                node,
                                context.interpreter().constant(type, MemorySegment.ofArray(data)));
                case Node.Input input ->
                        throw new GemelException(
                                "traced: lost the value of %s; please report this"
                                        .formatted(input.name()));
            }
        }
        return get(wanted);
    }

    private Tensor get(Node node) {
        Tensor tensor = known.get(node);
        if (tensor == null) {
            throw new GemelException("traced: lost a value; please report this");
        }
        return tensor;
    }
}
