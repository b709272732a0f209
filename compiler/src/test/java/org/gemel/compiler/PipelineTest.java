package org.gemel.compiler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.gemel.GemelException;
import org.gemel.backend.Backend;
import org.gemel.backend.View;
import org.gemel.ir.Elements;
import org.gemel.ir.Graph;
import org.gemel.ir.Parser;
import org.gemel.ir.Printer;
import org.gemel.op.Dense;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What the passes make of a graph, as text, and that they keep every bit.
///
/// `-Dgemel.golden.update=true` writes the files anew.
class PipelineTest {
    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden");
    private static final String SECTION = "\n--- ";

    // Every value that algebra gets wrong, in any order.
    private static final double[] SPECIAL = {
        Double.NaN,
        -0.0,
        0.0,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Float.MIN_VALUE,
        -Float.MAX_VALUE,
        1,
        -1,
        0.1
    };

    static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(GOLDEN)) {
            return files.sorted().toList();
        }
    }

    private static Graph before(Path file) throws IOException {
        return Parser.parse(Files.readString(file).split(SECTION, 2)[0]);
    }

    @ParameterizedTest
    @MethodSource("files")
    void eachPassThatChangesAGraphMakesTheGoldenText(Path file) throws IOException {
        Graph graph = before(file);
        StringBuilder text = new StringBuilder(Printer.print(graph));
        Pipeline.standard().run(graph, (pass, after) -> text.append(SECTION + pass + "\n" + after));
        if (Boolean.getBoolean("gemel.golden.update")) {
            Files.writeString(file, text);
        }
        assertEquals(Files.readString(file), text.toString());
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyBitStaysForSpecialValues(Path file) throws IOException {
        Program program = new Program(before(file), List.of());
        for (int shift = 0; shift < SPECIAL.length; shift++) {
            byte[][] plain = run(program, Pipeline.none(), shift);
            assertArrayEquals(plain, run(program, Pipeline.standard(), shift));
            assertArrayEquals(plain, run(program, Pipeline.standard().without("fusion"), shift));
        }
    }

    private static byte[][] run(Program program, Pipeline pipeline, int shift) {
        View[] inputs =
                program.graph().inputs().stream()
                        .map(input -> {
                            Dense values =
                                    Dense.of(
                                            input.type(),
                                            i -> SPECIAL[(i + shift) % SPECIAL.length]);
                            View view = View.allocate(input.type());
                            view.copyFrom(MemorySegment.ofArray(Elements.constant(values).data()));
                            return view;
                        })
                        .toArray(View[]::new);
        View[] outputs =
                Executable.compile(program, pipeline, Backend.current())
                        .run(inputs, new boolean[inputs.length]);
        byte[][] bytes = new byte[outputs.length][];
        for (int i = 0; i < outputs.length; i++) {
            bytes[i] = new byte[Math.toIntExact(outputs[i].type().bytes())];
            outputs[i].copyTo(MemorySegment.ofArray(bytes[i]));
        }
        return bytes;
    }

    @Test
    void onlyExactPassesAreOnByDefault() {
        assertTrue(
                Pipeline.standard().passes().stream()
                        .allMatch(pass -> pass.exactness() == Exactness.EXACT));
        assertTrue(
                Pipeline.relaxed().passes().stream()
                        .anyMatch(pass -> pass.exactness() == Exactness.RELAXED));
    }

    @Test
    void relaxedRulesDropZeros() throws IOException {
        Graph graph = before(GOLDEN.resolve("algebra.txt"));
        assertTrue(Printer.print(Pipeline.standard().run(graph)).contains("add(x"));
        assertFalse(Printer.print(Pipeline.relaxed().run(graph)).contains("add(x"));
        assertFalse(Printer.print(Pipeline.relaxed().run(graph)).contains("mul("));
    }

    @Test
    void passesAreSwitchedOffByName() {
        Pipeline rest = Pipeline.standard().without("simplify");
        assertTrue(rest.passes().stream().noneMatch(pass -> pass.name().equals("simplify")));
        assertFalse(Pipeline.standard().without("fusion").fuse());
        String message =
                assertThrows(GemelException.class, () -> Pipeline.standard().without("dce"))
                        .getMessage();
        assertTrue(message.contains("no dce"), message);
    }

    @Test
    void eachStepTellsItsTimeAndWhetherItChangedTheGraph() throws IOException {
        List<Pipeline.Step> steps = new ArrayList<>();
        Graph graph = before(GOLDEN.resolve("algebra.txt"));
        Graph after = Pipeline.standard().observed(graph, steps::add);
        assertEquals(
                Pipeline.standard().passes().stream().map(Pass::name).toList(),
                steps.stream().map(Pipeline.Step::pass).toList());
        assertTrue(steps.stream().noneMatch(step -> step.time().isNegative()));
        assertTrue(steps.stream().anyMatch(Pipeline.Step::changed));
        assertFalse(steps.getFirst().changed());
        assertSame(graph, steps.getFirst().before());
        assertSame(after, steps.getLast().after());
        assertTrue(steps.getFirst().toString().startsWith("merge-duplicates"));
    }

    @Test
    void aPassThatBreaksTheGraphIsCaught() throws IOException {
        Pass broken =
                new Pass() {
                    @Override
                    public String name() {
                        return "broken";
                    }

                    @Override
                    public Exactness exactness() {
                        return Exactness.EXACT;
                    }

                    @Override
                    public Graph run(Graph graph) {
                        return new Graph(graph.inputs(), graph.outputs().reversed());
                    }
                };
        Graph graph = before(GOLDEN.resolve("algebra.txt"));
        Pipeline pipeline = new Pipeline(List.of(broken), false, false);
        String message = assertThrows(GemelException.class, () -> pipeline.run(graph)).getMessage();
        assertTrue(message.startsWith("pass broken: expects"), message);
    }

    @Test
    void relaxedRulesFindWhatOtherRulesLeave() {
        Graph graph =
                Parser.parse(
                        """
                        graph(x: f32[8]) {
                          %0 = fill() value=3.0 : f32[]
                          %1 = div(x, %0) : f32[8]
                          %2 = fill() value=0.5 : f32[]
                          %3 = mul(%2, %1) : f32[8]
                          return %3
                        }\
                        """);
        String relaxed = Printer.brief(Pipeline.relaxed().run(graph));
        assertFalse(relaxed.contains("div("), relaxed);
        assertEquals(1, relaxed.split("mul\\(", -1).length - 1, relaxed);
        assertTrue(Printer.brief(Pipeline.standard().run(graph)).contains("div("));
    }
}
