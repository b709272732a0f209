package org.gemel.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.gemel.GemelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchesTest {
    // Image i is one pixel of value i with label i.
    private static LabelledImages numbered(int count) {
        byte[] values = new byte[count];
        for (int i = 0; i < count; i++) {
            values[i] = (byte) i;
        }
        return new LabelledImages(1, 1, values, values.clone());
    }

    @ParameterizedTest
    @CsvSource({"10, 4, 3", "8, 4, 2", "3, 4, 1", "4, 4, 1", "1, 1, 1", "0, 4, 0"})
    void showsEveryImageOncePerEpoch(int images, int size, int batches) {
        Batches epochs = numbered(images).batches(size);
        assertEquals(batches, epochs.perEpoch());
        for (int epoch = 0; epoch < 3; epoch++) {
            List<Integer> seen = new ArrayList<>();
            int count = 0;
            for (Batch batch : epochs.shuffled(42, epoch)) {
                count++;
                for (int i = 0; i < batch.size(); i++) {
                    assertEquals(batch.label(i) / 255f, batch.pixel(i, 0));
                    seen.add(batch.label(i));
                }
            }
            assertEquals(batches, count);
            assertEquals(
                    IntStream.range(0, images).boxed().toList(), seen.stream().sorted().toList());
        }
    }

    @Test
    void keepsTheOrderOfTheDataWhenAsked() {
        List<Integer> seen = new ArrayList<>();
        for (Batch batch : numbered(5).batches(2).inOrder()) {
            for (int i = 0; i < batch.size(); i++) {
                seen.add(batch.label(i));
            }
        }
        assertEquals(List.of(0, 1, 2, 3, 4), seen);
    }

    @Test
    void usesItsArraysAgain() {
        var iterator = numbered(9).batches(3).inOrder().iterator();
        Batch first = iterator.next();
        assertSame(first, iterator.next());
    }

    @Test
    void orderDependsOnSeedAndEpochAlone() {
        assertArrayEquals(Permutation.of(100, 7), Permutation.of(100, 7));
        assertFalse(Arrays.equals(Permutation.of(100, 7), Permutation.of(100, 8)));
        // Fixed for all times and machines: a run can be repeated anywhere.
        assertArrayEquals(new int[] {1, 4, 8, 2, 0, 3, 7, 5, 9, 6}, Permutation.of(10, 42));
    }

    @Test
    void everyPositionIsEquallyLikely() {
        int[][] counts = new int[5][5];
        for (int seed = 0; seed < 20_000; seed++) {
            int[] order = Permutation.of(5, seed);
            for (int i = 0; i < 5; i++) {
                counts[i][order[i]]++;
            }
        }
        for (int[] row : counts) {
            for (int count : row) {
                // Binomial with mean 4,000 and deviation 57: six deviations never happen by chance.
                assertEquals(4_000, count, 340);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1})
    void rejectsBatchesWithoutImages(int size) {
        var error = assertThrows(GemelException.class, () -> numbered(3).batches(size));
        assertEquals(
                "batches: expects a batch size of at least 1, but got " + size + "; 64 is usual",
                error.getMessage());
    }

    @Test
    void rejectsPixelsThatAreNoWholeImages() {
        var error =
                assertThrows(
                        GemelException.class,
                        () -> new LabelledImages(2, 2, new byte[9], new byte[2]));
        assertEquals(
                "images: expects one label per image of 2 x 2, but got 9 pixels and 2 labels; drop"
                        + " the odd ones",
                error.getMessage());
    }
}
