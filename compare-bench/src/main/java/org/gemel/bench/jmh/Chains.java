package org.gemel.bench.jmh;

import static org.gemel.Gemel.key;

import java.util.concurrent.TimeUnit;
import org.gemel.DType;
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

/// What temporaries cost that nobody looks after: chains of operations as a user writes them,
/// beside the same operations in scopes that give everything back.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class Chains {
    /// Elements of each tensor.
    @Param({"1024", "16384", "65536"})
    public int elements;

    private Tensor x = Tensor.arange(0, DType.F32);
    private Tensor y = x;

    /// Makes the inputs.
    @Setup
    public void inputs() {
        x = key(1).uniform(elements);
        y = key(2).uniform(elements);
    }

    /// Twenty operations in one expression.
    @Benchmark
    public long fluent() {
        return x.mul(y)
                .add(x)
                .mul(y)
                .add(x)
                .mul(y)
                .add(x)
                .mul(y)
                .add(x)
                .mul(y)
                .add(x)
                .mul(y)
                .add(x)
                .mul(y)
                .add(x)
                .mul(y)
                .add(x)
                .mul(y)
                .add(x)
                .mul(y)
                .add(x)
                .size();
    }

    /// The same in a method with variables.
    @Benchmark
    public long locals() {
        Tensor t = x;
        for (int i = 0; i < 10; i++) {
            Tensor product = t.mul(y);
            t = product.add(x);
        }
        return t.size();
    }

    /// The same, each tensor given back as soon as the next is there.
    @Benchmark
    public long released() {
        return released(x, 0).size();
    }

    private Tensor released(Tensor t, int done) {
        return done == 20
                ? t
                : org.gemel.Scope.keeping(() -> {
                    Tensor next = done % 2 == 0 ? t.mul(y) : t.add(x);
                    return released(next, done + 1);
                });
    }
}
