package org.gemel.bench.roofline;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.function.Supplier;
import org.gemel.Scope;
import org.gemel.Tensor;

/// The median time of a call whose result is let go at once.
///
/// @param warmNanos how long it runs before anything is measured
/// @param samples how many are taken
public record Stopwatch(long warmNanos, int samples) {
    private static final long SAMPLE_NANOS = 3_000_000;

    // What the JIT compiler may do in a period that still counts as idle, and how many periods a
    // kernel gets in which it is not.
    private static final long IDLE_MILLIS = 10;
    private static final int MOST_PERIODS = 10;

    /// For figures that count.
    public static final Stopwatch THOROUGH = new Stopwatch(400_000_000L, 31);

    /// For a first look.
    public static final Stopwatch QUICK = new Stopwatch(150_000_000L, 7);

    /// Seconds of one call.
    public double seconds(Supplier<Tensor> call) {
        return seconds((Runnable) () -> Scope.discarding(() -> called(call)));
    }

    private static void called(Supplier<Tensor> call) {
        Tensor unused = call.get();
    }

    /// Seconds of one run.
    public double seconds(Runnable run) {
        warm(run);
        double[] times = new double[samples];
        for (int i = 0; i < samples; i++) {
            times[i] = sample(run);
        }
        Arrays.sort(times);
        return times[samples / 2];
    }

    /// Runs it until the JIT compiler has nothing left to do for a while.
    public void warm(Runnable run) {
        CompilationMXBean jit = ManagementFactory.getCompilationMXBean();
        long compiled;
        int periods = 0;
        do {
            compiled = jit.getTotalCompilationTime();
            long start = System.nanoTime();
            long calls = 0;
            while (System.nanoTime() - start < warmNanos || calls < 2) {
                run.run();
                calls++;
            }
            periods++;
        } while (jit.getTotalCompilationTime() - compiled > IDLE_MILLIS && periods < MOST_PERIODS);
    }

    /// Seconds of one run, from as many as make a few milliseconds.
    public static double sample(Runnable run) {
        long start = System.nanoTime();
        long now = start;
        long calls = 0;
        while (now - start < SAMPLE_NANOS || calls == 0) {
            run.run();
            calls++;
            now = System.nanoTime();
        }
        return (now - start) / 1e9 / calls;
    }
}
