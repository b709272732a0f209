package org.gemel.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/// What threads counted stays counted after they have ended.
class CountersTest {
    @Test
    void sumsOverThreadsThatHaveEnded() throws InterruptedException {
        long kernels = Counters.kernelsLaunched();
        long bytes = Counters.bytesAllocated();
        for (int i = 0; i < 300; i++) {
            Thread thread =
                    Thread.ofPlatform()
                            .start(() -> {
                                Counters.kernelLaunched();
                                Counters.kernelsLaunched(2);
                                Counters.allocated(10);
                            });
            thread.join();
        }
        assertEquals(900, Counters.kernelsLaunched() - kernels);
        assertEquals(3000, Counters.bytesAllocated() - bytes);
    }
}
