package org.gemel.bench.workloads;

import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/// What a program's steps must result in, known from other frameworks on the same data.
///
/// @param expected the value by the number of the step, from 1
/// @param value boils a step's result, row-major, down to one number
record Check(SortedMap<Integer, Double> expected, ToDoubleFunction<float[]> value) {
    private static final double TOLERANCE = 2e-4;

    /// A check of the first step alone.
    static Check ofFirstStep(double expected, ToDoubleFunction<float[]> value) {
        return new Check(new TreeMap<>(Map.of(1, expected)), value);
    }

    /// A check of the losses of the first and the tenth training step.
    static Check ofLosses(double first, double tenth) {
        return ofLosses(first, 10, tenth);
    }

    /// A check of the losses of the first training step and of another one.
    static Check ofLosses(double first, int step, double then) {
        return new Check(new TreeMap<>(Map.of(1, first, step, then)), result -> result[0]);
    }

    /// How many steps are needed.
    int steps() {
        return expected.lastKey();
    }

    /// What is wrong with the result of step `step`, if anything.
    Optional<String> wrong(int step, float[] result) {
        if (!expected.containsKey(step)) {
            return Optional.empty();
        }
        double want = expected.get(step);
        double got = value.applyAsDouble(result);
        if (Math.abs(got - want) <= TOLERANCE * Math.max(Math.abs(want), 1e-3)) {
            return Optional.empty();
        }
        return Optional.of(
                "expects %s at step %d, but got %s (tolerance %s relative)"
                        .formatted(want, step, got, TOLERANCE));
    }

    /// The sum of all numbers.
    static double sum(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum;
    }

    /// The mean of all absolute values.
    static double meanAbsolute(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += Math.abs(value);
        }
        return sum / values.length;
    }
}
