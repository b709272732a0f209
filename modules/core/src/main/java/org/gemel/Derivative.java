package org.gemel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gemel.op.Composite;
import org.gemel.op.Op;
import org.gemel.op.Pointwise;
import org.gemel.op.Pullback;

/// A derivative rule as an operation of its own, so that eager pays one dispatch for it.
final class Derivative {
    private Derivative() {}

    /// The cotangents of a node's inputs, from those of its outputs.
    static List<Optional<Tensor>> of(
            GradNode node, List<Optional<Tensor>> cotangents, List<Boolean> needed) {
        Op op = node.op.orElseThrow();
        List<Tensor> inputs = node.inputs();
        List<Tensor> outputs = node.outputs();
        boolean worthOneKernel =
                op instanceof Composite
                        || (op instanceof Pointwise && Gradients.reads(op, inputs).any());
        if (!worthOneKernel) {
            Pullback pullback = new Pullback(inputs, outputs, cotangents, needed);
            op.vjp(pullback);
            return pullback.given();
        }
        return apply(op, Gradients.reads(op, inputs), inputs, outputs, cotangents, needed);
    }

    private static List<Optional<Tensor>> apply(
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
