package org.gemel.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.gemel.Gemel;
import org.gemel.Key;
import org.gemel.Parameter;
import org.gemel.Tensor;
import org.gemel.backend.Counters;
import org.gemel.tracer.Mode;
import org.gemel.tracer.Tracer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Nobody closes a tensor, and memory does not grow: many steps in a virtual machine that allows a
/// small part of what they allocate.
class BoundedMemoryTest {
    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"EAGER", "TRACED"})
    void stepsNeedNoMoreThanIsAlive(Mode mode) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--add-modules",
                                "jdk.incubator.vector",
                                "--enable-native-access=ALL-UNNAMED",
                                "-Xmx96m",
                                "-XX:MaxDirectMemorySize=48m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Steps.class.getName(),
                                mode.name())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertEquals("less than 1 MiB alive", output.lines().toList().getLast(), output);
    }

    /// Run there.
    static final class Steps {
        private static final int STEPS = 4_000;

        private Steps() {}

        public static void main(String[] arguments) {
            Parameter w = new Parameter("w", Gemel.zeros(64, 32));
            Tensor x = Key.of(1).uniform(128, 64);
            var step = Tracer.traceAll(in -> step(in.getFirst(), w));
            Mode mode = Mode.valueOf(arguments[0]);
            for (int i = 0; i < STEPS; i++) {
                mode.call(() -> step.apply(List.of(x)));
            }
            long allocated = Counters.bytesAllocated() >> 20;
            if (mode == Mode.EAGER && allocated < 480) {
                System.out.println("only " + allocated + " MiB were allocated");
            }
            long alive = Counters.bytesAlive() >> 20;
            System.out.println(
                    alive < 1 ? "less than 1 MiB alive" : "%d MiB alive".formatted(alive));
        }

        // Intermediate values in locals and on the tape, small and large ones.
        private static List<Tensor> step(Tensor x, Parameter w) {
            Tensor hidden = x.matmul(w.value());
            Tensor shifted = hidden.add(0.5);
            Tensor loss = shifted.square().mean().add(hidden.sum().mul(1e-3));
            loss.backward();
            w.assign(w.value().sub(w.grad().mul(0.01)).detach());
            w.zeroGrad();
            return List.of(loss.detach(), x.mul(2));
        }
    }
}
