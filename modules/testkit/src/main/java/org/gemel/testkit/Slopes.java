package org.gemel.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.gemel.Context;
import org.gemel.DType;
import org.gemel.Gradients;
import org.gemel.Tensor;
import org.gemel.TensorType;

/// Derivatives with respect to some inputs, as what checks compare: zeros where the results do not
/// depend on one.
final class Slopes {
    private Slopes() {}

    /// Those of one number, f64.
    static List<Tensor> of(UnaryOperator<List<Tensor>> f, List<Tensor> at, List<Boolean> wanted) {
        return of(f, at, List.of(Optional.of(Tensor.full(TensorType.of(DType.F64), 1))), wanted);
    }

    /// Those of results with the given cotangents.
    static List<Tensor> of(
            UnaryOperator<List<Tensor>> f,
            List<Tensor> at,
            List<Optional<Tensor>> cotangents,
            List<Boolean> wanted) {
        List<Optional<Tensor>> found = Gradients.pull(f, at, cotangents, wanted, Context.current());
        List<Tensor> slopes = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            if (wanted.get(i)) {
                slopes.add(found.get(i).orElseGet(at.get(i)::zerosLike));
            }
        }
        return slopes;
    }
}
