package org.gemel.tracer;

import static org.gemel.Gemel.key;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.gemel.Tensor;
import org.gemel.backend.Counters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemporariesTest {
    private static final Set<String> OTHERS =
            Set.of("call", "kept", "keep", "stored", "same", "converted");

    private final TemporariesTestCalls woven =
            WovenLoader.create(TemporariesTestModel.class, TemporariesTestCalls.class);
    private final TemporariesTestCalls plain = new TemporariesTestModel();
    private final Tensor x = key(1).uniform(1000);
    private final Tensor y = key(2).uniform(1000);

    static Stream<String> methods() {
        return Arrays.stream(TemporariesTestModel.class.getDeclaredMethods())
                .filter(method -> !method.isSynthetic())
                .map(Method::getName)
                .filter(name -> !OTHERS.contains(name));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void resultsAndWhatIsKeptStayAsTheyAre(String name) {
        float[] expected = plain.call(name, x, y).toFloatArray();
        for (int i = 0; i < 3; i++) {
            Tensor result = woven.call(name, x, y);
            // Memory that was given back is written again.
            Tensor other = key(3).uniform(1000).neg();
            assertArrayEquals(expected, result.toFloatArray());
            assertEquals(1000, other.size());
        }
        plain.call(name, x, y);
        plain.call(name, x, y);
        List<Tensor> kept = woven.kept();
        List<Tensor> wanted = plain.kept();
        assertEquals(wanted.size(), kept.size());
        for (int i = 0; i < kept.size(); i++) {
            assertArrayEquals(wanted.get(i).toFloatArray(), kept.get(i).toFloatArray());
        }
        assertEquals(1000, x.add(y).size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "chain",
                "locals",
                "loop",
                "reused",
                "branches",
                "loopWithExit",
                "parameterSetAgain",
                "numbers",
                "dropped",
                "sameHandle",
                "sameHandleOfParameter",
                "helper",
                "recursive",
                "wide"
            })
    void nothingButTheResultIsLeft(String name) {
        woven.call(name, x, y);
        assertEquals(4096, left(woven, name), "bytes in use after a call");
        assertTrue(left(plain, name) > 4096, "without weaving, temporaries wait");
    }

    // Blocks of 4,096 bytes for 1,000 floats, and small ones for scalars.
    private long left(TemporariesTestCalls model, String name) {
        long before = Counters.bytesAlive();
        Tensor result = model.call(name, x, y);
        long after = Counters.bytesInUse();
        assertEquals(1000, result.size());
        return after - before;
    }

    @Test
    void gradientsStayAsTheyAre() {
        for (String name : methods().toList()) {
            if (name.equals("numbers") || name.equals("loopWithExit")) {
                continue;
            }
            float[] expected = gradient(plain, name);
            assertArrayEquals(expected, gradient(woven, name), name);
        }
    }

    private float[] gradient(TemporariesTestCalls model, String name) {
        Tensor leaf = x.withGrad();
        model.call(name, leaf, y).sum().backward();
        return leaf.grad().toFloatArray();
    }

    @Test
    void leavesClassesWithoutTensorsAlone() {
        ClassLoader loader = getClass().getClassLoader();
        byte[] plain = WovenLoader.bytes(loader, WovenLoader.class.getName());
        assertEquals(Optional.empty(), Temporaries.weave(plain, loader));
    }
}
