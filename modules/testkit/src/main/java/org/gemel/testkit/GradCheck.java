package org.gemel.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.gemel.DType;
import org.gemel.Tensor;
import org.gemel.op.Dense;

/// Compares derivatives with central differences, in f64.
///
/// The function's results are weighted with fixed numbers and summed, so that no symmetry hides an
/// error. First order: every element's slope. Second order: the Hessian times a fixed vector,
/// against differences of the first order.
///
/// @param mode how the function and its derivatives run
/// @param step how far the differences reach
/// @param tolerance how much they may differ, relative above 1 and absolute below
public record GradCheck(Modes mode, double step, double tolerance) {
    /// Differences over 2e-5, which leaves about nine digits, of which six are asked for.
    public static GradCheck in(Modes mode) {
        return new GradCheck(mode, 1e-5, 1e-6);
    }

    /// Checks both orders of `f` at `inputs`, f64 or constant.
    ///
    /// @throws AssertionError at the first derivative that is wrong; names input and element
    public void check(UnaryOperator<List<Tensor>> f, List<Tensor> inputs) {
        first(f, inputs);
        second(f, inputs);
    }

    /// Checks the first derivatives of `f` at `inputs`.
    public void first(UnaryOperator<List<Tensor>> f, List<Tensor> inputs) {
        List<Boolean> wanted = wanted(inputs);
        UnaryOperator<List<Tensor>> loss = in -> List.of(weighted(f.apply(in)));
        compare("slope", loss, in -> Slopes.of(loss, in, wanted), inputs, wanted);
    }

    /// Checks the second derivatives of `f` at `inputs`.
    public void second(UnaryOperator<List<Tensor>> f, List<Tensor> inputs) {
        List<Boolean> wanted = wanted(inputs);
        UnaryOperator<List<Tensor>> loss = in -> List.of(weighted(f.apply(in)));
        UnaryOperator<List<Tensor>> along = in -> List.of(weighted(Slopes.of(loss, in, wanted)));
        compare("curvature", along, in -> Slopes.of(along, in, wanted), inputs, wanted);
    }

    private static List<Boolean> wanted(List<Tensor> inputs) {
        return inputs.stream().map(input -> input.dtype() == DType.F64).toList();
    }

    // The sum of all results, each element with a weight of its own.
    private static Tensor weighted(List<Tensor> results) {
        Optional<Tensor> sum = Optional.empty();
        for (Tensor result : results) {
            int count = Math.toIntExact(result.size());
            Tensor places = Tensor.arange(count, DType.F64).reshape(result.shape());
            Tensor part = result.mul(places.mul(0.37).add(0.5).cos()).sum();
            sum = Optional.of(sum.map(part::add).orElse(part));
        }
        return sum.orElseThrow();
    }

    private void compare(
            String what,
            UnaryOperator<List<Tensor>> loss,
            UnaryOperator<List<Tensor>> derivative,
            List<Tensor> inputs,
            List<Boolean> wanted) {
        List<Tensor> claimed = mode.run(derivative, inputs);
        UnaryOperator<List<Tensor>> value = mode.of(loss);
        int next = 0;
        for (int i = 0; i < inputs.size(); i++) {
            if (!wanted.get(i)) {
                continue;
            }
            double[] claims = claimed.get(next++).toDoubleArray();
            for (int element = 0; element < claims.length; element++) {
                double above = moved(value, inputs, i, element, step);
                double below = moved(value, inputs, i, element, -step);
                double measured = (above - below) / (2 * step);
                double limit = tolerance * Math.max(1, Math.abs(measured));
                if (!(Math.abs(claims[element] - measured) <= limit)) {
                    throw new AssertionError(
                            "%s of input %d at element %d: differences give %s, the rule %s"
                                    .formatted(what, i, element, measured, claims[element]));
                }
            }
        }
    }

    private static double moved(
            UnaryOperator<List<Tensor>> loss, List<Tensor> at, int input, int element, double by) {
        Dense origin = HostTensors.dense(at.get(input));
        Dense place = Dense.of(origin.type(), i -> origin.real(i) + (i == element ? by : 0));
        List<Tensor> next = new ArrayList<>(at);
        next.set(input, HostTensors.tensor(place));
        return loss.apply(next).getFirst().item();
    }
}
