package org.gemel.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// An operation that backends implement; all others are composites of these.
///
/// Primitives have one output. Sealed: adding one makes the compiler list every place that must
/// answer for it.
public sealed interface Primitive extends Op
        permits Pointwise,
                Movement,
                Reduce,
                ArgReduce,
                Gather,
                Scatter,
                Scan,
                Recurrence,
                ArgSort,
                MatMul,
                Conv,
                Pool,
                Pad,
                Concat,
                Fill,
                Iota,
                Random,
                CheckIndex,
                MatrixOp {
    /// The type of the output for inputs of the given types.
    ///
    /// @throws org.gemel.TypeException if these inputs do not fit
    TensorType type(List<TensorType> inputs);

    /// What the operation means, on plain arrays: the specification that every backend is tested
    /// against. Floating-point values are computed in `double` and rounded once to the type.
    Dense reference(List<Dense> inputs);

    /// Whether the elements of the inputs may make it throw when it runs.
    default boolean mayFail() {
        return false;
    }

    /// Whether it takes inputs of a narrow type in their wide one only: [org.gemel.Tensor#apply]
    /// then casts before and after it, so that nothing is rounded in between.
    ///
    /// @see org.gemel.DType#wide()
    default boolean widens() {
        return false;
    }

    /// The operator of the ONNX standard with this meaning, or an empty text.
    String onnx();

    /// The operation for each of many examples, which lie along dimension 0 of the inputs that have
    /// them and of the result: the rule of [org.gemel.Vmap].
    ///
    /// Unless an operation knows better, one example after the other.
    ///
    /// @param inputs at least one with examples
    /// @param batched which inputs have examples; the others are the same for all
    /// @param size how many examples there are
    default Tensor batched(List<Tensor> inputs, List<Boolean> batched, int size) {
        List<Tensor> results = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            List<Tensor> one = new ArrayList<>();
            for (int k = 0; k < inputs.size(); k++) {
                Tensor input = inputs.get(k);
                one.add(batched.get(k) ? input.slice(0, i, i + 1, 1).squeeze(0) : input);
            }
            results.add(Tensor.apply(this, one).getFirst().unsqueeze(0));
        }
        if (results.isEmpty()) {
            List<TensorType> types = new ArrayList<>();
            for (int k = 0; k < inputs.size(); k++) {
                TensorType type = inputs.get(k).type();
                types.add(batched.get(k) ? type.with(rest(type.shape())) : type);
            }
            TensorType type = type(types);
            return Tensor.full(type.with(prepend(0, type.shape())), 0);
        }
        return Tensor.concat(results, 0);
    }

    /// `shape` behind another dimension.
    static Shape prepend(int dim, Shape shape) {
        int[] dims = new int[shape.rank() + 1];
        dims[0] = dim;
        System.arraycopy(shape.dims(), 0, dims, 1, shape.rank());
        return Shape.of(dims);
    }

    /// `shape` without its first dimension.
    static Shape rest(Shape shape) {
        return Shape.of(Arrays.copyOfRange(shape.dims(), 1, shape.rank()));
    }

    /// `first` and then `all`.
    static List<Integer> prepend(int first, List<Integer> all) {
        List<Integer> longer = new ArrayList<>(all);
        longer.addFirst(first);
        return longer;
    }

    /// Inputs whose dimensions broadcast behind that of the examples: those that have some get ones
    /// after it, up to the highest rank.
    static List<Tensor> aligned(List<Tensor> inputs, List<Boolean> batched) {
        int rank = 0;
        for (int k = 0; k < inputs.size(); k++) {
            rank = Math.max(rank, inputs.get(k).shape().rank() - (batched.get(k) ? 1 : 0));
        }
        List<Tensor> all = new ArrayList<>();
        for (int k = 0; k < inputs.size(); k++) {
            Tensor input = inputs.get(k);
            int missing = rank + 1 - input.shape().rank();
            if (batched.get(k) && missing > 0) {
                int[] dims = new int[rank + 1];
                Arrays.fill(dims, 1);
                dims[0] = input.shape().dim(0);
                int own = input.shape().rank() - 1;
                System.arraycopy(input.shape().dims(), 1, dims, rank + 1 - own, own);
                input = input.reshape(Shape.of(dims));
            }
            all.add(input);
        }
        return all;
    }

    /// Inputs that all have examples: what is the same for all of them is repeated.
    static List<Tensor> repeated(List<Tensor> inputs, List<Boolean> batched, int size) {
        List<Tensor> all = new ArrayList<>();
        for (int k = 0; k < inputs.size(); k++) {
            Tensor input = inputs.get(k);
            all.add(batched.get(k) ? input : input.expand(prepend(size, input.shape())));
        }
        return all;
    }

    @Override
    default List<TensorType> infer(List<TensorType> inputs) {
        TensorType type = type(inputs);
        if (widens()) {
            for (TensorType input : inputs) {
                if (input.dtype().isNarrow()) {
                    throw new TypeException(
                            "%s: expects inputs in the type they are computed in, but got %s; cast"
                                            .formatted(label(), input)
                                    + " them before, as in x.to(DType.%s)"
                                            .formatted(input.dtype().wide().name()));
                }
            }
        }
        return List.of(type);
    }
}
