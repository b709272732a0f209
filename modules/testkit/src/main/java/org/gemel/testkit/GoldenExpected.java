package org.gemel.testkit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gemel.DType;
import org.gemel.Tensor;
import org.gemel.testkit.GoldenCase.Tolerance;

/// What a golden case wants, in the order in which its results come.
///
/// @param wants one for each result
record GoldenExpected(List<Want> wants) {
    /// One array and how near it must be met.
    ///
    /// @param name for the message
    /// @param file where it lies
    /// @param tolerance how near
    /// @param signs whether a zero's sign counts
    record Want(String name, Path file, Tolerance tolerance, boolean signs) {
        Optional<String> difference(Tensor got) {
            Npy want = Npy.read(file);
            if (!want.type().equals(got.type())) {
                return Optional.of(
                        "%s: expects %s, but got %s".formatted(name, want.type(), got.type()));
            }
            boolean real = want.type().dtype().isFloating();
            return real ? reals(want, got) : integers(want, got);
        }

        private Optional<String> reals(Npy want, Tensor got) {
            double[] values = got.toDoubleArray();
            int wrong = 0;
            Optional<String> first = Optional.empty();
            for (int i = 0; i < values.length; i++) {
                if (!close(values[i], want.real(i))) {
                    wrong++;
                    if (first.isEmpty()) {
                        first = Optional.of(far(i, want, values[i]));
                    }
                }
            }
            int count = wrong;
            return first.map(text -> text + "; %d of %d differ".formatted(count, values.length));
        }

        private boolean close(double got, double want) {
            if (got == want) {
                return !signs
                        || got != 0
                        || Double.doubleToRawLongBits(got) == Double.doubleToRawLongBits(want);
            }
            if (Double.isNaN(want) || Double.isInfinite(want)) {
                return Double.isNaN(want) && Double.isNaN(got);
            }
            return Math.abs(got - want)
                    <= tolerance.absolute() + tolerance.relative() * Math.abs(want);
        }

        private String far(int i, Npy want, double got) {
            long ulps = HostTensors.ulps(want.type().dtype(), want.real(i), got);
            // A NaN has no distance.
            String distance = ulps == Long.MAX_VALUE ? "" : " (%d ulp away)".formatted(ulps);
            return at(i, want.real(i), got) + distance;
        }

        // i64 is compared as such, since a double would round it.
        private Optional<String> integers(Npy want, Tensor got) {
            long[] values = got.to(DType.I64).toLongArray();
            for (int i = 0; i < values.length; i++) {
                if (values[i] != want.integer(i)) {
                    return Optional.of(at(i, want.integer(i), values[i]));
                }
            }
            return Optional.empty();
        }

        private String at(int i, Object want, Object got) {
            return "%s: element %d: expects %s, but got %s".formatted(name, i, want, got);
        }
    }

    static GoldenExpected of(GoldenCase golden) {
        List<Want> wants = new ArrayList<>();
        for (GoldenCase.Array array : golden.outputs()) {
            wants.add(
                    new Want(
                            array.name(),
                            array.file(),
                            golden.tolerance("forward"),
                            golden.signedZeros()));
        }
        // Results come in the order of the inputs, whatever the order of the gradients.
        for (GoldenCase.Array input : golden.inputs()) {
            add(wants, golden.gradients(), input, "gradient of ", golden.tolerance("grad"));
        }
        for (GoldenCase.Array input : golden.inputs()) {
            add(wants, golden.products(), input, "Hessian for ", golden.tolerance("second"));
        }
        return new GoldenExpected(wants);
    }

    private static void add(
            List<Want> wants,
            List<GoldenCase.Array> arrays,
            GoldenCase.Array input,
            String what,
            Tolerance tolerance) {
        for (GoldenCase.Array array : arrays) {
            if (array.name().equals(input.name())) {
                wants.add(new Want(what + array.name(), array.file(), tolerance, false));
            }
        }
    }

    /// The first difference, if there is any.
    Optional<String> differences(List<Tensor> found) {
        if (found.size() != wants.size()) {
            return Optional.of(
                    "expects %d results, but got %d".formatted(wants.size(), found.size()));
        }
        for (int i = 0; i < wants.size(); i++) {
            Optional<String> difference = wants.get(i).difference(found.get(i));
            if (difference.isPresent()) {
                return difference;
            }
        }
        return Optional.empty();
    }
}
