package org.gemel.bench.jmh;

import static org.gemel.Gemel.tensor;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.gemel.Gemel;
import org.gemel.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Matrix products, result allocated anew, as users call them.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class Gemm {
    /// Rows, inner dimension and columns.
    @Param({"64x784x256", "256x256x256", "512x512x512", "1024x1024x1024", "2048x2048x2048"})
    public String size = "";

    /// Threads that the kernel may use.
    @Param({"1", "2"})
    public int threads;

    private Tensor left = Gemel.zeros(0);
    private Tensor right = left;

    /// Fills the matrices.
    @Setup
    public void fill() {
        Gemel.threads(threads);
        int[] dims = Arrays.stream(size.split("x")).mapToInt(Integer::parseInt).toArray();
        left = random(dims[0], dims[1], 1);
        right = random(dims[1], dims[2], 2);
    }

    private static Tensor random(int rows, int columns, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return tensor(values, rows, columns);
    }

    /// The product.
    @Benchmark
    public Tensor matmul() {
        return left.matmul(right);
    }
}
