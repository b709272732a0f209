package org.gemel.op;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.gemel.Shape;

/// Where the windows of a convolution or pooling lie over the spatial dimensions of their input.
///
/// Along each dimension, window `i` covers the places `i stride - before + t dilation` for `t` from
/// 0 to `kernel - 1`; places outside of the input are empty. Along a dimension of stride 0 the
/// windows are adaptive: they share the input as evenly as whole places allow, window `i` being
/// `floor(i n / m) .. ceil((i + 1) n / m) - 1` of `n` places for `m` windows.
///
/// @param input places along each dimension
/// @param output windows along each dimension
/// @param kernel places of one window
/// @param stride places from one window to the next, or 0 for adaptive windows
/// @param before how far the first window begins before the first place
/// @param dilation the distance between neighbours in a window
public record Windows(
        List<Integer> input,
        List<Integer> output,
        List<Integer> kernel,
        List<Integer> stride,
        List<Integer> before,
        List<Integer> dilation) {
    /// Copies the lists.
    public Windows {
        input = List.copyOf(input);
        output = List.copyOf(output);
        kernel = List.copyOf(kernel);
        stride = List.copyOf(stride);
        before = List.copyOf(before);
        dilation = List.copyOf(dilation);
    }

    /// Windows that share `input` as evenly as possible among `output` of them.
    public static Windows adaptive(List<Integer> input, List<Integer> output) {
        List<Integer> none = Collections.nCopies(input.size(), 0);
        List<Integer> one = Collections.nCopies(input.size(), 1);
        List<Integer> longest = new ArrayList<>();
        for (int axis = 0; axis < input.size(); axis++) {
            int n = input.get(axis);
            int m = output.get(axis);
            longest.add(
                    IntStream.range(0, m)
                            .map(i -> adaptiveEnd(i, n, m) - adaptiveStart(i, n, m))
                            .max()
                            .orElse(0));
        }
        return new Windows(input, output, longest, none, none, one);
    }

    private static int adaptiveStart(int i, int n, int m) {
        return (int) ((long) i * n / m);
    }

    private static int adaptiveEnd(int i, int n, int m) {
        return (int) Math.ceilDiv((i + 1L) * n, m);
    }

    /// The number of spatial dimensions.
    public int rank() {
        return input.size();
    }

    /// Whether there is one entry for each dimension everywhere, and none is out of range.
    boolean valid() {
        int rank = rank();
        boolean valid =
                rank > 0
                        && output.size() == rank
                        && kernel.size() == rank
                        && stride.size() == rank
                        && before.size() == rank
                        && dilation.size() == rank;
        for (int axis = 0; valid && axis < rank; axis++) {
            valid =
                    input.get(axis) >= 0
                            && output.get(axis) >= 0
                            && kernel.get(axis) >= 0
                            && stride.get(axis) >= 0
                            && dilation.get(axis) >= 1;
        }
        return valid;
    }

    /// Whether the windows along `axis` are adaptive.
    public boolean adaptive(int axis) {
        return stride.get(axis) == 0;
    }

    /// The first place of window `i`, which may be before the first or behind the last of the
    /// input.
    public int start(int axis, int i) {
        return adaptive(axis)
                ? adaptiveStart(i, input.get(axis), output.get(axis))
                : i * stride.get(axis) - before.get(axis);
    }

    /// How many places window `i` has, empty ones included.
    public int length(int axis, int i) {
        return adaptive(axis)
                ? adaptiveEnd(i, input.get(axis), output.get(axis)) - start(axis, i)
                : kernel.get(axis);
    }

    /// The shape of `count` leading dimensions of `like`, then `spatial` ones.
    static Shape shape(Shape like, int count, List<Integer> spatial) {
        int[] dims = java.util.Arrays.copyOf(like.dims(), count + spatial.size());
        for (int axis = 0; axis < spatial.size(); axis++) {
            dims[count + axis] = spatial.get(axis);
        }
        return Shape.of(dims);
    }

    /// Whether the last dimensions of `shape` are `spatial`.
    static boolean endsWith(Shape shape, List<Integer> spatial) {
        boolean same = shape.rank() >= spatial.size();
        for (int axis = 1; same && axis <= spatial.size(); axis++) {
            same = shape.dim(-axis) == spatial.get(spatial.size() - axis);
        }
        return same;
    }

    /// Takes one place of a window.
    @FunctionalInterface
    interface Visitor {
        /// @param window which window, row-major
        /// @param tap which place of it, row-major in the kernel
        /// @param place where that is in the input, row-major
        void visit(int window, int tap, int place);
    }

    /// Visits every place of every window that lies in the input, windows and taps ascending.
    void forEach(Visitor visitor) {
        walk(0, 0, visitor, new int[rank()]);
    }

    // Windows first, so that each one's taps come together.
    private void walk(int axis, int index, Visitor visitor, int[] window) {
        if (axis == rank()) {
            taps(0, index, 0, 0, visitor, window);
            return;
        }
        for (int i = 0; i < output.get(axis); i++) {
            window[axis] = i;
            walk(axis + 1, index * output.get(axis) + i, visitor, window);
        }
    }

    private void taps(int axis, int index, int tap, int place, Visitor visitor, int[] window) {
        if (axis == rank()) {
            visitor.visit(index, tap, place);
            return;
        }
        int start = start(axis, window[axis]);
        for (int t = 0; t < length(axis, window[axis]); t++) {
            int at = start + t * dilation.get(axis);
            if (at >= 0 && at < input.get(axis)) {
                taps(
                        axis + 1,
                        index,
                        tap * kernel.get(axis) + t,
                        place * input.get(axis) + at,
                        visitor,
                        window);
            }
        }
    }
}
