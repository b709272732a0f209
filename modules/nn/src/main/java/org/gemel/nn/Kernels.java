package org.gemel.nn;

import java.util.Arrays;
import java.util.Optional;
import org.gemel.Convolution;
import org.gemel.GemelException;
import org.gemel.Parameter;

/// The parameters of a convolution: uniform in `-1/sqrt(n) .. 1/sqrt(n)` for `n` products of a
/// result, as PyTorch has them.
final class Kernels {
    private Kernels() {}

    /// The weight of a convolution: `[outputs, inputs / groups, kernel..]`.
    static Parameter weight(int rank, int inputs, int outputs, int[] kernel, Convolution how) {
        check(inputs, outputs, how);
        int[] dims = dims(rank, outputs, inputs / how.groups(), kernel);
        return Uniform.parameter("weight", bound(rank, inputs, kernel, how), dims);
    }

    /// The weight of a transposed convolution: `[inputs, outputs / groups, kernel..]`.
    static Parameter transposed(int rank, int inputs, int outputs, int[] kernel, Convolution how) {
        check(inputs, outputs, how);
        int[] dims = dims(rank, inputs, outputs / how.groups(), kernel);
        return Uniform.parameter("weight", bound(rank, outputs, kernel, how), dims);
    }

    /// One number for each output channel, bounded as the weight of `channels` is, or nothing.
    static Optional<Parameter> bias(
            boolean biased, int rank, int channels, int outputs, int[] kernel, Convolution how) {
        return biased
                ? Optional.of(
                        Uniform.parameter("bias", bound(rank, channels, kernel, how), outputs))
                : Optional.empty();
    }

    private static void check(int inputs, int outputs, Convolution how) {
        int groups = how.groups();
        if (inputs < 1
                || outputs < 1
                || groups < 1
                || inputs % groups != 0
                || outputs % groups != 0) {
            throw new GemelException(
                    "conv: expects inputs and outputs that the groups divide, but got %d and %d in"
                                    .formatted(inputs, outputs)
                            + " %d groups; check the sizes of the layers".formatted(groups));
        }
    }

    private static int[] dims(int rank, int first, int second, int[] kernel) {
        int[] dims = new int[rank + 2];
        dims[0] = first;
        dims[1] = second;
        for (int axis = 0; axis < rank; axis++) {
            dims[axis + 2] = size(rank, kernel, axis);
        }
        return dims;
    }

    private static int size(int rank, int[] kernel, int axis) {
        if (kernel.length != 1 && kernel.length != rank) {
            throw new GemelException(
                    "conv: expects a kernel size for all or for each of %d dimensions, but got %s;"
                                    .formatted(rank, Arrays.toString(kernel))
                            + " name the sizes");
        }
        return kernel[kernel.length == 1 ? 0 : axis];
    }

    private static double bound(int rank, int channels, int[] kernel, Convolution how) {
        int shared = channels / how.groups();
        double products = shared;
        for (int axis = 0; axis < rank; axis++) {
            products *= size(rank, kernel, axis);
        }
        return 1 / Math.sqrt(products);
    }
}
