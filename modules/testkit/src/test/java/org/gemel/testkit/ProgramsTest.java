package org.gemel.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.gemel.DType;
import org.gemel.TensorType;
import org.gemel.op.Dense;
import org.gemel.testkit.programs.Generator;
import org.gemel.testkit.programs.Program;
import org.gemel.testkit.programs.ProgramCheck;
import org.gemel.testkit.programs.Programs;
import org.gemel.testkit.programs.Shrinking;
import org.junit.jupiter.api.Test;

/// Random programs: the check itself, and as many of them as a build has time for. A long run is
/// `./bench conformance programs --seeds 20000`.
class ProgramsTest {
    private static final int PROGRAMS = 60;

    @Test
    void modesAgreeInEveryBitAndStepsWithTheirReference() {
        assertEquals(List.of(), Programs.run(0, PROGRAMS, _ -> {}).mismatches());
    }

    @Test
    void aSeedAlwaysGivesTheSameProgram() {
        for (long seed = 0; seed < 20; seed++) {
            assertEquals(Generator.program(seed).toString(), Generator.program(seed).toString());
        }
    }

    @Test
    void programsHaveManyStepsOfManyKinds() {
        List<Program> programs = LongStream.range(0, 60).mapToObj(Generator::program).toList();
        long most = programs.stream().mapToLong(Program::steps).max().orElseThrow();
        String all = programs.toString();
        assertTrue(most >= 40, "the longest has %d steps".formatted(most));
        for (String kind :
                List.of("matmul", "toBoolean", "softmax", "expand", "gather", "conv2d", "sum")) {
            assertTrue(all.contains(kind), kind);
        }
    }

    // A step whose result depends on how often it has been called, as nothing may.
    private static Program.Step impure(int from) {
        int[] calls = {0};
        return new Program.Step(
                "impure({0})",
                List.of(from), in -> in.getFirst().add(calls[0]++), TensorType.of(DType.F32, 3));
    }

    private static Program.Step step(String text, int from, Program.Body body) {
        return new Program.Step(text, List.of(from), body, TensorType.of(DType.F32, 3));
    }

    private static Program wrong() {
        Dense input = Dense.of(TensorType.of(DType.F32, 3), i -> i + 0.5);
        return new Program(
                7,
                List.of(
                        new Program.Input(input),
                        step("{0}.neg()", 0, in -> in.getFirst().neg()),
                        step("{0}.exp()", 1, in -> in.getFirst().exp()),
                        impure(2),
                        step("{0}.tanh()", 3, in -> in.getFirst().tanh()),
                        step("{0}.abs()", 4, in -> in.getFirst().abs())),
                List.of(5, 1),
                1);
    }

    @Test
    void aDifferenceIsSeen() {
        Optional<String> failure = ProgramCheck.failure(wrong());
        assertTrue(failure.isPresent());
        assertTrue(failure.get().startsWith("TRACED, first call: "), failure.get());
    }

    @Test
    void whatTheReferenceDoesNotSayIsSeen() {
        // An operation that looks at who runs it.
        Program.Body odd =
                in ->
                        org.gemel.Context.current().interpreter() instanceof ReferenceInterpreter
                                ? in.getFirst().mul(2)
                                : in.getFirst();
        Program program =
                new Program(
                        7,
                        List.of(wrong().lines().getFirst(), step("odd({0})", 0, odd)),
                        List.of(1),
                        0);
        assertEquals(
                Optional.of("reference: v1 of type f32[3]: element 0 is 0.5 instead of 1.0"),
                ProgramCheck.failure(program));
    }

    @Test
    void aFailingProgramIsMadeSmall() {
        Program small = Shrinking.of(wrong(), ProgramCheck::failure);
        assertEquals(1, small.steps());
        assertEquals(0, small.order());
        assertTrue(small.toString().contains("impure("), small.toString());
    }
}
