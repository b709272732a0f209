package org.gemel.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongPredicate;
import org.gemel.GemelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Storage and the pool behind it. Sizes differ from test to test, so that no test finds the memory
/// of another one.
final class PoolTest {
    private static final int ROUNDS = 2_000;

    @Test
    void memoryIsAlignedPaddedAndNobodyElses() {
        List<Storage> held = new ArrayList<>();
        for (long bytes : new long[] {0, 1, 63, 64, 65, 200, 511, 512, 513, 4095, 4096, 70_001}) {
            for (int i = 0; i < 20; i++) {
                Storage storage = Storage.allocate(bytes);
                assertEquals(0, storage.address() % 64);
                assertEquals(0, storage.bytes() % 64);
                assertTrue(storage.bytes() >= Math.max(1, bytes));
                held.add(storage);
            }
        }
        held.sort(Comparator.comparingLong(Storage::address));
        for (int i = 1; i < held.size(); i++) {
            Storage before = held.get(i - 1);
            assertTrue(before.address() + before.bytes() <= held.get(i).address(), "overlap");
        }
        held.forEach(Storage::release);
    }

    @ParameterizedTest
    @ValueSource(longs = {100, 3_000_001})
    void aReleasedBlockIsTheNextOneHandedOut(long bytes) {
        Storage first = Storage.allocate(bytes);
        long address = first.address();
        first.release();
        Storage second = Storage.allocate(bytes - 1);
        assertEquals(address, second.address());
        Storage third = Storage.allocate(bytes);
        assertNotEquals(address, third.address());
        second.release();
        third.release();
    }

    @ParameterizedTest
    @ValueSource(longs = {64, 5_000_000})
    void holdsAreCounted(long bytes) {
        Storage storage = Storage.allocate(bytes);
        assertTrue(storage.exclusive());
        storage.retain();
        assertFalse(storage.exclusive());
        storage.release();
        assertTrue(storage.exclusive());
        Storage other = Storage.allocate(bytes);
        assertNotEquals(storage.address(), other.address(), "one hold is left");
        storage.release();
        other.release();
    }

    @ParameterizedTest
    @ValueSource(longs = {64, 7_000_000})
    void releasingTooOftenIsAnError(long bytes) {
        Storage storage = Storage.allocate(bytes);
        storage.release();
        assertThrows(IllegalStateException.class, storage::release);
    }

    @Test
    void sizeClassesCoverEverySizeWithAtMostAQuarterOfWaste() {
        for (long bytes = 513; bytes < 1L << 61; bytes = next(bytes)) {
            long size = Pool.sizeOf(Pool.classOf(bytes));
            long waste = size - bytes;
            assertTrue(waste >= 0, bytes + " does not fit in " + size);
            assertTrue(waste <= size / 4, waste + " bytes of " + size + " are waste");
            assertEquals(0, size % 64);
        }
        for (int sizeClass = Pool.classOf(513); sizeClass < 200; sizeClass++) {
            assertEquals(sizeClass, Pool.classOf(Pool.sizeOf(sizeClass)));
            assertEquals(sizeClass + 1, Pool.classOf(Pool.sizeOf(sizeClass) + 1));
        }
    }

    // Every size first, then the neighbours of ever larger ones.
    private static long next(long bytes) {
        return bytes < 100_000 ? bytes + 1 : bytes + bytes / 1_001 + 1;
    }

    @Test
    void whatNobodyReachesComesBack() {
        Set<Long> dropped = new HashSet<>();
        for (int i = 0; i < 8; i++) {
            dropped.add(Storage.allocate(9_000_000).address());
        }
        assertTrue(comesBack(9_000_000, dropped::contains));
    }

    @Test
    void aSlabComesBackWhenNoPieceIsReached() {
        Set<Long> dropped = new HashSet<>();
        for (int i = 0; i < 400; i++) {
            dropped.add(Storage.allocate(448).address());
        }
        // A slab is a block of its own, and its first piece starts where it starts.
        assertTrue(comesBack(Slab.BYTES, dropped::contains));
    }

    // The collector reports in its own time: ask for blocks until one of the expected comes.
    private static boolean comesBack(long bytes, LongPredicate expected) {
        for (int round = 0; round < ROUNDS; round++) {
            System.gc();
            Storage probe = Storage.allocate(bytes);
            boolean found = expected.test(probe.address());
            probe.release();
            if (found) {
                return true;
            }
            Thread.yield();
        }
        return false;
    }

    @Test
    void whatIsStillReachedIsNeverHandedOutAgain() {
        List<Storage> kept = new ArrayList<>();
        Set<Long> addresses = new HashSet<>();
        for (int i = 0; i < 6; i++) {
            Storage storage = Storage.allocate(11_000_000);
            kept.add(storage);
            addresses.add(storage.address());
        }
        for (int i = 0; i < 40; i++) {
            if (i % 10 == 0) {
                System.gc();
            }
            assertFalse(addresses.contains(Storage.allocate(11_000_000).address()));
        }
        Reference.reachabilityFence(kept);
    }

    @Test
    void memoryThatWaitsForTheCollectorIsBounded() {
        long before = Counters.bytesAllocated();
        Counters.resetPeak();
        long start = Counters.bytesInUse();
        for (int i = 0; i < 256; i++) {
            assertTrue(Storage.allocate(16L << 20).exclusive());
        }
        assertEquals(256L * (16L << 20), Counters.bytesAllocated() - before);
        long most = Counters.peakBytes() - start;
        assertTrue(most < 1L << 30, "of 4 GiB dropped, %,d bytes were out at once".formatted(most));
    }

    @Test
    void sayingThatMemoryIsOutLeavesThePoolAsItWas() {
        long before = Counters.bytesInUse();
        GemelException error = assertThrows(GemelException.class, () -> Storage.allocate(1L << 50));
        assertTrue(
                error.getMessage().startsWith("memory: expects 1,125,899,906,842,624 free bytes"),
                error.getMessage());
        assertTrue(Counters.bytesInUse() <= before);
        Storage.allocate(13_000_000).release();
    }

    @Test
    void releasedMemoryIsPoisonedOnRequest() throws IOException, InterruptedException {
        String output = OwnJvm.output(Poisoned.class, List.of("-Dgemel.poison=true"));
        assertEquals("NaN NaN", output.strip());
    }

    /// Run in a JVM of its own: prints what released memory, small and large, holds.
    static final class Poisoned {
        private Poisoned() {}

        public static void main(String[] arguments) {
            System.out.println(afterRelease(64) + " " + afterRelease(100_000));
        }

        private static float afterRelease(long bytes) {
            Storage storage = Storage.allocate(bytes);
            MemorySegment memory =
                    MemorySegment.ofAddress(storage.address()).reinterpret(storage.bytes());
            memory.fill((byte) 0);
            storage.release();
            return memory.get(ValueLayout.JAVA_FLOAT, storage.bytes() - 4);
        }
    }
}
