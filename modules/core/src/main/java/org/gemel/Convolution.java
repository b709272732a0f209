package org.gemel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.gemel.op.Windows;

/// How a convolution moves over its input, as in `Convolution.of().stride(2).padding(1)`.
///
/// Each list has one number for each spatial dimension, or one for all of them. The kernel's size
/// is that of the weight.
///
/// @param stride from one window to the next, at least 1
/// @param before zeros before the first element; negative ones cut off
/// @param after zeros after the last element; negative ones cut off
/// @param dilation the distance between neighbouring taps, at least 1
/// @param groups groups of channels that do not see each other
/// @param keepsSize whether the padding is chosen so that the output is as large as the input
/// @param outputPadding how much larger a transposed convolution's output is than the smallest
public record Convolution(
        List<Integer> stride,
        List<Integer> before,
        List<Integer> after,
        List<Integer> dilation,
        int groups,
        boolean keepsSize,
        List<Integer> outputPadding) {
    /// Copies the lists.
    public Convolution {
        stride = List.copyOf(stride);
        before = List.copyOf(before);
        after = List.copyOf(after);
        dilation = List.copyOf(dilation);
        outputPadding = List.copyOf(outputPadding);
    }

    /// Stride 1, no padding (`valid`), no dilation, one group.
    public static Convolution of() {
        List<Integer> one = List.of(1);
        List<Integer> zero = List.of(0);
        return new Convolution(one, zero, zero, one, 1, false, zero);
    }

    private static List<Integer> list(int[] values) {
        return Arrays.stream(values).boxed().toList();
    }

    /// The same with another stride.
    public Convolution stride(int... steps) {
        return new Convolution(
                list(steps), before, after, dilation, groups, keepsSize, outputPadding);
    }

    /// The same with that many zeros on both sides.
    public Convolution padding(int... zeros) {
        return padding(zeros, zeros);
    }

    /// The same with that many zeros on each side.
    public Convolution padding(int[] first, int[] last) {
        return new Convolution(
                stride, list(first), list(last), dilation, groups, false, outputPadding);
    }

    /// The same with the padding that keeps the size, for stride 1; an odd zero goes behind.
    public Convolution same() {
        return new Convolution(stride, before, after, dilation, groups, true, outputPadding);
    }

    /// The same with another distance between taps.
    public Convolution dilation(int... steps) {
        return new Convolution(
                stride, before, after, list(steps), groups, keepsSize, outputPadding);
    }

    /// The same in that many groups.
    public Convolution groups(int count) {
        return new Convolution(stride, before, after, dilation, count, keepsSize, outputPadding);
    }

    /// The same with a larger output of a transposed convolution: of the sizes that a convolution
    /// maps to one, the smallest plus this.
    public Convolution outputPadding(int... more) {
        return new Convolution(stride, before, after, dilation, groups, keepsSize, list(more));
    }

    /// The windows over an input of the given spatial size.
    ///
    /// @param name the operation, for messages
    Windows windows(String name, List<Integer> input, List<Integer> kernel) {
        int rank = input.size();
        List<Integer> steps = spread(name, "stride", stride, rank, 1);
        List<Integer> gaps = spread(name, "dilation", dilation, rank, 1);
        List<Integer> first = new ArrayList<>();
        List<Integer> output = new ArrayList<>();
        for (int axis = 0; axis < rank; axis++) {
            int span = gaps.get(axis) * (kernel.get(axis) - 1);
            int last;
            if (keepsSize) {
                if (steps.get(axis) != 1) {
                    throw new TypeException(
                            "%s: expects stride 1 for same padding, but got stride %s; give the"
                                            .formatted(name, stride)
                                    + " padding in numbers");
                }
                first.add(span / 2);
                last = span - span / 2;
            } else {
                first.add(spread(name, "padding", before, rank, Integer.MIN_VALUE).get(axis));
                last = spread(name, "padding", after, rank, Integer.MIN_VALUE).get(axis);
            }
            int room = input.get(axis) + first.get(axis) + last - span - 1;
            if (room < 0 || kernel.get(axis) == 0) {
                throw new TypeException(
                        "%s: expects a kernel that fits into the padded input, but got kernel %s"
                                        .formatted(name, kernel)
                                + " with dilation %s over %s with padding %s and %s; pad more"
                                        .formatted(dilation, input, first, last));
            }
            output.add(room / steps.get(axis) + 1);
        }
        return new Windows(input, output, kernel, steps, first, gaps);
    }

    /// The windows whose transposed convolution maps the given spatial size to a larger one.
    Windows transposed(String name, List<Integer> small, List<Integer> kernel) {
        int rank = small.size();
        if (keepsSize) {
            throw new TypeException(
                    "%s: expects padding in numbers, but got same; see padding and outputPadding"
                            .formatted(name));
        }
        List<Integer> steps = spread(name, "stride", stride, rank, 1);
        List<Integer> gaps = spread(name, "dilation", dilation, rank, 1);
        List<Integer> first = spread(name, "padding", before, rank, Integer.MIN_VALUE);
        List<Integer> last = spread(name, "padding", after, rank, Integer.MIN_VALUE);
        List<Integer> more = spread(name, "output padding", outputPadding, rank, 0);
        List<Integer> large = new ArrayList<>();
        for (int axis = 0; axis < rank; axis++) {
            if (more.get(axis) >= Math.max(steps.get(axis), gaps.get(axis))) {
                throw new TypeException(
                        "%s: expects an output padding smaller than stride or dilation, but got %s"
                                        .formatted(name, more)
                                + " with stride %s and dilation %s; make it smaller"
                                        .formatted(steps, gaps));
            }
            int size =
                    (small.get(axis) - 1) * steps.get(axis)
                            - first.get(axis)
                            - last.get(axis)
                            + gaps.get(axis) * (kernel.get(axis) - 1)
                            + more.get(axis)
                            + 1;
            if (size < 0 || kernel.get(axis) == 0) {
                throw new TypeException(
                        "%s: expects an output of at least 0 places, but got %d for input %s, kernel"
                                        .formatted(name, size, small)
                                + " %s; pad less".formatted(kernel));
            }
            large.add(size);
        }
        return new Windows(large, small, kernel, steps, first, gaps);
    }

    /// One number for each of `rank` dimensions.
    static List<Integer> spread(
            String name, String what, List<Integer> values, int rank, int least) {
        List<Integer> all =
                values.size() == 1 ? Collections.nCopies(rank, values.getFirst()) : values;
        if (all.size() != rank || all.stream().anyMatch(value -> value < least)) {
            String bound = least == Integer.MIN_VALUE ? "" : " of at least " + least;
            throw new TypeException(
                    "%s: expects a %s%s for each of %d spatial dimensions, but got %s; give one for"
                                    .formatted(name, what, bound, rank, values)
                            + " all, or one for each");
        }
        return all;
    }
}
