package org.gemel.op;

import java.util.Arrays;
import java.util.List;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// Combines the elements of each window over the last dimensions, or hands values to and from them.
///
/// Empty places of a window do not count. The largest element of a window is the first one at a
/// tie, as it is for derivatives; a NaN is larger than all, the last of several. A sum goes along
/// the outer dimensions first, then along the last, places ascending; a sum over windows likewise.
///
/// Primitive: windows laid out as columns would store each element once per tap, and lose its
/// place.
///
/// @param kind what is done with the windows
/// @param windows where they lie
public record Pool(Kind kind, Windows windows) implements Primitive {
    /// What is done with the windows of `x` `[.., input..]`.
    public enum Kind {
        /// The largest element of each window; -infinity where it has none.
        MAX("max_pool", "MaxPool"),
        /// The place (i64) of the largest element, row-major in the spatial dimensions; -1 where
        /// there is none.
        MAX_PLACE("max_pool_place", ""),
        /// The element of a second tensor like `x` at the place of the largest of `x`; 0 where
        /// there is none.
        TAKE("max_pool_take", ""),
        /// The transpose of TAKE: each element of a second tensor `[.., output..]` is added at the
        /// place of the largest of its window of `x`.
        PUT("max_pool_put", ""),
        /// The sum of each window.
        SUM("sum_pool", ""),
        /// The transpose of SUM, from `[.., output..]` to `[.., input..]`: each element is added to
        /// all places of its window.
        SPREAD("sum_pool_spread", "");

        private final String label;
        private final String onnx;

        Kind(String label, String onnx) {
            this.label = label;
            this.onnx = onnx;
        }

        /// The operation's name.
        public String label() {
            return label;
        }

        /// How many inputs it has.
        public int arity() {
            return this == TAKE || this == PUT ? 2 : 1;
        }
    }

    @Override
    public String label() {
        return kind.label;
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        TensorType x = inputs.getFirst();
        if (!x.dtype().isFloating()) {
            throw new TypeException(
                    "%s: expects a floating-point type, but got %s; convert it first, as in x.to(DType.F32)"
                            .formatted(label(), x));
        }
        List<Integer> from = kind == Kind.SPREAD ? windows.output() : windows.input();
        if (!windows.valid() || !Windows.endsWith(x.shape(), from)) {
            throw new TypeException(
                    "%s: expects the last dimensions %s, but got %s; check the windows"
                            .formatted(label(), from, x));
        }
        Shape windowed = Windows.shape(x.shape(), leading(x.shape()), windows.output());
        if (kind.arity() == 2) {
            TensorType other = inputs.getLast();
            TensorType expected = kind == Kind.TAKE ? x : x.with(windowed);
            if (!other.equals(expected)) {
                throw new TypeException(
                        "%s: expects %s for windows of %s, but got %s; reshape or convert it"
                                .formatted(label(), expected, x, other));
            }
        }
        return switch (kind) {
            case MAX, TAKE, SUM -> x.with(windowed);
            case MAX_PLACE -> new TensorType(DType.I64, windowed);
            case PUT -> x;
            case SPREAD -> x.with(Windows.shape(x.shape(), leading(x.shape()), windows.input()));
        };
    }

    private int leading(Shape shape) {
        return shape.rank() - windows.rank();
    }

    /// How many planes of windows a tensor of `shape` has: the product of the leading dimensions.
    public long planes(Shape shape) {
        return Arrays.stream(shape.dims(), 0, leading(shape))
                .asLongStream()
                .reduce(1, (a, b) -> a * b);
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense x = inputs.getFirst();
        TensorType out = type(inputs.stream().map(Dense::type).toList());
        int places = windows.input().stream().reduce(1, Math::multiplyExact);
        int count = windows.output().stream().reduce(1, Math::multiplyExact);
        int planes = Math.toIntExact(planes(x.type().shape()));
        double[] values = new double[Math.toIntExact(out.shape().size())];
        for (int plane = 0; plane < planes; plane++) {
            int atX = plane * places;
            int atY = plane * count;
            switch (kind) {
                case SUM ->
                        windows.forEach((w, _, place) -> values[atY + w] += x.real(atX + place));
                case SPREAD ->
                        windows.forEach((w, _, place) -> values[atX + place] += x.real(atY + w));
                case MAX, MAX_PLACE, TAKE, PUT -> {
                    int[] best = largest(x, atX, count);
                    for (int w = 0; w < count; w++) {
                        route(inputs.getLast(), values, atX, atY + w, best[w]);
                    }
                }
            }
        }
        return Dense.of(out, i -> values[i]);
    }

    private int[] largest(Dense x, int from, int count) {
        int[] best = new int[count];
        Arrays.fill(best, -1);
        windows.forEach((w, _, place) -> {
            double value = x.real(from + place);
            if (best[w] < 0 || Double.isNaN(value) || value > x.real(from + best[w])) {
                best[w] = place;
            }
        });
        return best;
    }

    private void route(Dense other, double[] values, int atX, int atY, int place) {
        boolean none = place < 0;
        if (kind == Kind.PUT) {
            if (!none) {
                values[atX + place] += other.real(atY);
            }
        } else if (kind == Kind.MAX_PLACE) {
            values[atY] = place;
        } else if (kind == Kind.TAKE) {
            values[atY] = none ? 0 : other.real(atX + place);
        } else {
            values[atY] = none ? Double.NEGATIVE_INFINITY : other.real(atX + place);
        }
    }

    @Override
    public boolean differentiable() {
        return kind != Kind.MAX_PLACE;
    }

    @Override
    public void vjp(Pullback p) {
        switch (kind) {
            case MAX -> p.give(0, () -> of(Kind.PUT, p.x(0), p.g()));
            case TAKE -> p.give(1, () -> of(Kind.PUT, p.x(0), p.g()));
            case PUT -> p.give(1, () -> of(Kind.TAKE, p.x(0), p.g()));
            case SUM -> p.give(0, () -> of(Kind.SPREAD, p.g()));
            case SPREAD -> p.give(0, () -> of(Kind.SUM, p.g()));
            case MAX_PLACE -> {}
        }
    }

    private Tensor of(Kind other, Tensor... inputs) {
        return Tensor.apply(new Pool(other, windows), List.of(inputs)).getFirst();
    }

    @Override
    public boolean widens() {
        return true;
    }

    @Override
    public String onnx() {
        return kind.onnx;
    }
}
