package org.gemel.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TileKernelsTest {
    private final List<String> made = new ArrayList<>();
    private final TileKernels<String> kernels =
            new TileKernels<>((lane, rows, vectors, large) -> {
                made.add(lane + " " + rows + "x" + vectors + (large ? " large" : ""));
                return made.getLast();
            });

    @Test
    void makesOneForEachShapeAndType() {
        int most = GemmMicroKernel.MAX_VECTORS;
        for (int turn = 0; turn < 2; turn++) {
            for (GemmLane lane : GemmLane.values()) {
                for (int rows = 1; rows <= GemmMicroKernel.rows(lane); rows++) {
                    for (int vectors = 1; vectors <= most; vectors++) {
                        assertEquals(
                                lane + " " + rows + "x" + vectors,
                                kernels.of(lane, rows, vectors, false));
                    }
                }
            }
        }
        int shapes = 0;
        for (GemmLane lane : GemmLane.values()) {
            shapes += GemmMicroKernel.rows(lane) * most;
        }
        assertEquals(shapes, made.size());
    }

    @Test
    void theOneForLargeWorkTakesThePlaceOfTheOther() {
        assertEquals("F32 5x2", kernels.of(GemmLane.F32, 5, 2, false));
        assertEquals("F32 5x2 large", kernels.of(GemmLane.F32, 5, 2, true));
        assertEquals("F32 5x2 large", kernels.of(GemmLane.F32, 5, 2, false));
        assertEquals("F64 5x2", kernels.of(GemmLane.F64, 5, 2, false));
        assertEquals(3, made.size());
    }
}
