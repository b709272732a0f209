package org.gemel.backend.vector;

import java.nio.ByteOrder;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.gemel.backend.Workers;

/// Random bits that are a function of their index: Philox 4x32-10 (Salmon, Moraes, Dror and Shaw,
/// "Parallel random numbers: as easy as 1, 2, 3", 2011).
///
/// Block `i` of the stream enciphers the counter `(i low, i high, counterHigh low, counterHigh
/// high)` under the key; word `j` is word `j & 3` of block `j >>> 2`. So any thread can make any
/// part of a stream.
final class Philox {
    private static final long MULTIPLIER_0 = 0xD2511F53L;
    private static final long MULTIPLIER_1 = 0xCD9E8D57L;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final int ROUNDS = 10;

    /// Blocks a call, few enough for the JIT to see the method called often.
    private static final int CALL = 1024;

    private static final long LOW = 0xFFFFFFFFL;

    /// Words that are worth a thread, some 15 us.
    private static final long GRAIN = 16_384;

    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
    private static final LongVector IOTA = LongVector.zero(LONGS).addIndex(1);
    private static final VectorShuffle<Long> ZIP_LOW = VectorShuffle.makeZip(LONGS, 0);
    private static final VectorShuffle<Long> ZIP_HIGH = VectorShuffle.makeZip(LONGS, 1);

    private Philox() {}

    /// Writes the words `[firstIndex, firstIndex + n)` of a stream as 4-byte integers.
    static void fillBits(
            Workers workers,
            long key,
            long counterHigh,
            long firstIndex,
            long n,
            long destination) {
        workers.forRange(
                n,
                GRAIN,
                (begin, end) ->
                        fill(
                                key,
                                counterHigh,
                                firstIndex + begin,
                                end - begin,
                                destination + 4 * begin));
    }

    private static void fill(long key, long high, long first, long n, long destination) {
        long at = 0;
        while (at < n) {
            int lane = (int) ((first + at) & 3);
            long block = (first + at) >>> 2;
            if (lane == 0 && n - at >= 4) {
                int blocks = (int) Math.min((n - at) >>> 2, CALL);
                blocks(key, high, block, blocks, destination + 4 * at);
                at += 4L * blocks;
            } else {
                Memory.setInt(destination + 4 * at, block(key, high, block).word(lane));
                at++;
            }
        }
    }

    /// Writes `blocks` whole blocks.
    static void blocks(long key, long high, long firstBlock, int blocks, long destination) {
        int step = LONGS.length();
        // Two lanes are slower than none: their permutations are not compiled well.
        int whole = step < 4 ? 0 : blocks - blocks % step;
        for (int i = 0; i < whole; i += step) {
            vectorOfBlocks(key, high, firstBlock + i, destination + 16L * i);
        }
        for (int i = whole; i < blocks; i++) {
            Block block = block(key, high, firstBlock + i);
            long to = destination + 16L * i;
            Memory.setInt(to, block.c0);
            Memory.setInt(to + 4, block.c1);
            Memory.setInt(to + 8, block.c2);
            Memory.setInt(to + 12, block.c3);
        }
    }

    /// One block in each lane: words sit in longs, because their products are that wide.
    private static void vectorOfBlocks(long key, long high, long firstBlock, long destination) {
        LongVector block = LongVector.broadcast(LONGS, firstBlock).add(IOTA);
        LongVector c0 = block.and(LOW);
        LongVector c1 = block.lanewise(VectorOperators.LSHR, 32);
        LongVector c2 = LongVector.broadcast(LONGS, high & LOW);
        LongVector c3 = LongVector.broadcast(LONGS, high >>> 32);
        int k0 = (int) key;
        int k1 = (int) (key >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            LongVector product0 = c0.mul(MULTIPLIER_0);
            LongVector product1 = c2.mul(MULTIPLIER_1);
            LongVector high0 = product0.lanewise(VectorOperators.LSHR, 32);
            LongVector high1 = product1.lanewise(VectorOperators.LSHR, 32);
            c0 = high1.lanewise(VectorOperators.XOR, c1).lanewise(VectorOperators.XOR, k0 & LOW);
            c1 = product1.and(LOW);
            c2 = high0.lanewise(VectorOperators.XOR, c3).lanewise(VectorOperators.XOR, k1 & LOW);
            c3 = product0.and(LOW);
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        LongVector left = pair(c0, c1);
        LongVector right = pair(c2, c3);
        left.rearrange(ZIP_LOW, right).intoMemorySegment(Memory.ALL, destination, Memory.ORDER);
        left.rearrange(ZIP_HIGH, right)
                .intoMemorySegment(Memory.ALL, destination + LONGS.vectorByteSize(), Memory.ORDER);
    }

    /// Two words as they lie in memory.
    private static LongVector pair(LongVector first, LongVector second) {
        boolean little = Memory.ORDER == ByteOrder.LITTLE_ENDIAN;
        LongVector low = little ? first : second;
        LongVector high = little ? second : first;
        return high.lanewise(VectorOperators.LSHL, 32).or(low);
    }

    private record Block(int c0, int c1, int c2, int c3) {
        int word(int lane) {
            return switch (lane) {
                case 0 -> c0;
                case 1 -> c1;
                case 2 -> c2;
                default -> c3;
            };
        }
    }

    /// Block `block` of a stream.
    private static Block block(long key, long high, long block) {
        int c0 = (int) block;
        int c1 = (int) (block >>> 32);
        int c2 = (int) high;
        int c3 = (int) (high >>> 32);
        int k0 = (int) key;
        int k1 = (int) (key >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = MULTIPLIER_0 * (c0 & LOW);
            long product1 = MULTIPLIER_1 * (c2 & LOW);
            c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
            c1 = (int) product1;
            c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
            c3 = (int) product0;
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        return new Block(c0, c1, c2, c3);
    }
}
