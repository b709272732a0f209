package org.gemel.op;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// Combines the elements along some dimensions, which stay with size 1.
///
/// The order is fixed, whatever the engine: the `n` elements, row-major over the reduced
/// dimensions, go to 64 lanes, element `i` to lane `i mod 64` in ascending order; then lane `l`
/// takes in lane `l + s` for s = 32, 16, 8, 4, 2, 1. More than 16,384 elements are first combined
/// in blocks of that many, and the blocks' results likewise. The reference sums in `double`.
///
/// Primitive: its order of additions is fixed, and parallel; a loop of additions would be neither.
///
/// @param kind how two elements combine
/// @param axes the dimensions, ascending, from 0
public record Reduce(Kind kind, List<Integer> axes) implements Primitive {
    /// Elements of more than one block are combined block by block.
    public static final int BLOCK = 16_384;

    /// Lanes that accumulate independently within a block.
    public static final int LANES = 64;

    /// How two elements combine.
    public enum Kind {
        /// Addition, from 0.
        SUM,
        /// The larger one, NaN wins; an empty reduction has no answer.
        MAX,
        /// The smaller one, NaN wins; an empty reduction has no answer.
        MIN,
        /// Multiplication, from 1.
        PROD
    }

    /// Copies the axes.
    public Reduce {
        axes = List.copyOf(axes);
    }

    /// The axes as an array.
    public int[] axesArray() {
        return axes.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public String label() {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        TensorType x = inputs.getFirst();
        if (!x.dtype().isFloating() && !x.dtype().isInteger()) {
            throw new TypeException(
                    "%s: expects a number type, but got %s; convert it first, as in"
                                    .formatted(label(), x)
                            + " x.to(DType.I64)");
        }
        boolean empty = false;
        for (int axis : axes) {
            empty |= x.shape().dim(x.shape().axis(axis)) == 0;
        }
        if (empty && (kind == Kind.MAX || kind == Kind.MIN)) {
            throw new TypeException(
                    "%s: expects at least one element to choose from, but got %s along %s; check"
                                    .formatted(label(), x, axes)
                            + " for an empty tensor before");
        }
        return x.with(x.shape().reduced(axesArray()));
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense x = inputs.getFirst();
        TensorType out = type(List.of(x.type()));
        boolean real = x.type().dtype().isFloating();
        double[] reals = new double[Math.toIntExact(out.shape().size())];
        long[] integers = new long[reals.length];
        boolean[] started = new boolean[reals.length];
        Arrays.fill(reals, kind == Kind.PROD ? 1 : 0);
        Arrays.fill(integers, kind == Kind.PROD ? 1 : 0);
        for (int i = 0; i < x.size(); i++) {
            int[] position = Strides.position(x.type().shape(), i);
            for (int axis : axes) {
                position[axis] = 0;
            }
            int o = Strides.index(out.shape(), position);
            if (real) {
                reals[o] = combine(reals[o], x.real(i), started[o]);
            } else {
                integers[o] = combine(integers[o], x.integer(i), started[o]);
            }
            started[o] = true;
        }
        return real ? Dense.of(out, i -> reals[i]) : Dense.ofLongs(out, i -> integers[i]);
    }

    private double combine(double a, double b, boolean started) {
        return switch (kind) {
            case SUM -> a + b;
            case PROD -> a * b;
            case MAX -> started ? Math.max(a, b) : b;
            case MIN -> started ? Math.min(a, b) : b;
        };
    }

    private long combine(long a, long b, boolean started) {
        return switch (kind) {
            case SUM -> a + b;
            case PROD -> a * b;
            case MAX -> started ? Math.max(a, b) : b;
            case MIN -> started ? Math.min(a, b) : b;
        };
    }

    @Override
    public boolean differentiable() {
        return true;
    }

    @Override
    public Tensor batched(List<Tensor> inputs, List<Boolean> batched, int size) {
        List<Integer> later = axes.stream().map(axis -> axis + 1).toList();
        return inputs.getFirst().reduce(new Reduce(kind, later));
    }

    /// Sum: the cotangent spread out. Maximum and minimum: shared equally among the elements that
    /// attain it. Product: by the product of the others, so that zeros are right.
    @Override
    public void vjp(Pullback p) {
        Shape shape = p.type(0).shape();
        p.give(
                0,
                () ->
                        switch (kind) {
                            case SUM -> p.g().expand(shape);
                            case MAX, MIN -> {
                                Tensor hits = p.x(0).eq(p.y()).to(p.type(0).dtype());
                                Tensor count = hits.reduce(new Reduce(Kind.SUM, axes));
                                yield hits.mul(p.g().div(count));
                            }
                            case PROD -> p.g().mul(productOfOthers(p.x(0), shape));
                        });
    }

    // The product of all before an element times that of all after it.
    private Tensor productOfOthers(Tensor x, Shape shape) {
        int rank = shape.rank();
        int[] kept = IntStream.range(0, rank).filter(a -> !axes.contains(a)).toArray();
        int[] order =
                IntStream.concat(Arrays.stream(kept), axes.stream().mapToInt(Integer::intValue))
                        .toArray();
        Tensor moved = x.permute(order);
        int n = Arrays.stream(axesArray()).map(shape::dim).reduce(1, Math::multiplyExact);
        int rows = Math.toIntExact(n == 0 ? 0 : shape.size() / n);
        Tensor line = moved.reshape(rows, n);
        Tensor before = Tensor.apply(new Scan(Scan.Kind.PROD, 1, false), List.of(line)).getFirst();
        Tensor after = Tensor.apply(new Scan(Scan.Kind.PROD, 1, true), List.of(line)).getFirst();
        Tensor product =
                Recurrence.shifted(before, 1, false, 1).mul(Recurrence.shifted(after, 1, true, 1));
        return product.reshape(moved.shape())
                .permute(new Permute(Arrays.stream(order).boxed().toList()).inverse());
    }

    @Override
    public boolean widens() {
        return true;
    }

    @Override
    public String onnx() {
        return switch (kind) {
            case SUM -> "ReduceSum";
            case MAX -> "ReduceMax";
            case MIN -> "ReduceMin";
            case PROD -> "ReduceProd";
        };
    }
}
