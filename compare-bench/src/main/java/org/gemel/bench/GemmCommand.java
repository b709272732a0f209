package org.gemel.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.TensorType;
import org.gemel.backend.Backend;
import org.gemel.backend.Kernel;
import org.gemel.bench.report.Console;
import org.gemel.bench.report.Problem;
import org.gemel.bench.roofline.Stopwatch;
import org.gemel.ir.Graph;
import org.gemel.ir.Layout;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.MatMul;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Multiplies matrices by two backends in one process, in turns.
@Command(
        name = "gemm",
        description = {
            "Multiply f32 matrices by two backends side by side, in turns.",
            "Their kernels alone: no memory is taken for results.",
            ""
        },
        exitCodeListHeading = ExitCode.HEADING,
        exitCodeList = {ExitCode.OK_TEXT, ExitCode.FAILED_TEXT, ExitCode.USAGE_TEXT})
final class GemmCommand implements Callable<Integer> {
    private static final String ROW = "  %-14s %7s  %12s  %12s  %8s";
    private static final long ALIGNMENT = 64;

    /// Rows, inner dimension, columns.
    private record Size(int m, int k, int n) {
        @Override
        public String toString() {
            return m + "x" + k + "x" + n;
        }
    }

    private static final List<Size> SIZES =
            List.of(
                    new Size(64, 784, 256),
                    new Size(256, 256, 256),
                    new Size(512, 512, 512),
                    new Size(1024, 1024, 1024),
                    new Size(2048, 2048, 2048));

    @Option(
            names = "--backends",
            paramLabel = "A,B",
            split = ",",
            description =
                    "Whose time is told and whose it is divided by; vector,native unless told.")
    private List<String> names = List.of("vector", "native");

    @Option(names = "--rounds", paramLabel = "N", description = "Samples of each; 21 unless told.")
    private int rounds = 21;

    private final Console console;

    GemmCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (rounds < 1 || names.size() != 2) {
            throw Problem.usage(
                    "gemm: expects two backends and at least 1 round, but got %s and %d; as in"
                                    .formatted(String.join(",", names), rounds)
                            + " --backends vector,native --rounds 21");
        }
        List<Backend> backends = names.stream().map(GemmCommand::named).toList();
        int all = Runtime.getRuntime().availableProcessors();
        line(ROW, "GFLOP/s", "threads", names.getFirst(), names.getLast(), "ratio");
        for (int threads : IntStream.of(1, all).distinct().toArray()) {
            backends.forEach(backend -> backend.threads(threads));
            for (Size size : SIZES) {
                row(size, threads, backends);
            }
        }
        return ExitCode.OK;
    }

    private static Backend named(String name) {
        Optional<Backend> backend = Backend.named(name);
        return backend.orElseThrow(() ->
                Problem.usage(
                        "--backends: expects two of %s, but got %s; check the name"
                                .formatted(String.join(", ", Backend.names()), name)));
    }

    private void row(Size size, int threads, List<Backend> backends) {
        try (Arena arena = Arena.ofShared()) {
            List<Runnable> runs = new ArrayList<>();
            for (Backend backend : backends) {
                Kernel kernel = backend.compile(region(size));
                long[] addresses = {
                    random(arena, (long) size.m() * size.k()),
                    random(arena, (long) size.k() * size.n()),
                    random(arena, (long) size.m() * size.n())
                };
                runs.add(() -> kernel.run(addresses));
            }
            double[] seconds = inTurns(runs);
            double operations = 2.0 * size.m() * size.k() * size.n();
            line(
                    ROW,
                    size,
                    threads,
                    "%.1f".formatted(operations / seconds[0] / 1e9),
                    "%.1f".formatted(operations / seconds[1] / 1e9),
                    "%.2f".formatted(seconds[1] / seconds[0]));
        }
    }

    // Medians of samples taken in turns, so that what slows the machine down slows both.
    private double[] inTurns(List<Runnable> runs) {
        runs.forEach(Stopwatch.THOROUGH::warm);
        double[][] samples = new double[runs.size()][rounds];
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < runs.size(); i++) {
                samples[i][round] = Stopwatch.sample(runs.get(i));
            }
        }
        for (double[] one : samples) {
            Arrays.sort(one);
        }
        return Arrays.stream(samples).mapToDouble(one -> one[rounds / 2]).toArray();
    }

    private static Region region(Size size) {
        Node.Input a = new Node.Input("a", TensorType.of(DType.F32, size.m(), size.k()));
        Node.Input b = new Node.Input("b", TensorType.of(DType.F32, size.k(), size.n()));
        Node c = Node.Apply.of(MatMul.MATMUL, List.of(a, b), Optional.empty());
        return new Region(
                Region.Loop.CALL,
                Shape.of(size.m(), size.n()),
                new Graph(List.of(a, b), List.of(c)),
                List.of(Layout.contiguous(a.type().shape()), Layout.contiguous(b.type().shape())));
    }

    private static long random(Arena arena, long count) {
        MemorySegment memory = arena.allocate(count * Float.BYTES + ALIGNMENT, ALIGNMENT);
        SplittableRandom random = new SplittableRandom(count);
        for (long i = 0; i < count; i++) {
            memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-1, 1));
        }
        return memory.address();
    }

    private void line(String format, Object... values) {
        console.out().println(String.format(Locale.ROOT, format, values).stripTrailing());
        console.out().flush();
    }
}
