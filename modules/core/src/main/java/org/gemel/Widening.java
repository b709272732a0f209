package org.gemel;

import java.util.ArrayList;
import java.util.List;
import org.gemel.op.Op;
import org.gemel.op.Primitive;

/// Operations on narrow types that are computed in the wide one: sums, products of matrices and
/// their like, and on f16 and bf16 all composites.
///
/// Inputs are cast to the wide type, which is exact, the operation runs there, and its result is
/// rounded to the narrow type once. The casts are operations as any other: a trace, the compiler
/// and the tape see nothing else, so that the bits are the same in every mode.
final class Widening {
    private Widening() {}

    static boolean needs(Op op, Tensor input) {
        DType dtype = input.dtype();
        return dtype.isNarrow()
                && (op instanceof Primitive primitive ? primitive.widens() : dtype.isFloating());
    }

    static boolean needs(Op op, List<Tensor> inputs) {
        for (Tensor input : inputs) {
            if (needs(op, input)) {
                return true;
            }
        }
        return false;
    }

    /// The outputs of `op`, of the dtypes that its type rule gives for the narrow inputs.
    static List<Tensor> apply(Op op, List<Tensor> inputs) {
        List<TensorType> types = inputs.stream().map(Tensor::type).toList();
        List<TensorType> outputs =
                op instanceof Primitive primitive
                        ? List.of(primitive.type(types))
                        : op.infer(types);
        List<Tensor> wide = new ArrayList<>();
        for (Tensor input : inputs) {
            wide.add(needs(op, input) ? input.to(input.dtype().wide()) : input);
        }
        List<Tensor> found = Tensor.apply(op, wide);
        List<Tensor> results = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            results.add(found.get(i).to(outputs.get(i).dtype()));
        }
        return List.copyOf(results);
    }
}
