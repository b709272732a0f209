package org.gemel.compiler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
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
/// `-Dgolden.update=true` writes the files anew.
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
        if (Boolean.getBoolean("golden.update")) {
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
}
