package org.gemel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.Stream;
import org.gemel.op.Composite;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Core alone: no engine is on the class path of these tests.
final class NoEngineTest {
    static Stream<Executable> whatNeedsAnEngine() {
        return Stream.of(
                () -> Gemel.ones(2),
                () -> Gemel.tensor(1f, 2f),
                () -> Gemel.key(1),
                () -> Gemel.threads(2),
                () -> new Slot("s").read(),
                () -> new Slot("s").clear());
    }

    @ParameterizedTest
    @MethodSource("whatNeedsAnEngine")
    void saysWhatToAdd(Executable call) {
        assertEquals(
                "engine: expects an eager interpreter on the class path, but found none; add"
                        + " org.gemel:gemel-eager and org.gemel:gemel-backend-vector",
                assertThrows(GemelException.class, call).getMessage());
    }

    @Test
    void typesNeedNoEngine() {
        Composite norm =
                Composite.of("norm", List.of(), in -> List.of(in.getFirst().square().sum(-1)));
        assertEquals(
                List.of(TensorType.of(DType.F32, 2)),
                norm.infer(List.of(TensorType.of(DType.F32, 2, 3))));
    }
}
