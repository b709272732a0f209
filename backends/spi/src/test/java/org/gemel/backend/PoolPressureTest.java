package org.gemel.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
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
        /// Threads that take, give back and drop blocks of all sizes at once get memory of their
        /// own.
        CROWD("ok ok ok"),
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
        String limit = which == Case.PEAK ? "1g" : "64m";
        String output =
                OwnJvm.output(
                        Programs.class,
                        List.of("-Xmx128m", "-XX:MaxDirectMemorySize=" + limit),
                        which.name());
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
                case CROWD -> crowd();
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

        private static void crowd() throws InterruptedException {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                long seed = i;
                threads.add(Thread.ofPlatform().start(() -> one(new SplittableRandom(seed))));
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }

        // At most 8 blocks of 2 MiB at a time, each with marks of its own at both ends.
        private static void one(SplittableRandom random) {
            record Marked(Storage storage, long mark) {}
            Deque<Marked> held = new ArrayDeque<>();
            for (int i = 0; i < 6_000; i++) {
                Storage storage = Storage.allocate(1L << random.nextInt(6, 22));
                long mark = random.nextLong();
                memory(storage).set(ValueLayout.JAVA_LONG, 0, mark);
                memory(storage).set(ValueLayout.JAVA_LONG, storage.bytes() - 8, mark);
                held.addLast(new Marked(storage, mark));
                if (held.size() == 8) {
                    Marked oldest = held.removeFirst();
                    MemorySegment memory = memory(oldest.storage);
                    long last = oldest.storage.bytes() - 8;
                    if (memory.get(ValueLayout.JAVA_LONG, 0) != oldest.mark
                            || memory.get(ValueLayout.JAVA_LONG, last) != oldest.mark) {
                        System.out.println("somebody else has written in block " + i);
                        return;
                    }
                    if (random.nextInt(8) > 0) {
                        oldest.storage.release();
                    }
                    Reference.reachabilityFence(oldest);
                }
            }
            System.out.println("ok");
        }

        private static MemorySegment memory(Storage storage) {
            return MemorySegment.ofAddress(storage.address()).reinterpret(storage.bytes());
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
