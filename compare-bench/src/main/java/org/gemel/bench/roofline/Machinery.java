package org.gemel.bench.roofline;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Measures what the machine can do: chains of fused multiply-adds in registers, and the triad `a =
/// b + s c` of McCalpin's STREAM benchmark over arrays of several sizes.
final class Machinery {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int CHAINS = 12;
    private static final int STEPS = 100_000;
    private static final int ARRAYS = 3;
    private static final long LEAST_MEMORY = 256L << 20;
    private static final long MOST_MEMORY = 1L << 30;
    private static final long MOST_CACHE = 24L << 20;
    private static final int PASSES = 12;

    // Results go here, so that the work that made them is not left out.
    @SuppressWarnings("UnusedVariable") // writing it is the point
    private volatile float kept;

    /// The ceilings with `threads` threads that share nothing.
    Ceilings ceilings(int threads) {
        double flops = best(threads, _ -> this::chains) * threads;
        List<Ceilings.Level> levels = new ArrayList<>();
        List<Caches.Cache> caches = Caches.here();
        for (Caches.Cache cache : caches) {
            // Up to two cores share no first two levels; from the third on all share one.
            boolean own = cache.level() < 3;
            long capacity = cache.bytes() * (own ? threads : 1);
            long each = Math.min(cache.bytes(), MOST_CACHE) / 2 / (own ? 1 : threads);
            levels.add(level("L" + cache.level(), capacity, threads, each));
        }
        long memory = Math.clamp(3 * caches.getLast().bytes(), LEAST_MEMORY, MOST_MEMORY);
        levels.add(level("memory", Long.MAX_VALUE, threads, memory / threads));
        return new Ceilings(threads, flops, levels);
    }

    private Ceilings.Level level(String name, long capacity, int threads, long each) {
        int length = Math.toIntExact(each / ARRAYS / Float.BYTES);
        double bandwidth = best(threads, i -> new Triad(length, i)) * threads;
        return new Ceilings.Level(name, capacity, bandwidth);
    }

    /// Work that returns how much of it it has done per call.
    private interface Work {
        double run();
    }

    /// Makes the work of each thread.
    private interface Each {
        Work work(int thread);
    }

    /// Streams three arrays.
    private static final class Triad implements Work {
        private final float[] a;
        private final float[] b;
        private final float[] c;
        private final int times;

        Triad(int length, int seed) {
            a = new float[length];
            b = new float[length];
            c = new float[length];
            for (int i = 0; i < length; i++) {
                b[i] = seed + i;
                c[i] = i;
            }
            times = Math.max(1, (1 << 22) / length);
        }

        @Override
        public double run() {
            for (int i = 0; i < times; i++) {
                stream(a, b, c, i);
            }
            return (double) times * a.length * ARRAYS * Float.BYTES;
        }

        private static void stream(float[] a, float[] b, float[] c, float s) {
            for (int i = 0; i < a.length; i++) {
                a[i] = b[i] + s * c[i];
            }
        }
    }

    // The most that one thread does per second while all are at it: each pass begins together.
    private double best(int threads, Each each) {
        CyclicBarrier together = new CyclicBarrier(threads);
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<double[]>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int thread = i;
                running.add(pool.submit(() -> passes(each.work(thread), together)));
            }
            double[] total = new double[PASSES];
            for (Future<double[]> one : running) {
                double[] rates = one.get();
                for (int pass = 0; pass < PASSES; pass++) {
                    total[pass] += rates[pass] / threads;
                }
            }
            double best = 0;
            for (double rate : total) {
                best = Math.max(best, rate);
            }
            return best;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring the machine", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private static double[] passes(Work work, CyclicBarrier together)
            throws InterruptedException, BrokenBarrierException {
        long warm = System.nanoTime() + 300_000_000L;
        while (System.nanoTime() < warm) {
            work.run();
        }
        double[] rates = new double[PASSES];
        for (int pass = 0; pass < PASSES; pass++) {
            together.await();
            double done = 0;
            long start = System.nanoTime();
            long now = start;
            while (now - start < 20_000_000L) {
                done += work.run();
                now = System.nanoTime();
            }
            rates[pass] = done / (now - start) * 1e9;
        }
        return rates;
    }

    // Enough independent chains to hide the latency of a multiply-add; two operations each.
    private double chains() {
        FloatVector x = FloatVector.broadcast(SPECIES, 0.999f);
        FloatVector y = FloatVector.broadcast(SPECIES, 0.001f);
        FloatVector a0 = x;
        FloatVector a1 = x;
        FloatVector a2 = x;
        FloatVector a3 = x;
        FloatVector a4 = x;
        FloatVector a5 = x;
        FloatVector a6 = x;
        FloatVector a7 = x;
        FloatVector a8 = x;
        FloatVector a9 = x;
        FloatVector a10 = x;
        FloatVector a11 = x;
        for (int i = 0; i < STEPS; i++) {
            a0 = a0.lanewise(VectorOperators.FMA, x, y);
            a1 = a1.lanewise(VectorOperators.FMA, x, y);
            a2 = a2.lanewise(VectorOperators.FMA, x, y);
            a3 = a3.lanewise(VectorOperators.FMA, x, y);
            a4 = a4.lanewise(VectorOperators.FMA, x, y);
            a5 = a5.lanewise(VectorOperators.FMA, x, y);
            a6 = a6.lanewise(VectorOperators.FMA, x, y);
            a7 = a7.lanewise(VectorOperators.FMA, x, y);
            a8 = a8.lanewise(VectorOperators.FMA, x, y);
            a9 = a9.lanewise(VectorOperators.FMA, x, y);
            a10 = a10.lanewise(VectorOperators.FMA, x, y);
            a11 = a11.lanewise(VectorOperators.FMA, x, y);
        }
        FloatVector low = a0.lanewise(VectorOperators.ADD, a1).lanewise(VectorOperators.ADD, a2);
        FloatVector mid = a3.lanewise(VectorOperators.ADD, a4).lanewise(VectorOperators.ADD, a5);
        FloatVector high = a6.lanewise(VectorOperators.ADD, a7).lanewise(VectorOperators.ADD, a8);
        FloatVector top = a9.lanewise(VectorOperators.ADD, a10).lanewise(VectorOperators.ADD, a11);
        FloatVector all =
                low.lanewise(VectorOperators.ADD, mid)
                        .lanewise(VectorOperators.ADD, high)
                        .lanewise(VectorOperators.ADD, top);
        kept = all.lane(0);
        return 2.0 * CHAINS * STEPS * SPECIES.length();
    }
}
