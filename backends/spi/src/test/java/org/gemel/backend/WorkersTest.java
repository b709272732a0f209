package org.gemel.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.gemel.GemelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class WorkersTest {
    @ParameterizedTest
    @CsvSource({
        "1, 0, 1",
        "1, 7, 1",
        "2, 1, 1",
        "2, 7, 1",
        "2, 7, 4",
        "2, 7, 7",
        "3, 2, 1",
        "3, 100, 8",
        "3, 100, 33",
        "4, 3, 1",
        "5, 1000, 1",
        "4, 1000, 999",
        "4, 10, 0"
    })
    void coversEachIndexOnceInPiecesOfWholeGrains(int threads, int total, int grain) {
        List<long[]> pieces = Collections.synchronizedList(new ArrayList<>());
        AtomicIntegerArray seen = new AtomicIntegerArray(total);
        try (Workers workers = Workers.of(threads)) {
            workers.forRange(
                    total,
                    grain,
                    (begin, end) -> {
                        pieces.add(new long[] {begin, end});
                        for (long i = begin; i < end; i++) {
                            seen.incrementAndGet((int) i);
                        }
                    });
        }
        for (int i = 0; i < total; i++) {
            assertEquals(1, seen.get(i), "index " + i);
        }
        assertTrue(pieces.size() <= threads);
        for (long[] piece : pieces) {
            assertEquals(0, piece[0] % Math.max(1, grain));
            assertTrue(piece[1] == total || piece[1] % Math.max(1, grain) == 0);
        }
    }

    @Test
    void sharesTheRangeAmongThreads() {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        CountDownLatch met = new CountDownLatch(3);
        try (Workers workers = Workers.of(3)) {
            workers.forRange(
                    3,
                    1,
                    (begin, end) -> {
                        threads.add(Thread.currentThread());
                        met.countDown();
                        awaitQuietly(met);
                    });
        }
        assertEquals(3, threads.size());
        assertTrue(threads.contains(Thread.currentThread()));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2})
    void carriesWhatAPieceThrowsToTheCaller(long failing) {
        IllegalStateException thrown = new IllegalStateException("piece " + failing);
        try (Workers workers = Workers.of(3)) {
            AtomicLong done = new AtomicLong();
            Workers.RangeTask task =
                    (begin, end) -> {
                        if (begin == failing) {
                            throw thrown;
                        }
                        done.incrementAndGet();
                    };
            assertSame(
                    thrown,
                    assertThrows(IllegalStateException.class, () -> workers.forRange(3, 1, task)));
            assertEquals(2, done.get());
            workers.forRange(3, 1, (begin, end) -> done.addAndGet(end - begin));
            assertEquals(5, done.get());
        }
    }

    @Test
    void suppressesAllFailuresButTheFirst() {
        try (Workers workers = Workers.of(3)) {
            Error thrown =
                    assertThrows(
                            AssertionError.class,
                            () ->
                                    workers.forRange(
                                            3,
                                            1,
                                            (begin, end) -> {
                                                throw new AssertionError("piece " + begin);
                                            }));
            assertEquals("piece 0", thrown.getMessage());
            assertEquals("piece 1", thrown.getSuppressed()[0].getMessage());
            assertEquals("piece 2", thrown.getSuppressed()[1].getMessage());
        }
    }

    @Test
    void runsNestedRangesInline() {
        try (Workers workers = Workers.of(3)) {
            AtomicLong sum = new AtomicLong();
            workers.forRange(
                    3,
                    1,
                    (begin, end) -> {
                        Thread outer = Thread.currentThread();
                        workers.forRange(
                                100,
                                1,
                                (from, to) -> {
                                    assertSame(outer, Thread.currentThread());
                                    assertEquals(100, to - from);
                                    sum.addAndGet(to - from);
                                });
                    });
            assertEquals(300, sum.get());
        }
    }

    @Test
    void workersOfOnePoolDoNotWaitForAnother() {
        try (Workers outer = Workers.of(2);
                Workers inner = Workers.of(2)) {
            AtomicLong sum = new AtomicLong();
            outer.forRange(
                    2,
                    1,
                    (begin, end) -> inner.forRange(10, 1, (from, to) -> sum.addAndGet(to - from)));
            assertEquals(20, sum.get());
        }
    }

    @Test
    void servesConcurrentCallers() throws InterruptedException {
        int callers = 4;
        int rounds = 2000;
        AtomicLong sum = new AtomicLong();
        try (Workers workers = Workers.of(3)) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                Thread thread =
                        new Thread(() -> {
                            for (int round = 0; round < rounds; round++) {
                                workers.forRange(30, 1, (from, to) -> sum.addAndGet(to - from));
                            }
                        });
                thread.start();
                threads.add(thread);
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertEquals(30L * callers * rounds, sum.get());
    }

    @Test
    void worksForAnInterruptedCallerAndLeavesItInterrupted() {
        try (Workers workers = Workers.of(2)) {
            Thread.currentThread().interrupt();
            AtomicLong sum = new AtomicLong();
            for (int i = 0; i < 100; i++) {
                workers.forRange(10, 1, (from, to) -> sum.addAndGet(to - from));
            }
            assertEquals(1000, sum.get());
        } finally {
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void runsOnTheCallerOnceClosed() {
        Workers workers = Workers.of(2);
        workers.close();
        workers.close();
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        workers.forRange(10, 1, (from, to) -> threads.add(Thread.currentThread()));
        assertEquals(Set.of(Thread.currentThread()), threads);
    }

    @Test
    void finishesTheRangeDuringWhichItIsClosed() {
        Workers workers = Workers.of(2);
        AtomicLong sum = new AtomicLong();
        workers.forRange(
                2,
                1,
                (from, to) -> {
                    workers.close();
                    sum.addAndGet(to - from);
                });
        assertEquals(2, sum.get());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -3})
    void rejectsFewerThanOneThread(int threads) {
        GemelException thrown = assertThrows(GemelException.class, () -> Workers.of(threads));
        assertEquals(
                "threads: expects at least 1, but got "
                        + threads
                        + "; use Runtime's processor count ("
                        + Runtime.getRuntime().availableProcessors()
                        + ") or leave it out",
                thrown.getMessage());
    }

    @Test
    void takesAllProcessorsByDefault() {
        try (Workers workers = Workers.ofAllProcessors()) {
            assertEquals(Runtime.getRuntime().availableProcessors(), workers.threads());
        }
        assertFalse(Thread.currentThread().isInterrupted());
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
