package org.gemel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.gemel.op.Composite;
import org.gemel.op.Pullback;

/// Derivatives as functions of functions; they nest to any order.
///
/// The functional twin of `backward()`, from the same rules: nothing is accumulated anywhere.
public final class Grad {
    private Grad() {}

    /// The function that maps `x` to the gradient of the scalar `f(x)`.
    public static UnaryOperator<Tensor> grad(UnaryOperator<Tensor> f) {
        return x -> valueAndGrad(f).apply(x).grad();
    }

    /// A function's value and its gradient there.
    ///
    /// @param value a scalar
    /// @param grad of the type of the argument
    public record ValueAndGrad(Tensor value, Tensor grad) {}

    /// The function that maps `x` to the scalar `f(x)` and its gradient.
    public static Function<Tensor, ValueAndGrad> valueAndGrad(UnaryOperator<Tensor> f) {
        return x -> {
            ValueAndGrads all = valueAndGrads(in -> f.apply(in.getFirst())).apply(List.of(x));
            return new ValueAndGrad(all.value(), all.grads().getFirst());
        };
    }

    /// The value of a function of several tensors and its gradients there.
    ///
    /// @param value a scalar
    /// @param grads one for each argument, of its type; zeros for integers and `bool`
    public record ValueAndGrads(Tensor value, List<Tensor> grads) {}

    /// The function that maps `xs` to the scalar `f(xs)` and its gradient for each of them.
    public static Function<List<Tensor>, ValueAndGrads> valueAndGrads(
            Function<List<Tensor>, Tensor> f) {
        return xs -> {
            List<Tensor> value = new ArrayList<>();
            DType dtype =
                    xs.stream()
                            .map(Tensor::dtype)
                            .filter(DType::isFloating)
                            .findFirst()
                            .orElse(DType.F32);
            List<Optional<Tensor>> found =
                    Gradients.pull(
                            in -> {
                                Tensor result = scalar(f.apply(in));
                                value.add(result);
                                return List.of(result.to(dtype));
                            },
                            xs,
                            List.of(
                                    Optional.of(
                                            Tensor.full(new TensorType(dtype, Shape.SCALAR), 1))),
                            xs.stream().map(x -> x.dtype().isFloating()).toList(),
                            Context.current());
            List<Tensor> grads = new ArrayList<>();
            for (int i = 0; i < xs.size(); i++) {
                grads.add(found.get(i).orElseGet(xs.get(i)::zerosLike));
            }
            Tensor result = value.getFirst();
            return new ValueAndGrads(
                    Context.current().recording() ? result : result.detach(), grads);
        };
    }

    private static Tensor scalar(Tensor result) {
        if (result.size() != 1) {
            throw new TypeException(
                    "grad: expects a function with a scalar result, but it gave %s; reduce it, as in"
                                    .formatted(result.type())
                            + " y.sum()");
        }
        return result.reshape(Shape.SCALAR);
    }

    /// The cotangent of `x` under `f`, given the cotangent of `f(x)`.
    public static Tensor vjp(UnaryOperator<Tensor> f, Tensor x, Tensor cotangent) {
        return vjp(in -> List.of(f.apply(in.getFirst())), List.of(x), List.of(cotangent))
                .getFirst();
    }

    /// The cotangents of `xs` under `f`, given those of the results.
    public static List<Tensor> vjp(
            UnaryOperator<List<Tensor>> f, List<Tensor> xs, List<Tensor> cotangents) {
        List<Optional<Tensor>> found =
                Gradients.pull(
                        f,
                        xs,
                        cotangents.stream().map(Optional::of).toList(),
                        xs.stream().map(x -> x.dtype().isFloating()).toList(),
                        Context.current());
        List<Tensor> all = new ArrayList<>();
        for (int i = 0; i < xs.size(); i++) {
            all.add(found.get(i).orElseGet(xs.get(i)::zerosLike));
        }
        return all;
    }

