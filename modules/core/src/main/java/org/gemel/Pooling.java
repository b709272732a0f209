package org.gemel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gemel.op.Windows;

/// The windows of a pooling, as in `Pooling.of(3).stride(2).padding(1)`.
///
/// Each list has one number for each spatial dimension, or one for all of them.
///
/// @param kernel places of a window, at least 1
/// @param stride from one window to the next, at least 1; empty for the size of the kernel
/// @param padding empty places on both sides, at most half the kernel
/// @param dilation the distance between neighbours in a window, at least 1
/// @param ceiling whether a last window that sticks out counts, as long as it begins inside
/// @param countPadding whether empty places that padding adds count in an average
/// @param divisor what averages divide by, or 0 for the number of places
public record Pooling(
        List<Integer> kernel,
        List<Integer> stride,
        List<Integer> padding,
        List<Integer> dilation,
        boolean ceiling,
        boolean countPadding,
        int divisor) {
    /// Copies the lists.
    public Pooling {
        kernel = List.copyOf(kernel);
        stride = List.copyOf(stride);
        padding = List.copyOf(padding);
        dilation = List.copyOf(dilation);
    }

    /// Windows of that size, side by side.
    public static Pooling of(int... kernel) {
        return new Pooling(list(kernel), List.of(), List.of(0), List.of(1), false, true, 0);
    }

    private static List<Integer> list(int[] values) {
        return Arrays.stream(values).boxed().toList();
    }

    /// The same with another stride.
    public Pooling stride(int... steps) {
        return new Pooling(kernel, list(steps), padding, dilation, ceiling, countPadding, divisor);
    }

    /// The same with empty places on both sides.
    public Pooling padding(int... places) {
        return new Pooling(kernel, stride, list(places), dilation, ceiling, countPadding, divisor);
    }

    /// The same with a distance between the places of a window.
    public Pooling dilation(int... steps) {
        return new Pooling(kernel, stride, padding, list(steps), ceiling, countPadding, divisor);
    }

    /// The same with a last window that may stick out.
    public Pooling ceiling(boolean choice) {
        return new Pooling(kernel, stride, padding, dilation, choice, countPadding, divisor);
    }

    /// The same with or without padding in the number of places that an average divides by.
    public Pooling countPadding(boolean choice) {
        return new Pooling(kernel, stride, padding, dilation, ceiling, choice, divisor);
    }

    /// The same with a number that averages divide by.
    public Pooling divisor(int number) {
        return new Pooling(kernel, stride, padding, dilation, ceiling, countPadding, number);
    }

    /// The windows over an input of the given spatial size.
    ///
    /// @param name the operation, for messages
    Windows windows(String name, List<Integer> input) {
        int rank = input.size();
        List<Integer> sizes = Convolution.spread(name, "kernel", kernel, rank, 1);
        List<Integer> steps =
                stride.isEmpty() ? sizes : Convolution.spread(name, "stride", stride, rank, 1);
        List<Integer> empty = Convolution.spread(name, "padding", padding, rank, 0);
        List<Integer> gaps = Convolution.spread(name, "dilation", dilation, rank, 1);
        List<Integer> output = new ArrayList<>();
        for (int axis = 0; axis < rank; axis++) {
            int pad = empty.get(axis);
            int step = steps.get(axis);
            if (pad > sizes.get(axis) / 2) {
                throw new TypeException(
                        "%s: expects padding of at most half the kernel, but got padding %s for"
                                        .formatted(name, empty)
                                + " kernel %s; pad the input itself".formatted(sizes));
            }
            int room = input.get(axis) + 2 * pad - gaps.get(axis) * (sizes.get(axis) - 1) - 1;
            int count = (ceiling ? Math.ceilDiv(room, step) : Math.floorDiv(room, step)) + 1;
            if (ceiling && (count - 1) * step >= input.get(axis) + pad) {
                count--;
            }
            if (count < 1 || (room < 0 && !ceiling)) {
                throw new TypeException(
                        "%s: expects windows that fit into the padded input, but got kernel %s with"
                                        .formatted(name, sizes)
                                + " dilation %s over %s with padding %s; make the kernel smaller"
                                        .formatted(gaps, input, empty));
            }
            output.add(count);
        }
        return new Windows(input, output, sizes, steps, empty, gaps);
    }
}
