package org.gemel;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.gemel.op.Op;
import org.gemel.op.Pullback;
import org.jspecify.annotations.Nullable;

/// One entry of the tape: how a tensor came about, as far as its derivative needs to know.
///
/// A node is reached from the tensors it made, as PyTorch's `grad_fn` is; a tape that nobody can
/// reach any more is garbage.
final class GradNode {
    /// The operation, or nothing for a leaf.
    final Optional<Op> op;

    /// The nodes of the inputs; null where an input needs no gradient.
    final @Nullable GradNode[] edges;

    /// Which output of its node each input is.
    final int[] ports;

    /// One more than the deepest input: a topological order.
    final int depth;

    /// Where a leaf's gradient is accumulated.
    final Optional<Slot> gradient;

    /// What a cotangent becomes on its way through, at a point that is not an operation.
    final Optional<UnaryOperator<Tensor>> hook;

    /// How cotangents are found where nothing was kept, if so.
    final Optional<Recompute> recompute;

    final List<TensorType> inputTypes;
    final List<TensorType> outputTypes;

    /// Inputs and outputs that the derivative rule reads, as holds of our own; null for the others.
    private @Nullable Tensor[] inputs;

    private @Nullable Tensor[] outputs;
    private boolean released;

    /// Computes again what was not kept, and the cotangents of the inputs from that.
    interface Recompute {
        List<Optional<Tensor>> pull(
                List<Optional<Tensor>> cotangents, List<Boolean> needed, boolean everything);
    }

    private GradNode(
            Optional<Op> op,
            @Nullable GradNode[] edges,
            int[] ports,
            Optional<Slot> gradient,
            Optional<UnaryOperator<Tensor>> hook,
            Optional<Recompute> recompute,
            List<TensorType> inputTypes,
            List<TensorType> outputTypes) {
        this.op = op;
        this.edges = edges;
        this.ports = ports;
        this.gradient = gradient;
        this.hook = hook;
        this.recompute = recompute;
        this.inputTypes = inputTypes;
        this.outputTypes = outputTypes;
        this.inputs = new Tensor[inputTypes.size()];
        this.outputs = new Tensor[outputTypes.size()];
        int deepest = 0;
        for (GradNode edge : edges) {
            deepest = edge == null ? deepest : Math.max(deepest, edge.depth + 1);
        }
        this.depth = deepest;
    }

    /// Where derivatives end: a parameter or a tensor the user asked the gradient of.
    static GradNode leaf(TensorType type, Optional<Slot> gradient) {
        return new GradNode(
                Optional.empty(),
                new GradNode[0],
                new int[0],
                gradient,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(type));
    }

    /// A point that derivatives pass and that can be asked for: the same value as `source`.
    static GradNode through(Tensor source) {
        return through(source, Optional.empty());
    }

    /// A point that derivatives pass, changed by a hook.
    static GradNode through(Tensor source, Optional<UnaryOperator<Tensor>> hook) {
        return new GradNode(
                Optional.empty(),
                new GradNode[] {source.node()},
                new int[] {source.port()},
                Optional.empty(),
                hook,
                Optional.empty(),
                List.of(),
                List.of(source.type()));
    }

    /// Records outputs of which nothing is kept but how to compute them again.
    static void record(Recompute recompute, List<Tensor> inputs, List<Tensor> outputs) {
        link(
                new GradNode(
                        Optional.empty(),
                        edges(inputs),
                        ports(inputs),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(recompute),
                        inputs.stream().map(Tensor::type).toList(),
                        outputs.stream().map(Tensor::type).toList()),
                outputs);
    }

    private static @Nullable GradNode[] edges(List<Tensor> inputs) {
        @Nullable GradNode[] edges = new GradNode[inputs.size()];
        for (int i = 0; i < edges.length; i++) {
            edges[i] = inputs.get(i).node();
        }
        return edges;
    }

    private static int[] ports(List<Tensor> inputs) {
        return inputs.stream().mapToInt(Tensor::port).toArray();
    }

    private static void link(GradNode node, List<Tensor> outputs) {
        for (int i = 0; i < outputs.size(); i++) {
            if (outputs.get(i).type().dtype().isFloating()) {
                outputs.get(i).link(node, i);
            }
        }
    }

    /// Records one application and links its outputs to the new node.
    static void record(Op op, Pullback.Reads reads, List<Tensor> inputs, List<Tensor> outputs) {
        GradNode node =
                new GradNode(
                        Optional.of(op),
                        edges(inputs),
                        ports(inputs),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        inputs.stream().map(Tensor::type).toList(),
                        outputs.stream().map(Tensor::type).toList());
        for (int i = 0; i < node.inputs.length; i++) {
            if (reads.inputs().get(i)) {
                node.inputs[i] = inputs.get(i).alias();
            }
        }
        link(node, outputs);
        for (int i = 0; i < outputs.size(); i++) {
            if (reads.outputs().get(i)) {
                node.outputs[i] = outputs.get(i).alias();
            }
        }
    }

    /// The inputs, those that the rule does not read as types only.
    List<Tensor> inputs() {
        return filled(inputs, inputTypes);
    }

    /// The outputs, those that the rule does not read as types only.
    List<Tensor> outputs() {
        return filled(outputs, outputTypes);
    }

    private List<Tensor> filled(@Nullable Tensor[] saved, List<TensorType> types) {
        if (released) {
            throw new TypeException(
                    "backward: expects a graph that was not used yet, but the tape was given back"
                            + " by an earlier backward(); call backward(true) to keep it");
        }
        Tensor[] all = new Tensor[saved.length];
        for (int i = 0; i < all.length; i++) {
            Tensor tensor = saved[i];
            all[i] = tensor == null ? Pullback.typeOnly(types.get(i)) : tensor;
        }
        return List.of(all);
    }

    /// Gives back what was kept for the derivative rule.
    void release() {
        if (op.isEmpty() || released) {
            return;
        }
        released = true;
        disposeAll(inputs);
        disposeAll(outputs);
    }

    private static void disposeAll(@Nullable Tensor[] saved) {
        for (int i = 0; i < saved.length; i++) {
            Tensor tensor = saved[i];
            if (tensor != null) {
                tensor.dispose();
                saved[i] = null;
            }
        }
    }
}
