package org.gemel.data;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// Random orders that depend on a seed alone, on every machine and in every run.
public final class Permutation {
    // By name: the default generator of a JDK may change, this one is specified.
    private static final RandomGeneratorFactory<RandomGenerator> GENERATOR =
            RandomGeneratorFactory.of("L64X128MixRandom");

    private Permutation() {}

    /// The numbers 0 to `size - 1` in a random order, by Fisher and Yates' shuffle (Knuth, The Art
    /// of Computer Programming, volume 2, algorithm 3.4.2 P).
    public static int[] of(int size, long seed) {
        RandomGenerator random = GENERATOR.create(seed);
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            order[i] = i;
        }
        for (int i = size - 1; i > 0; i--) {
            // The high half of a product: uniform up to 2^-33, and fixed where nextInt(bound) is
            // not.
            int j = (int) Math.unsignedMultiplyHigh(random.nextLong(), i + 1L);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }
}
