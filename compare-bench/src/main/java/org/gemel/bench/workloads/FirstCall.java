package org.gemel.bench.workloads;

import java.util.List;
import java.util.function.LongSupplier;
import org.gemel.Gemel;
import org.gemel.bench.measure.FreshJvm;
import org.gemel.bench.stats.Bootstrap;
import org.gemel.tracer.Mode;

/// A program alone in a JVM: what its very first step takes (loading of classes, tracing,
/// compiling, cold code), and what memory a later step has in use, with no other program beside it.
///
/// @param nanos of the first step
/// @param peakBytes the most tensor memory in use at once during a later step
public record FirstCall(long nanos, long peakBytes) {
    // Steps until the state of an optimizer exists and what a mode keeps for itself is allocated.
    private static final int STEPS_BEFORE_PEAK = 3;

    /// `workload` in `mode`, alone: the medians of `times` fresh JVMs.
    static FirstCall median(Workload workload, Mode mode, int threads, int times) {
        double[] nanos = new double[times];
        double[] bytes = new double[times];
        for (int i = 0; i < times; i++) {
            FirstCall one =
                    parse(
                            FreshJvm.lastLine(
                                    FirstCall.class,
                                    List.of(
                                            workload.name(),
                                            mode.name(),
                                            Integer.toString(threads))));
            nanos[i] = one.nanos;
            bytes[i] = one.peakBytes;
        }
        return new FirstCall(
                Math.round(Bootstrap.medianOnly(nanos)), Math.round(Bootstrap.medianOnly(bytes)));
    }

    private static FirstCall parse(String line) {
        String[] numbers = line.split(" ");
        return new FirstCall(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]));
    }

    /// Called with the name of a workload, a mode and a number of threads in a JVM that has run
    /// nothing else; prints nanoseconds and bytes.
    public static void main(String[] args) {
        Mode mode = Mode.valueOf(args[1]);
        Gemel.threads(Integer.parseInt(args[2]));
        Program program = Workloads.named(args[0]).start();
        long nanos = time(mode, program, System::nanoTime);
        for (int i = 0; i < STEPS_BEFORE_PEAK; i++) {
            step(mode, program);
        }
        System.out.println(nanos + " " + Costs.peakBytes(() -> step(mode, program)));
    }

    private static long time(Mode mode, Program program, LongSupplier clock) {
        long start = clock.getAsLong();
        step(mode, program);
        return clock.getAsLong() - start;
    }

    // Reading the result makes sure that it is there.
    private static void step(Mode mode, Program program) {
        mode.call(() -> program.step().toFloatArray());
    }
}
