package org.gemel.bench.workloads;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.gemel.Tensor;
import org.gemel.tracer.Mode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The first steps of every workload: right in both modes, and the same bits.
class ModelsTest {
    // Steps of seconds: their models' answers and the other models' training stand for them.
    private static final Set<String> TOO_LONG = Set.of("resnet18-train", "gpt-train", "lstm-train");

    static Stream<StepWorkload> workloads() {
        return Workloads.all().stream()
                .filter(workload -> !TOO_LONG.contains(workload.name()))
                .filter(StepWorkload.class::isInstance)
                .map(StepWorkload.class::cast);
    }

    @ParameterizedTest
    @MethodSource("workloads")
    void bothModesAreRightAndAgreeToTheBit(StepWorkload workload) {
        List<float[]> eager = stateAfterTwoSteps(workload, Mode.EAGER);
        List<float[]> traced = stateAfterTwoSteps(workload, Mode.TRACED);
        assertEquals(eager.size(), traced.size());
        for (int i = 0; i < eager.size(); i++) {
            assertArrayEquals(eager.get(i), traced.get(i), "state " + i);
        }
    }

    private static List<float[]> stateAfterTwoSteps(StepWorkload workload, Mode mode) {
        Program program = workload.start();
        float[] first = mode.call(() -> program.step().toFloatArray());
        assertEquals(Optional.empty(), workload.check().wrong(1, first), mode.toString());
        mode.run(program::step);
        List<float[]> state = new ArrayList<>();
        for (Tensor tensor : program.state()) {
            state.add(tensor.toFloatArray());
        }
        return state;
    }
}
