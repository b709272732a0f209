package org.gemel.eager;

import static org.gemel.Gemel.noGrad;
import static org.gemel.Gemel.ones;
import static org.gemel.Gemel.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.gemel.Parameter;
import org.gemel.Scope;
import org.gemel.State;
import org.gemel.Tensor;
import org.gemel.backend.Counters;
import org.junit.jupiter.api.Test;

/// Nobody frees a tensor, and memory stays bounded all the same.
class MemoryTest {
    @Test
    void aLoopThatKeepsNothingStaysBounded() {
        Tensor x = ones(64, 1024);
        for (int i = 0; i < 4_000; i++) {
            x = x.add(1);
        }
        assertEquals(4_001, x.toFloatArray()[65_535]);
        // 4,000 results of 256 KiB are 1,000 MiB; the collector must have been asked in between.
        assertTrue(Counters.bytesInUse() < 700L << 20, () -> Counters.bytesInUse() + " in use");
    }

    @Test
    void aScopeGivesTemporariesBackAtOnce() {
        Tensor x = ones(512, 512);
        long before = Counters.bytesInUse();
        Counters.resetPeak();
        for (int i = 0; i < 100; i++) {
            Scope.discarding(() ->
                    assertEquals(1, Scope.keeping(() -> x.add(1).mul(2).sub(3)).amax().item()));
        }
        // 300 results of 1 MiB; at most two of them are alive at a time.
        assertTrue(Counters.peakBytes() - before <= 4 << 20, () -> Counters.peakBytes() + " peak");
    }

    @Test
    void theTapeKeepsWhatAScopeGaveBack() {
        Tensor x = tensor(1f, 2f).withGrad();
        Tensor y = Scope.keeping(() -> x.mul(3).exp().mul(2));
        y.sum().backward();
        assertArrayEquals(
                new float[] {(float) (6 * Math.exp(3)), (float) (6 * Math.exp(6))},
                x.grad().toFloatArray(),
                0.01f);
    }

    @Test
    void oldValuesOfAParameterSurviveItsUpdates() {
        Parameter w = new Parameter("w", tensor(1f, 2f));
        Tensor before = w.value();
        noGrad(() -> w.assign(w.value().mul(10)));
        assertArrayEquals(new float[] {1, 2}, before.toFloatArray());
        assertArrayEquals(new float[] {10, 20}, w.value().toFloatArray());
    }

    @Test
    void aStateMayBeAssignedItself() {
        State s = new State("s", tensor(4f));
        s.assign(s.value());
        assertEquals(4, s.value().item());
    }
}
