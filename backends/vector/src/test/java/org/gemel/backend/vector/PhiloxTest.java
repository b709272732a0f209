package org.gemel.backend.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.util.Arrays;
import org.gemel.backend.Workers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PhiloxTest {
    private static final int GUARD = 0x0BADCAFE;

    /// Known answers for philox4x32 with 10 rounds, published with Random123.
    @ParameterizedTest
    @CsvSource({
        "0000000000000000, 0000000000000000, 0000000000000000, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
        "ffffffffffffffff, ffffffffffffffff, ffffffffffffffff, 408f276d 41c83b0e a20bc7c6 6d5451fd",
        "299f31d0a4093822, 0370734413198a2e, 85a308d3243f6a88, d16cfe09 94fdcceb 5001e420 24126ea1"
    })
    void givesThePublishedAnswers(String key, String high, String block, String words) {
        int[] expected =
                Arrays.stream(words.split(" "))
                        .mapToInt(word -> Integer.parseUnsignedInt(word, 16))
                        .toArray();
        long k = Long.parseUnsignedLong(key, 16);
        long c = Long.parseUnsignedLong(high, 16);
        long i = Long.parseUnsignedLong(block, 16);
        try (Arena arena = Arena.ofConfined()) {
            long address = arena.allocate(16, 16).address();
            Philox.blocks(k, c, i, 1, address);
            assertArrayEquals(expected, read(address, 4));
        }
    }

    @Test
    void givesTheSameWordsFromAnyStartOnAnyNumberOfThreads() {
        int n = 50_003;
        try (Workers one = Workers.of(1);
                Workers three = Workers.of(3)) {
            int[] whole = fill(one, 0, n);
            assertArrayEquals(whole, fill(three, 0, n));
            for (int start : new int[] {1, 2, 3, 4, 5, 1022, 49_999}) {
                for (int length : new int[] {0, 1, 2, 3, 4, 5, 7, 40_000}) {
                    int count = Math.min(length, n - start);
                    int[] part = Arrays.copyOfRange(whole, start, start + count);
                    assertArrayEquals(part, fill(three, start, count));
                }
            }
        }
    }

    private static int[] fill(Workers workers, long first, int n) {
        try (Arena arena = Arena.ofConfined()) {
            long address = arena.allocate(4L * n + 4, 64).address();
            Memory.setInt(address + 4L * n, GUARD);
            Philox.fillBits(workers, 0x1234_5678_9ABC_DEF0L, 42, first, n, address);
            assertEquals(GUARD, Memory.getInt(address + 4L * n), "the word behind the last");
            return read(address, n);
        }
    }

    private static int[] read(long address, int n) {
        int[] words = new int[n];
        for (int i = 0; i < n; i++) {
            words[i] = Memory.getInt(address + 4L * i);
        }
        return words;
    }
}
