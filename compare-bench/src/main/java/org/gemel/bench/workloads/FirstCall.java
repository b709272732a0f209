package org.gemel.bench.workloads;

import java.util.List;
import java.util.function.LongSupplier;
import org.gemel.Gemel;
import org.gemel.bench.measure.FreshJvm;
import org.gemel.bench.stats.Bootstrap;
import org.gemel.tracer.Mode;

/// Times the very first step of a program: loading of classes, tracing, compiling, cold code.
public final class FirstCall {
    private FirstCall() {}

    /// Nanoseconds of the first step of `workload` in `mode`: the median of `times` fresh JVMs.
    static long median(Workload workload, Mode mode, int threads, int times) {
        double[] samples = new double[times];
        for (int i = 0; i < times; i++) {
            samples[i] =
                    Long.parseLong(
                            FreshJvm.lastLine(
                                    FirstCall.class,
                                    List.of(
                                            workload.name(),
                                            mode.name(),
                                            Integer.toString(threads))));
        }
        return Math.round(Bootstrap.medianOnly(samples));
    }

    /// Called with the name of a workload, a mode and a number of threads in a JVM that has run
    /// nothing else; prints nanoseconds.
    public static void main(String[] args) {
        Mode mode = Mode.valueOf(args[1]);
        Gemel.threads(Integer.parseInt(args[2]));
        Program program = Workloads.named(args[0]).start();
        System.out.println(time(mode, program, System::nanoTime));
    }

    private static long time(Mode mode, Program program, LongSupplier clock) {
        long start = clock.getAsLong();
        // Reading the result makes sure that it is there.
        mode.call(() -> program.step().toFloatArray());
        return clock.getAsLong() - start;
    }
}
