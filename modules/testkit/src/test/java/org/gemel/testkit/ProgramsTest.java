package org.gemel.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.gemel.DType;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.op.Dense;
import org.gemel.testkit.programs.Digest;
import org.gemel.testkit.programs.Generator;
import org.gemel.testkit.programs.Learning;
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
        List<Program> programs = LongStream.range(0, 200).mapToObj(Generator::program).toList();
        long most = programs.stream().mapToLong(Program::steps).max().orElseThrow();
        String all = programs.toString();
        assertTrue(most >= 40, "the longest has %d steps".formatted(most));
        for (String kind :
                List.of(
                        "matmul",
                        "toBoolean",
                        "softmax",
                        "expand",
                        "gather",
                        "conv2d",
                        "sum",
                        "backward",
                        "bf16",
                        "assign",
                        "maskedSelect",
                        "Attention",
                        "Recurrent",
                        "then ADAM")) {
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

    private static Program.Weight weight() {
        return new Program.Weight(Dense.of(TensorType.of(DType.F32, 3), i -> i - 0.5));
    }

    // A weight that every run changes, and what is learned on top of it.
    private static Program learning(Program.Step assignment) {
        Dense input = Dense.of(TensorType.of(DType.F32, 3), i -> i + 0.5);
        return new Program(
                7,
                List.of(
                        new Program.Input(input),
                        weight(),
                        assignment,
                        step("{0}.tanh()", 2, in -> in.getFirst().tanh())),
                List.of(3, 2),
                0,
                Learning.ADAM);
    }

    private static Program.Step assignment(Program.Body body) {
        return new Program.Step(
                "{0}.mul(0.5).add({1})", List.of(1, 0), body, TensorType.of(DType.F32, 3), true);
    }

    @Test
    void weightsAreKeptFromRunToRun() {
        Program program = learning(assignment(in -> in.get(0).mul(0.5).add(in.get(1))));
        assertEquals(Optional.empty(), ProgramCheck.failure(program));
        assertTrue(
                program.toString().contains("v2 = v1.assign(v1.mul(0.5).add(v0))"),
                program.toString());
        var function = program.function();
        List<Tensor> inputs = program.inputs().stream().map(HostTensors::tensor).toList();
        Dense first = HostTensors.dense(function.apply(inputs).get(1));
        Dense second = HostTensors.dense(function.apply(inputs).get(1));
        // half of -0.5 + 0.5, then a step of 0.01 up or down, then again
        assertEquals(0.25, first.real(0));
        assertEquals(0.62, second.real(0), 0.01);
    }

    @Test
    void aProgramWithWeightsIsMadeSmall() {
        int[] calls = {0};
        Program wrong = learning(assignment(in -> in.get(0).mul(0.5).add(calls[0]++)));
        Program small = Shrinking.of(wrong, ProgramCheck::failure);
        assertEquals(1, small.steps());
        assertEquals(Learning.NONE, small.learning());
    }

    @Test
    void whatEagerThrowsIsAFailure() {
        Program.Body broken =
                _ -> {
                    throw new ArithmeticException("integer overflow");
                };
        Program program =
                new Program(
                        7,
                        List.of(wrong().lines().getFirst(), step("broken({0})", 0, broken)),
                        List.of(1),
                        0);
        String failure = ProgramCheck.failure(program).orElseThrow();
        assertTrue(
                failure.startsWith("EAGER: java.lang.ArithmeticException: integer overflow at "),
                failure);
        assertEquals(1, Shrinking.of(program, ProgramCheck::failure).steps());
    }

    @Test
    void whatComesAfterTheFailingStepIsLeftOut() {
        Program.Body odd =
                in ->
                        org.gemel.Context.current().interpreter() instanceof ReferenceInterpreter
                                ? in.getFirst().mul(2)
                                : in.getFirst();
        Program program =
                new Program(
                        7,
                        List.of(
                                wrong().lines().getFirst(),
                                step("odd({0})", 0, odd),
                                step("{0}.gt(0)", 1, in -> in.getFirst().gt(0))),
                        List.of(2),
                        0);
        assertEquals(List.of(1), Shrinking.of(program, ProgramCheck::failure).outputs());
    }

    @Test
    void digestsTellWhichLineDiffers() {
        Dense input = Dense.of(TensorType.of(DType.F32, 3), i -> i + 0.5);
        Program program = Generator.program(11);
        Digest digest = Digest.of(program);
        assertEquals(Optional.of(digest), Digest.parse(digest.toString()));
        assertEquals(Optional.empty(), digest.differs(Digest.of(program)));
        assertEquals(Optional.empty(), Digest.parse("{\"not\": \"a digest\"}"));

        Program negated = pair(input, in -> in.getFirst().neg());
        Program same = pair(input, in -> in.getFirst().mul(-1));
        Program other = pair(input, in -> in.getFirst().neg().add(1e-7));
        assertEquals(Optional.empty(), Digest.of(negated).differs(Digest.of(same)));
        assertEquals(Optional.of("v2"), Digest.of(negated).differs(Digest.of(other)));
    }

    // Two steps, of which the second is not what its text says.
    private static Program pair(Dense input, Program.Body second) {
        return new Program(
                7,
                List.of(
                        new Program.Input(input),
                        step("{0}.exp()", 0, in -> in.getFirst().exp()),
                        step("{0}.neg()", 1, second)),
                List.of(2),
                0);
    }

    @Test
    void aFailingProgramIsMadeSmall() {
        Program small = Shrinking.of(wrong(), ProgramCheck::failure);
        assertEquals(1, small.steps());
        assertEquals(0, small.order());
        assertTrue(small.toString().contains("impure("), small.toString());
    }
}
