package org.gemel.bench.jmh;

import static org.gemel.Gemel.tensor;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.gemel.Gemel;
import org.gemel.Tensor;
import org.gemel.tracer.Mode;
import org.gemel.tracer.Traced;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Kernels that live on bandwidth: a softmax over rows, and a fused point-wise expression.
@State(Scope.Thread)
@BenchmarkMode(org.openjdk.jmh.annotations.Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class Rows {
    /// Rows of 1,024 elements.
    @Param({"64", "4096"})
    public int rows;

    /// Threads that the kernel may use.
    @Param({"1", "2"})
    public int threads;

    /// Whether the expression is fused.
    @Param({"EAGER", "TRACED"})
    public Mode mode = Mode.EAGER;

    private Tensor x = Gemel.zeros(0);
    private Tensor y = x;

    /// Fills the inputs.
    @Setup
    public void fill() {
        Gemel.threads(threads);
        x = random(rows, 1);
        y = random(rows, 2);
    }

    private static Tensor random(int rows, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[rows * 1024];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return tensor(values, rows, 1024);
    }

    /// A composite that reduces twice over each row.
    @Benchmark
    public Tensor softmax() {
        return mode.call(() -> softmaxOf(x));
    }

    /// Five point-wise operations, one of them costly.
    @Benchmark
    public Tensor pointwise() {
        return mode.call(() -> pointwiseOf(x, y));
    }

    @Traced
    Tensor softmaxOf(Tensor input) {
        return input.softmax(1);
    }

    @Traced
    Tensor pointwiseOf(Tensor a, Tensor b) {
        return a.mul(b).add(b).gelu().mul(b).add(a);
    }
}
