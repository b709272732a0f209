package org.gemel.bench.jmh;

import static org.gemel.Gemel.tensor;

import java.util.concurrent.TimeUnit;
import org.gemel.Parameter;
import org.gemel.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What a call costs when there is nothing to compute: operations on four elements.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class SmallOps {
    private final Tensor a = tensor(-0.63f, 0.48f, 0.13f, -0.09f);
    private final Tensor b = tensor(0.95f, 1.02f, 1.05f, 0.97f);
    private final Parameter p = new Parameter("p", tensor(1f, 2f, 3f, 4f));
    private final Tensor needingGradients = p.value();

    /// One addition, nothing recorded.
    @Benchmark
    public Tensor add() {
        return a.add(b);
    }

    /// One addition that is recorded on the tape.
    @Benchmark
    public Tensor addWithTape() {
        return needingGradients.add(b);
    }

    /// Twenty operations, one after the other.
    @Benchmark
    public Tensor chain20() {
        return chain(a, b);
    }

    private static Tensor chain(Tensor x, Tensor y) {
        for (int i = 0; i < 10; i++) {
            x = x.mul(y);
            x = x.add(y);
        }
        return x;
    }
}
