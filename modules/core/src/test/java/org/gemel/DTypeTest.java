package org.gemel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class DTypeTest {
    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F16", "BF16"})
    void everyPatternOfBitsComesBack(DType dtype) {
        for (int i = 0; i < 1 << 16; i++) {
            float value = dtype.fromBits((short) i);
            short back = dtype.toBits(value);
            if (Float.isNaN(value)) {
                assertTrue(Float.isNaN(dtype.fromBits(back)));
            } else {
                assertEquals((short) i, back, () -> dtype + " " + value);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F16", "BF16"})
    void roundsToTheNearestAndTiesToEven(DType dtype) {
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 20_000; i++) {
            // two neighbours of the positive numbers
            short low = (short) random.nextInt(0, dtype == DType.F16 ? 0x7BFF : 0x7F7F);
            short high = (short) (low + 1);
            float middle = dtype.fromBits(low) / 2 + dtype.fromBits(high) / 2;
            short even = (low & 1) == 0 ? low : high;
            assertEquals(even, dtype.toBits(middle), () -> "tie at " + middle);
            assertEquals(high, dtype.toBits(Math.nextUp(middle)), () -> "above " + middle);
            assertEquals(low, dtype.toBits(Math.nextDown(middle)), () -> "below " + middle);
            assertEquals(
                    (short) (even | 0x8000), dtype.toBits(-middle), () -> "negative " + middle);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "F16, 65519.99, 65504",
        "F16, 65520, Infinity",
        "F16, -1e30, -Infinity",
        "F16, 2e-8, 0",
        "F16, 3e-8, 5.9604644775390625e-8",
        "BF16, 3.4e38, Infinity",
        "BF16, 1.00390625, 1",
        "BF16, 1.01171875, 1.015625",
        "F16, NaN, NaN",
        "BF16, NaN, NaN",
        "I8, 300, 44",
        "I8, -129, 127",
        "I8, 1.9, 1",
        "I8, -1.9, -1",
        "I8, NaN, 0",
        "U8, -1, 255",
        "U8, 256.5, 0",
        "U8, 200, 200"
    })
    void roundsAsACast(DType dtype, double from, double to) {
        assertEquals(to, dtype.round(from));
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void theWideTypeIsNotNarrow(DType dtype) {
        assertFalse(dtype.wide().isNarrow());
        assertEquals(dtype.isFloating(), dtype.wide().isFloating());
        assertEquals(dtype.isNarrow(), dtype.wide().bytes() > dtype.bytes());
    }

    @Test
    void otherTypesHaveNoBits() {
        GemelException thrown = assertThrows(GemelException.class, () -> DType.I8.toBits(1));
        assertEquals(
                "bits: expects f16 or bf16, but got i8; use the numbers themselves",
                thrown.getMessage());
    }
}
