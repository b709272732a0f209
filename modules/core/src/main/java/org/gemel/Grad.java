package org.gemel;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Derivatives as functions of functions; they nest to any order.
///
/// The functional twin of `backward()`, from the same rules: nothing is accumulated anywhere.
public final class Grad {
    private Grad() {}

    /// The function that maps `x` to the gradient of the scalar `f(x)`.
    public static UnaryOperator<Tensor> grad(UnaryOperator<Tensor> f) {
        return x ->
                vjp(
                        y -> {
                            Tensor result = f.apply(y);
                            if (result.size() != 1) {
                                throw new TypeException(
                                        "grad: expects a function with a scalar result, but it gave"
                                                + " %s; reduce it, as in y.sum()"
                                                        .formatted(result.type()));
                            }
                            return result.reshape(Shape.SCALAR);
                        },
                        x,
                        Tensor.full(new TensorType(x.dtype(), Shape.SCALAR), 1));
    }

    /// The cotangent of `x` under `f`, given the cotangent of `f(x)`.
    public static Tensor vjp(UnaryOperator<Tensor> f, Tensor x, Tensor cotangent) {
        List<Optional<Tensor>> found =
                Gradients.pull(
                        in -> List.of(f.apply(in.getFirst())),
                        List.of(x),
                        List.of(Optional.of(cotangent)),
                        List.of(true),
                        Context.current());
        return found.getFirst().orElseGet(x::zerosLike);
    }

    /// The Hessian of the scalar `f` at `x`, times `v`.
    public static Tensor hvp(UnaryOperator<Tensor> f, Tensor x, Tensor v) {
        return grad(y -> grad(f).apply(y).mul(v).sum()).apply(x);
    }
}
