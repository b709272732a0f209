package org.gemel.testkit.ops;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.TensorType;
import org.gemel.op.Cast;
import org.gemel.op.Dense;

/// What a user may get wrong when he calls an operation: made from its case, one input at a time.
public final class OpMistakes {
    private OpMistakes() {}

    /// What is wrong with the inputs.
    public enum Kind {
        /// An input has a dimension too many or too few.
        RANK,
        /// A dimension is larger by one.
        DIMS,
        /// An input has another type, or all values have.
        DTYPE,
        /// An index lies outside.
        INDEX,
        /// There are fewer elements than the operation can do with.
        EMPTY
    }

    /// Inputs of which one is not as it should be; whether the operation minds is its own affair.
    ///
    /// @param kind what was changed
    /// @param inputs all of them
    public record Mistake(Kind kind, List<Dense> inputs) {
        /// The types of the inputs.
        @Override
        public String toString() {
            return String.join(
                    ", ", inputs.stream().map(input -> input.type().toString()).toList());
        }
    }

    /// All mistakes to be made with `row`, on values of `dtype`.
    public static List<Mistake> of(OpCase row, DType dtype) {
        int n = Math.max(3, row.sizes().smallest());
        List<Dense> right = row.inputs(dtype, n);
        List<Mistake> all = new ArrayList<>();
        for (int i = 0; i < right.size(); i++) {
            shapes(all, right, i);
            types(all, row, right, i);
            if (row.operands().get(i).kind() == Operand.Kind.INDEX) {
                int bound = row.operands().get(i).bound(n);
                all.add(with(Kind.INDEX, right, i, indices(right.get(i), bound)));
                all.add(with(Kind.INDEX, right, i, indices(right.get(i), -bound - 1L)));
            }
        }
        all.add(values(row, right, DType.BOOL));
        all.add(values(row, right, dtype.isFloating() ? DType.I64 : DType.F32));
        if (row.sizes().smallest() > 0) {
            all.add(new Mistake(Kind.EMPTY, row.inputs(dtype, row.sizes().smallest() - 1)));
        }
        return all;
    }

    private static void shapes(List<Mistake> all, List<Dense> right, int i) {
        Dense input = right.get(i);
        int[] dims = input.type().shape().dims();
        int[] more = new int[dims.length + 1];
        more[0] = 2;
        System.arraycopy(dims, 0, more, 1, dims.length);
        all.add(with(Kind.RANK, right, i, resized(input, Shape.of(more))));
        if (dims.length > 0) {
            int[] fewer = Arrays.copyOfRange(dims, 1, dims.length);
            all.add(with(Kind.RANK, right, i, resized(input, Shape.of(fewer))));
        }
        if (dims.length > 1) {
            all.add(with(Kind.RANK, right, i, resized(input, Shape.SCALAR)));
        }
        for (int axis = 0; axis < dims.length; axis++) {
            Shape longer = input.type().shape().with(axis, dims[axis] + 1);
            all.add(with(Kind.DIMS, right, i, resized(input, longer)));
        }
    }

    private static void types(List<Mistake> all, OpCase row, List<Dense> right, int i) {
        Dense input = right.get(i);
        List<DType> others =
                switch (row.operands().get(i).kind()) {
                    case VALUE ->
                            right.size() == 1
                                    ? List.of()
                                    : List.of(
                                            input.type().dtype() == DType.F64
                                                    ? DType.F32
                                                    : DType.F64);
                    case INDEX -> List.of(DType.F32, DType.I32);
                    case MASK -> List.of(DType.F32);
                };
        for (DType other : others) {
            all.add(with(Kind.DTYPE, right, i, cast(input, other)));
        }
    }

    private static Mistake values(OpCase row, List<Dense> right, DType dtype) {
        List<Dense> inputs = new ArrayList<>();
        for (int i = 0; i < right.size(); i++) {
            boolean value = row.operands().get(i).kind() == Operand.Kind.VALUE;
            inputs.add(value ? cast(right.get(i), dtype) : right.get(i));
        }
        return new Mistake(Kind.DTYPE, inputs);
    }

    private static Mistake with(Kind kind, List<Dense> right, int i, Dense wrong) {
        List<Dense> inputs = new ArrayList<>(right);
        inputs.set(i, wrong);
        return new Mistake(kind, inputs);
    }

    // The same elements over and over.
    private static Dense resized(Dense input, Shape shape) {
        TensorType type = input.type().with(shape);
        return Dense.gathered(type, input, i -> i % Math.max(1, input.size()));
    }

    private static Dense cast(Dense input, DType dtype) {
        return new Cast(dtype).reference(List.of(input));
    }

    // The last index is wrong.
    private static Dense indices(Dense input, long wrong) {
        return Dense.ofLongs(input.type(), i -> i == input.size() - 1 ? wrong : input.integer(i));
    }
}
