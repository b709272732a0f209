package org.gemel;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.gemel.op.Composite;
import org.gemel.op.Conv;
import org.gemel.op.Windows;

/// The bodies of the convolutions of [Tensor].
final class Convolutions {
    private Convolutions() {}

    static Tensor output(int rank, Tensor x, Tensor weight, Convolution how) {
        return plain(Conv.Kind.OUTPUT, rank, x, weight, how);
    }

    static Tensor output(int rank, Tensor x, Tensor weight, Tensor bias, Convolution how) {
        return biased(Conv.Kind.OUTPUT, rank, x, weight, bias, how);
    }

    static Tensor transposed(int rank, Tensor x, Tensor weight, Convolution how) {
        return plain(Conv.Kind.INPUT, rank, x, weight, how);
    }

    static Tensor transposed(int rank, Tensor x, Tensor weight, Tensor bias, Convolution how) {
        return biased(Conv.Kind.INPUT, rank, x, weight, bias, how);
    }

    private static String name(Conv.Kind kind, int rank) {
        return (kind == Conv.Kind.INPUT ? "convTranspose" : "conv") + rank + "d";
    }

    // An input without a batch gets one of size 1 for the time being.
    private static Tensor plain(
            Conv.Kind kind, int rank, Tensor x, Tensor weight, Convolution how) {
        boolean single = x.shape().rank() == rank + 1;
        Tensor batch = single ? x.unsqueeze(0) : x;
        Tensor y = apply(op(kind, rank, x, weight, how), batch, weight);
        return single ? y.squeeze(0) : y;
    }

    private static Tensor biased(
            Conv.Kind kind, int rank, Tensor x, Tensor weight, Tensor bias, Convolution how) {
        Conv op = op(kind, rank, x, weight, how);
        int channels =
                kind == Conv.Kind.OUTPUT
                        ? weight.shape().dim(0)
                        : weight.shape().dim(1) * how.groups();
        if (!bias.type().equals(new TensorType(x.dtype(), Shape.of(channels)))) {
            throw new TypeException(
                    "%s: expects a bias %s[%d], one for each output channel, but got %s; reshape or"
                                    .formatted(name(kind, rank), x.dtype(), channels, bias.type())
                            + " convert it");
        }
        boolean single = x.shape().rank() == rank + 1;
        Tensor batch = single ? x.unsqueeze(0) : x;
        Shape along = Shape.along(rank + 2, 1, channels);
        Composite whole =
                Composite.of(
                        op.label() + "_bias",
                        List.of(op),
                        in ->
                                List.of(
                                        apply(op, in.get(0), in.get(1))
                                                .add(in.get(2).reshape(along))),
                        p -> {
                            p.give(0, () -> cotangent(op, 0, p.g(), p.x(1)));
                            p.give(1, () -> cotangent(op, 1, p.g(), p.x(0)));
                            p.give(2, () -> Normalizations.channelSum(p.g()));
                        });
        Tensor y = Tensor.apply(whole, List.of(batch, weight, bias)).getFirst();
        return single ? y.squeeze(0) : y;
    }

    // Of S = sum x w y, what remains without the wanted input.
    private static Tensor cotangent(Conv op, int input, Tensor g, Tensor other) {
        boolean output = op.kind() == Conv.Kind.OUTPUT;
        if (input == 0) {
            Conv.Kind kind = output ? Conv.Kind.INPUT : Conv.Kind.OUTPUT;
            return apply(new Conv(kind, op.windows(), op.groups()), g, other);
        }
        Conv weight = new Conv(Conv.Kind.WEIGHT, op.windows(), op.groups());
        return output ? apply(weight, other, g) : apply(weight, g, other);
    }

    private static Tensor apply(Conv op, Tensor a, Tensor b) {
        return Tensor.apply(op, List.of(a, b)).getFirst();
    }

    private static Conv op(Conv.Kind kind, int rank, Tensor x, Tensor weight, Convolution how) {
        Shape shape = x.shape();
        boolean output = kind == Conv.Kind.OUTPUT;
        boolean ranks =
                weight.shape().rank() == rank + 2
                        && (shape.rank() == rank + 2 || shape.rank() == rank + 1);
        String places = List.of("length", "height, width", "depth, height, width").get(rank - 1);
        if (!ranks) {
            throw new TypeException(
                    "%s: expects [n, channels, %s] or one sample of it, and a weight [%s, kernel..],"
                                    .formatted(
                                            name(kind, rank),
                                            places,
                                            output ? "o, c / groups" : "c, o / groups")
                            + " but got %s and %s; reshape one of them"
                                    .formatted(shape, weight.shape()));
        }
        int channels = shape.dim(-1 - rank);
        int expected = output ? weight.shape().dim(1) * how.groups() : weight.shape().dim(0);
        if (how.groups() < 1 || channels != expected || weight.shape().dim(0) % how.groups() != 0) {
            throw new TypeException(
                    "%s: expects %s channels that match the weight in %d groups, but got %d channels"
                                    .formatted(name(kind, rank), expected, how.groups(), channels)
                            + " and weight %s; check channels and groups"
                                    .formatted(weight.shape()));
        }
        List<Integer> spatial = last(shape, rank);
        List<Integer> kernel = last(weight.shape(), rank);
        Windows windows =
                output
                        ? how.windows(name(kind, rank), spatial, kernel)
                        : how.transposed(name(kind, rank), spatial, kernel);
        return new Conv(kind, windows, how.groups());
    }

    /// The last `count` dimensions of `shape`.
    static List<Integer> last(Shape shape, int count) {
        List<Integer> dims = new ArrayList<>();
        IntStream.range(shape.rank() - count, shape.rank()).forEach(i -> dims.add(shape.dim(i)));
        return dims;
    }
}
