package org.gemel.testkit.ops;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.gemel.DType;
import org.gemel.GemelException;
import org.gemel.Tensor;
import org.gemel.op.Dense;
import org.gemel.testkit.HostTensors;

/// One way to call one operation, on inputs whose sizes follow one number `n`.
///
/// @param name the operation, as its method or label names it, and after a blank what is special
/// @param call the operation, followed by nothing else
/// @param operands its inputs
/// @param sizes which `n` it is called with
/// @param traits what it does not have in common with most
/// @param ulps how far results may be from the reference where rounding is not fixed by the
///   contract of the primitives: in units of the last place of the result, or of the largest
///   element of results and inputs
/// @param onnx the operator of the ONNX standard that is this composite, or an empty text; what is
///   primitive names its own
public record OpCase(
        String name,
        UnaryOperator<List<Tensor>> call,
        List<Operand> operands,
        Sizes sizes,
        Set<Trait> traits,
        int ulps,
        String onnx) {
    /// Which `n` an operation is called with.
    ///
    /// @param smallest the smallest it takes; below, it must refuse
    /// @param largest the largest that is tested
    /// @param curved the one at which derivatives are compared with differences
    public record Sizes(int smallest, int largest, int curved) {}

    /// What an operation does not have in common with most.
    public enum Trait {
        /// No gradients pass.
        CONSTANT,
        /// It takes inputs of whatever types and shapes.
        TOTAL,
        /// The call changes its inputs before the operation gets them, so that what is wrong with
        /// them does not reach it.
        PREPARED
    }

    private static final Sizes ALL_SIZES = new Sizes(0, Integer.MAX_VALUE, 3);
    private static final int ULPS = 32;

    /// A function of three tensors.
    @FunctionalInterface
    interface Three {
        Tensor apply(Tensor a, Tensor b, Tensor c);
    }

    /// A case of one tensor.
    static OpCase op(String name, UnaryOperator<Tensor> f, Operand x) {
        return ops(name, in -> List.of(f.apply(in.get(0))), x);
    }

    /// A case of two tensors.
    static OpCase op(String name, BinaryOperator<Tensor> f, Operand a, Operand b) {
        return ops(name, in -> List.of(f.apply(in.get(0), in.get(1))), a, b);
    }

    /// A case of three tensors.
    static OpCase op(String name, Three f, Operand a, Operand b, Operand c) {
        return ops(name, in -> List.of(f.apply(in.get(0), in.get(1), in.get(2))), a, b, c);
    }

    /// A case of any number of tensors and results.
    static OpCase ops(String name, UnaryOperator<List<Tensor>> f, Operand... operands) {
        return new OpCase(name, f, List.of(operands), ALL_SIZES, Set.of(), ULPS, "");
    }

    /// This case for `n` of at least `least`.
    OpCase from(int least) {
        return with(new Sizes(least, sizes.largest, sizes.curved));
    }

    /// This case for `n` of at most `most`: what grows faster than `n` takes too long beyond.
    OpCase upTo(int most) {
        return with(new Sizes(sizes.smallest, most, sizes.curved));
    }

    /// This case with derivatives compared at another `n`.
    OpCase curvedAt(int n) {
        return with(new Sizes(sizes.smallest, sizes.largest, n));
    }

    /// This case without derivatives.
    OpCase constant() {
        return with(Trait.CONSTANT);
    }

    /// This case of an operation that takes whatever it gets.
    OpCase takesAll() {
        return with(Trait.TOTAL);
    }

    /// This case of inputs that are changed before: other cases of the operation show its errors.
    OpCase preparing() {
        return with(Trait.PREPARED);
    }

    /// This case with another bound on errors.
    OpCase within(int bound) {
        return new OpCase(name, call, operands, sizes, traits, bound, onnx);
    }

    /// This case of a composite that ONNX has under a name.
    OpCase onnx(String operator) {
        return new OpCase(name, call, operands, sizes, traits, ulps, operator);
    }

    private OpCase with(Sizes others) {
        return new OpCase(name, call, operands, others, traits, ulps, onnx);
    }

    private OpCase with(Trait trait) {
        Set<Trait> more = EnumSet.of(trait);
        more.addAll(traits);
        return new OpCase(name, call, operands, sizes, Set.copyOf(more), ulps, onnx);
    }

    /// Whether it has a trait.
    public boolean is(Trait trait) {
        return traits.contains(trait);
    }

    /// Whether gradients pass.
    public boolean differentiable() {
        return !is(Trait.CONSTANT);
    }

    /// The operation without what is special about this case.
    public String op() {
        return name.split(" ")[0];
    }

    /// The types that it takes for its values, of which there is at least one.
    public List<DType> dtypes() {
        List<DType> all = Arrays.stream(DType.values()).filter(this::takes).toList();
        if (all.isEmpty()) {
            throw new AssertionError(name + " takes no type");
        }
        return all;
    }

    private boolean takes(DType dtype) {
        List<Dense> inputs = inputs(dtype, Math.max(3, sizes.smallest));
        try {
            new Observer()
                    .call(() -> call.apply(inputs.stream().map(HostTensors::tensor).toList()));
            return true;
        } catch (GemelException refused) {
            return false;
        }
    }

    /// Inputs of size `n`, the same ones at each call.
    public List<Dense> inputs(DType dtype, int n) {
        SplittableRandom random = new SplittableRandom(name.hashCode() * 31L + n);
        List<Dense> inputs = new ArrayList<>();
        for (Operand operand : operands) {
            inputs.add(operand.sample(operand.type(dtype, n), n, random));
        }
        return inputs;
    }

    @Override
    public String toString() {
        return name;
    }
}