    /// The derivative of `f` at `x` in the direction `v`, of the type of `f(x)`.
    ///
    /// The cotangent of `x` is linear in that of `f(x)`; the transpose of this map is the answer
    /// (Townsend, 2017). So every rule for reverse derivatives serves forward ones.
    public static Tensor jvp(UnaryOperator<Tensor> f, Tensor x, Tensor v) {
        if (!v.type().equals(x.type())) {
            throw new TypeException(
                    "jvp: expects a direction of the argument's type %s, but got %s; reshape or convert it"
                            .formatted(x.type(), v.type()));
        }
        Tensor zeros = Gemel.noGrad(() -> f.apply(x)).zerosLike();
        return vjp(u -> vjp(f, x, u), zeros, v);
    }

    /// The Hessian of the scalar `f` at `x`, times `v`.
    public static Tensor hvp(UnaryOperator<Tensor> f, Tensor x, Tensor v) {
        return grad(y -> grad(f).apply(y).mul(v).sum()).apply(x);
    }

    /// All derivatives of all elements of `f(x)`: its dimensions first, then those of `x`.
    public static Tensor jacobian(UnaryOperator<Tensor> f, Tensor x) {
        TensorType out = Gemel.noGrad(() -> f.apply(x)).type();
        int n = Math.toIntExact(out.shape().size());
        Tensor places = Tensor.arange(n, DType.I64);
        Tensor each = places.unsqueeze(1).eq(places.unsqueeze(0)).to(out.dtype());
        Tensor rows = Vmap.of(row -> vjp(f, x, row.reshape(out.shape()))).apply(each);
        int[] dims = Arrays.copyOf(out.shape().dims(), out.shape().rank() + x.shape().rank());
        System.arraycopy(x.shape().dims(), 0, dims, out.shape().rank(), x.shape().rank());
        return rows.reshape(Shape.of(dims));
    }

    /// All second derivatives of the scalar `f(x)`: the dimensions of `x` twice.
    public static Tensor hessian(UnaryOperator<Tensor> f, Tensor x) {
        return jacobian(grad(f), x);
    }

    /// `f` with a derivative of its own, as one operation.
    ///
    /// Both are written in tensor calls and use what they are given alone. Make it once and keep
    /// it: another one is another operation, with kernels of its own.
    ///
    /// @param name for printed graphs and messages
    /// @param derivative gives the inputs' cotangents, as in `p.give(0, () -> p.g().mul(p.x(0)))`
    public static UnaryOperator<List<Tensor>> custom(
            String name, UnaryOperator<List<Tensor>> f, Consumer<Pullback> derivative) {
        Composite op = Composite.of(name, List.of(f, derivative), f, derivative);
        return inputs -> Tensor.apply(op, List.copyOf(inputs));
    }

    /// `f(inputs)`, of which the tape keeps the inputs alone: the rest is computed again for the
    /// derivative (Chen et al., 2016).
    ///
    /// `f` must give the same each time. It may read parameters, which get their gradients by
    /// `backward()`; the functional derivatives see its inputs only. In a traced function the
    /// compiler decides what is kept: it merges both computations.
    public static List<Tensor> checkpoint(UnaryOperator<List<Tensor>> f, List<Tensor> inputs) {
        Context context = Context.current();
        // holds of our own: whose the others are may give them back before
        List<Tensor> kept = inputs.stream().map(Tensor::alias).toList();
        if (!context.recording()) {
            return f.apply(kept);
        }
        GradNode.Recompute recompute =
                (cotangents, needed, everything) ->
                        again(f, kept, cotangents, needed, everything, Context.current());
        List<Tensor> outputs =
                context.recording(false).call(() -> f.apply(kept)).stream()
                        .map(Tensor::detach)
                        .toList();
        GradNode.record(recompute, kept, outputs);
        return outputs;
    }

    private static List<Optional<Tensor>> again(
            UnaryOperator<List<Tensor>> f,
            List<Tensor> inputs,
            List<Optional<Tensor>> cotangents,
            List<Boolean> needed,
            boolean everything,
            Context context) {
        if (!everything) {
            return Gradients.pull(f, inputs, cotangents, needed, context);
        }
        if (!context.recording()) {
            return Gradients.pullThrough(f, inputs, cotangents, needed, context);
        }
        // Once for the leaves, once so that the answer can be differentiated.
        List<Boolean> none = needed.stream().map(_ -> false).toList();
        Gradients.pullThrough(f, inputs, cotangents, none, context);
        return Gradients.pull(f, inputs, cotangents, needed, context);
    }
}
