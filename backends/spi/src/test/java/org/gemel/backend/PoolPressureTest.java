package org.gemel.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.gemel.DType;
import org.gemel.GemelException;
import org.gemel.TensorType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The pool where memory is short: each case in a virtual machine of its own that allows little.
final class PoolPressureTest {
    private static final long MIB = 1L << 20;

    /// What runs there, and what it prints.
    enum Case {
        /// Free blocks of one size become one of another.
        SIZES("ok ok ok ok"),
        /// So does what nobody has released.
        DROPPED("ok ok ok"),
        /// What is alive cannot be given away: the error says for what, how much and where.
        FULL(
                "memory: expects 50,331,648 free bytes for f32[12000, 1024], but there are none"
                        + " (50,331,648 are in use); make batches smaller or raise"
                        + " -XX:MaxDirectMemorySize at Programs.full(PoolPressureTest.java:L) ok"),
        /// That much was alive once does not let more wait for the collector later.
        PEAK("ok"),
        /// What one thread allocates and another releases is reused or collected.
        HANDED_OVER("ok");

        private final String prints;

        Case(String prints) {
            this.prints = prints;
        }
    }

    @ParameterizedTest
    @EnumSource
    void memoryPressureIsHandled(Case which) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-Xmx128m",
                                "-XX:MaxDirectMemorySize=" + (which == Case.PEAK ? "1g" : "64m"),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Programs.class.getName(),
                                which.name())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertEquals(
                which.prints,
                output.strip().replaceAll("\\s+", " ").replaceAll("java:\\d+", "java:L"));
    }

    /// Run in a virtual machine of its own.
    static final class Programs {
        private Programs() {}

        public static void main(String[] arguments) throws InterruptedException {
            switch (Case.valueOf(arguments[0])) {
                case SIZES -> sizes();
                case DROPPED -> dropped();
                case FULL -> full();
                case PEAK -> peak();
                case HANDED_OVER -> handedOver();
            }
        }

        private static List<Storage> many(long count, long bytes) {
            List<Storage> all = new ArrayList<>();
            for (long i = 0; i < count; i++) {
                all.add(Storage.allocate(bytes));
            }
            return all;
        }

        private static void sizes() {
            for (long bytes : new long[] {MIB, 40 * MIB, 10_000, 48 * MIB}) {
                many(48 * MIB / bytes, bytes).forEach(Storage::release);
                System.out.println("ok");
            }
        }

        private static void dropped() {
            for (long bytes : new long[] {3 * MIB, 20 * MIB, 40 * MIB}) {
                for (int i = 0; i < 200; i++) {
                    Storage.allocate(bytes);
                }
                System.out.println("ok");
            }
        }

        private static void full() {
            Storage held = Storage.allocate(48 * MIB);
            try {
                Storage.allocate(TensorType.of(DType.F32, 12_000, 1024)).release();
            } catch (GemelException error) {
                System.out.println(error.getMessage());
            }
            Reference.reachabilityFence(held);
            held.release();
            Storage.allocate(48 * MIB).release();
            System.out.println("ok");
        }

        private static void peak() {
            many(300, MIB).forEach(Storage::release);
            Counters.resetPeak();
            for (int i = 0; i < 1000; i++) {
                Storage.allocate(MIB);
            }
            long most = Counters.peakBytes() / MIB;
            System.out.println(most < 100 ? "ok" : most + " MiB waited for the collector");
        }

        private static void handedOver() throws InterruptedException {
            BlockingQueue<Storage> handed = new ArrayBlockingQueue<>(1000);
            int count = 1_000_000;
            Thread maker =
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int i = 0; i < count; i++) {
                                    handed.offer(Storage.allocate(64));
                                    while (handed.remainingCapacity() == 0) {
                                        Thread.onSpinWait();
                                    }
                                }
                            });
            for (int i = 0; i < count; i++) {
                handed.take().release();
            }
            maker.join();
            long left = Counters.bytesAlive() / MIB;
            System.out.println(left < 8 ? "ok" : left + " MiB are left");
        }
    }
}
