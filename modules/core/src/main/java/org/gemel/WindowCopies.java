package org.gemel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gemel.op.Composite;
import org.gemel.op.Pad;
import org.gemel.op.Slice;
import org.gemel.op.Windows;

/// Copies of the windows of `[n, channels, height, width]` as columns, and back.
final class WindowCopies {
    private WindowCopies() {}

    static Tensor columns(Tensor x, int[] kernel, Convolution how) {
        if (x.shape().rank() < 3) {
            throw new TypeException(
                    "im2col: expects [n, channels, spatial..], but got %s; reshape it"
                            .formatted(x.type()));
        }
        int rank = x.shape().rank() - 2;
        List<Integer> size = Arrays.stream(kernel).boxed().toList();
        List<Integer> spread = Convolution.spread("im2col", "kernel", size, rank, 1);
        Windows w = how.windows("im2col", Convolutions.last(x.shape(), rank), spread);
        Composite op = Composite.of("im2col", List.of(w), in -> List.of(columns(in.getFirst(), w)));
        return Tensor.apply(op, List.of(x)).getFirst();
    }

    static Tensor folded(Tensor columns, int[] output, int[] kernel, Convolution how) {
        int rank = output.length;
        List<Integer> size = Arrays.stream(kernel).boxed().toList();
        List<Integer> spread = Convolution.spread("col2im", "kernel", size, rank, 1);
        Windows w = how.windows("col2im", Arrays.stream(output).boxed().toList(), spread);
        int taps = spread.stream().reduce(1, Math::multiplyExact);
        int count = w.output().stream().reduce(1, Math::multiplyExact);
        Shape shape = columns.shape();
        if (shape.rank() != 3 || shape.dim(1) % taps != 0 || shape.dim(2) != count) {
            throw new TypeException(
                    "col2im: expects [n, channels * %d, %d] for windows of %s in %s, but got %s; check"
                                    .formatted(taps, count, spread, w.input(), columns.type())
                            + " kernel and sizes");
        }
        Composite op =
                Composite.of("col2im", List.of(w), in -> List.of(folded(in.getFirst(), w, taps)));
        return Tensor.apply(op, List.of(columns)).getFirst();
    }

    // Where the windows' taps of one place lie in the padded input.
    private static Slice tap(Shape padded, Windows w, int tap) {
        int rank = w.rank();
        List<Integer> starts = new ArrayList<>(List.of(0, 0));
        List<Integer> counts = new ArrayList<>(List.of(padded.dim(0), padded.dim(1)));
        List<Integer> steps = new ArrayList<>(List.of(1, 1));
        int rest = tap;
        int[] at = new int[rank];
        for (int axis = rank - 1; axis >= 0; axis--) {
            at[axis] = rest % w.kernel().get(axis);
            rest /= w.kernel().get(axis);
        }
        for (int axis = 0; axis < rank; axis++) {
            starts.add(at[axis] * w.dilation().get(axis));
            counts.add(w.output().get(axis));
            steps.add(w.stride().get(axis));
        }
        return new Slice(starts, counts, steps);
    }

    // Zeros around, so that every tap of every window is inside.
    private static Pad around(Shape shape, Windows w) {
        int[] before = new int[shape.rank()];
        int[] after = new int[shape.rank()];
        for (int axis = 0; axis < w.rank(); axis++) {
            int last = w.output().get(axis) - 1;
            int end = w.start(axis, last) + (w.kernel().get(axis) - 1) * w.dilation().get(axis) + 1;
            before[axis + 2] = w.before().get(axis);
            after[axis + 2] = Math.max(0, end - w.input().get(axis));
        }
        return Pad.around(shape, before, after);
    }

    private static Tensor columns(Tensor x, Windows w) {
        Tensor padded = x.padded(around(x.shape(), w));
        int taps = w.kernel().stream().reduce(1, Math::multiplyExact);
        int count = w.output().stream().reduce(1, Math::multiplyExact);
        int n = x.shape().dim(0);
        int channels = x.shape().dim(1);
        List<Tensor> parts = new ArrayList<>();
        for (int tap = 0; tap < taps; tap++) {
            Tensor part = padded.sliced(tap(padded.shape(), w, tap));
            parts.add(part.reshape(n, channels, 1, count));
        }
        return Tensor.concat(parts, 2).reshape(n, channels * taps, count);
    }

    private static Tensor folded(Tensor columns, Windows w, int taps) {
        int n = columns.shape().dim(0);
        int channels = columns.shape().dim(1) / taps;
        int[] dims = new int[w.rank() + 2];
        int[] windows = new int[w.rank() + 2];
        dims[0] = n;
        dims[1] = channels;
        windows[0] = n;
        windows[1] = channels;
        for (int axis = 0; axis < w.rank(); axis++) {
            dims[axis + 2] = w.input().get(axis);
            windows[axis + 2] = w.output().get(axis);
        }
        Pad outer = around(Shape.of(dims), w);
        Tensor by = columns.reshape(n, channels, taps, columns.shape().dim(2));
        Tensor sum = Tensor.full(columns.type().with(outer.shape()), 0);
        for (int tap = 0; tap < taps; tap++) {
            Slice place = tap(outer.shape(), w, tap);
            Tensor part = by.slice(2, tap, tap + 1, 1).reshape(Shape.of(windows));
            sum = sum.add(part.padded(new Pad(outer.shape(), place.starts(), place.steps())));
        }
        return sum.sliced(outer.inverse(Shape.of(dims)));
    }
}
