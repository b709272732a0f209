package org.gemel.op;

import java.util.List;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// Convolution over any number of spatial dimensions, and its two transposes.
///
/// All three are derivatives of one sum of products, `S = sum x[n, c, i] w[o, c', t] y[n, o, p]`
/// over the windows `p` and their taps `t` at places `i`, where channel `c` is the `c'`-th of the
/// group of `o`: the output is `dS/dy`, the other two `dS/dx` and `dS/dw`. So the derivatives of
/// each one are the other two.
///
/// Each element is one chain `acc = fma(a, b, acc)` from 0: an output over channels, then taps,
/// ascending; a cotangent of the input over output channels, then taps; one of the weight over
/// samples, then windows. One fixed order, whatever the engine.
///
/// Primitive: windows laid out as columns would store each element once per tap.
///
/// @param kind which of the three
/// @param windows where the windows lie; none is adaptive
/// @param groups groups of channels that do not see each other
public record Conv(Kind kind, Windows windows, int groups) implements Primitive {
    /// Which factor of the sum of products is wanted.
    public enum Kind {
        /// From `x` `[n, c, input..]` and `w` `[o, c / groups, kernel..]` to `[n, o, output..]`:
        /// cross-correlation.
        OUTPUT("conv", "Conv"),
        /// From `y` `[n, o, output..]` and `w` to `[n, c, input..]`: transposed convolution.
        INPUT("conv_input", "ConvTranspose"),
        /// From `x` and `y` to `[o, c / groups, kernel..]`.
        WEIGHT("conv_weight", "");

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
    }

    @Override
    public String label() {
        return kind.label;
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        TensorType a = inputs.getFirst();
        TensorType b = inputs.getLast();
        Binary.sameDtype(label(), a, b);
        if (!a.dtype().isFloating()) {
            throw new TypeException(
                    "%s: expects a floating-point type, but got %s; convert both, as in x.to(DType.F32)"
                            .formatted(label(), a));
        }
        Shape p = a.shape();
        Shape q = b.shape();
        List<Integer> first = kind == Kind.INPUT ? windows.output() : windows.input();
        List<Integer> second = kind == Kind.WEIGHT ? windows.output() : windows.kernel();
        int rank = windows.rank() + 2;
        boolean fits =
                windows.valid()
                        && !windows.stride().contains(0)
                        && p.rank() == rank
                        && q.rank() == rank
                        && Windows.endsWith(p, first)
                        && Windows.endsWith(q, second);
        if (!fits) {
            throw new TypeException(
                    "%s: expects [n, channels, %s] and [.., .., %s], but got %s and %s; check the"
                                    .formatted(label(), list(first), list(second), p, q)
                            + " spatial dimensions");
        }
        boolean divides =
                groups > 0
                        && switch (kind) {
                            case OUTPUT -> p.dim(1) == q.dim(1) * groups && q.dim(0) % groups == 0;
                            case INPUT -> p.dim(1) == q.dim(0) && q.dim(0) % groups == 0;
                            case WEIGHT ->
                                    p.dim(0) == q.dim(0)
                                            && p.dim(1) % groups == 0
                                            && q.dim(1) % groups == 0;
                        };
        if (!divides) {
            throw new TypeException(
                    "%s: expects %s, but got %s and %s in %d groups; check channels and groups"
                            .formatted(label(), rule(), p, q, groups));
        }
        return a.with(
                switch (kind) {
                    case OUTPUT -> shape(p.dim(0), q.dim(0), windows.output());
                    case INPUT -> shape(p.dim(0), q.dim(1) * groups, windows.input());
                    case WEIGHT -> shape(q.dim(1), p.dim(1) / groups, windows.kernel());
                });
    }

    private String rule() {
        return switch (kind) {
            case OUTPUT -> "[n, c, ..] and weight [o, c / groups, ..]";
            case INPUT -> "[n, o, ..] and weight [o, c / groups, ..]";
            case WEIGHT -> "[n, c, ..] and [n, o, ..] in whole groups";
        };
    }

    private static String list(List<Integer> dims) {
        String text = dims.toString();
        return text.substring(1, text.length() - 1);
    }

    private static Shape shape(int first, int second, List<Integer> spatial) {
        return Windows.shape(Shape.of(first, second), 2, spatial);
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense a = inputs.getFirst();
        Dense b = inputs.getLast();
        TensorType out = type(List.of(a.type(), b.type()));
        TensorType x = kind == Kind.INPUT ? out : a.type();
        TensorType y = kind == Kind.OUTPUT ? out : kind == Kind.INPUT ? a.type() : b.type();
        int channels = x.shape().dim(1) / groups;
        int outputs = y.shape().dim(1);
        int places = size(windows.input());
        int taps = size(windows.kernel());
        int count = size(windows.output());
        double[] sums = new double[Math.toIntExact(out.shape().size())];
        for (int n = 0; n < x.shape().dim(0); n++) {
            for (int o = 0; o < outputs; o++) {
                int group = o / (outputs / groups);
                for (int c = 0; c < channels; c++) {
                    int atX = (n * channels * groups + group * channels + c) * places;
                    int atW = (o * channels + c) * taps;
                    int atY = (n * outputs + o) * count;
                    windows.forEach((window, tap, place) -> {
                        switch (kind) {
                            case OUTPUT ->
                                    sums[atY + window] += a.real(atX + place) * b.real(atW + tap);
                            case INPUT ->
                                    sums[atX + place] += a.real(atY + window) * b.real(atW + tap);
                            case WEIGHT ->
                                    sums[atW + tap] += a.real(atX + place) * b.real(atY + window);
                        }
                    });
                }
            }
        }
        return Dense.of(out, i -> sums[i]);
    }

    private static int size(List<Integer> dims) {
        return dims.stream().reduce(1, Math::multiplyExact);
    }

    @Override
    public boolean differentiable() {
        return true;
    }

    @Override
    public void vjp(Pullback p) {
        switch (kind) {
            case OUTPUT -> {
                p.give(0, () -> of(Kind.INPUT, p.g(), p.x(1)));
                p.give(1, () -> of(Kind.WEIGHT, p.x(0), p.g()));
            }
            case INPUT -> {
                p.give(0, () -> of(Kind.OUTPUT, p.g(), p.x(1)));
                p.give(1, () -> of(Kind.WEIGHT, p.g(), p.x(0)));
            }
            case WEIGHT -> {
                p.give(0, () -> of(Kind.INPUT, p.x(1), p.g()));
                p.give(1, () -> of(Kind.OUTPUT, p.x(0), p.g()));
            }
        }
    }

    /// The product of the other two factors that gives the one named `wanted`.
    private Tensor of(Kind wanted, Tensor a, Tensor b) {
        return Tensor.apply(new Conv(wanted, windows, groups), List.of(a, b)).getFirst();
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
