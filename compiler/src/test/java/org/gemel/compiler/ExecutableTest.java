package org.gemel.compiler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.gemel.DType;
import org.gemel.GemelException;
import org.gemel.TensorType;
import org.gemel.backend.Backend;
import org.gemel.backend.Counters;
import org.gemel.backend.View;
import org.gemel.ir.Elements;
import org.gemel.ir.Graph;
import org.gemel.ir.Node;
import org.gemel.ir.Parser;
import org.gemel.ir.ReferenceEvaluator;
import org.gemel.op.Dense;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Compiled programs against the reference evaluator, with the memory they may and may not touch.
class ExecutableTest {
    /// A program of inputs `a`, `b` and `c`, f32[5, 5] each.
    record Case(String name, String body, List<Integer> updates) {
        Program program() {
            String text = "graph(a: f32[5, 5], b: f32[5, 5], c: f32[5, 5]) {\n" + body + "\n}";
            return new Program(Parser.parse(text), updates);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> cases() {
        return List.of(
                new Case("an input is an output", "return a", List.of()),
                new Case(
                        "a constant is an output",
                        "%0 = constant(1.0, 2.0) : f32[2]\n return %0, %0",
                        List.of()),
                new Case(
                        "a fill is an output",
                        "%0 = fill() value=3.0 : f32[7]\n return %0",
                        List.of()),
                new Case(
                        "one node is two outputs",
                        "%0 = add(a, b) : f32[5, 5]\n return %0, %0",
                        List.of()),
                new Case(
                        "a view of an output is an output",
                        """
                        %0 = add(a, b) : f32[5, 5]
                        %1 = permute(%0) order=[1, 0] : f32[5, 5]
                        %2 = slice(%0) starts=[1, 4] steps=[2, -1] : f32[2, 3]
                        %3 = reshape(%0) : f32[25]
                        return %1, %0, %2, %3\
                        """,
                        List.of()),
                new Case(
                        "views of an input are outputs",
                        """
                        %1 = permute(a) order=[1, 0] : f32[5, 5]
                        %2 = slice(a) starts=[1, 0] steps=[1, 1] : f32[1, 5]
                        %3 = expand(%2) : f32[4, 5]
                        return %1, %2, %3\
                        """,
                        List.of()),
                new Case(
                        "a chain with temporaries",
                        """
                        %0 = matmul(a, b) : f32[5, 5]
                        %1 = relu(%0) : f32[5, 5]
                        %2 = matmul(%1, a) : f32[5, 5]
                        %3 = sum(%2) axes=[1] : f32[5, 1]
                        %4 = sub(%2, %3) : f32[5, 5]
                        %5 = sum(%4) axes=[0] : f32[1, 5]
                        %6 = matmul(%4, %1) : f32[5, 5]
                        return %5, %6\
                        """,
                        List.of()),
                new Case(
                        "an update and a result",
                        """
                        %0 = fill() value=0.5 : f32[]
                        %1 = mul(b, %0) : f32[5, 5]
                        %2 = sub(a, %1) : f32[5, 5]
                        %3 = sum(b) axes=[0, 1] : f32[1, 1]
                        return %3, %2\
                        """,
                        List.of(0)),
                new Case(
                        "an update that reads its state elsewhere",
                        """
                        %0 = permute(a) order=[1, 0] : f32[5, 5]
                        %1 = add(a, %0) : f32[5, 5]
                        return %1\
                        """,
                        List.of(0)),
                new Case(
                        "an update by a product with itself",
                        "%0 = matmul(a, a) : f32[5, 5]\n return %0",
                        List.of(0)),
                new Case(
                        "a state read after its update was computed",
                        """
                        %0 = neg(a) : f32[5, 5]
                        %1 = matmul(%0, a) : f32[5, 5]
                        return %1, %0\
                        """,
                        List.of(0)),
                new Case(
                        "states updated by what follows a product",
                        """
                        %0 = matmul(c, c) : f32[5, 5]
                        %1 = sub(a, %0) : f32[5, 5]
                        %2 = mul(b, %1) : f32[5, 5]
                        return %1, %2\
                        """,
                        List.of(0, 1)),
                new Case(
                        "a state that is a factor and follows the product",
                        """
                        %0 = matmul(a, b) : f32[5, 5]
                        %1 = sub(a, %0) : f32[5, 5]
                        return %1\
                        """,
                        List.of(0)),
                new Case(
                        "a state becomes the product, which others follow",
                        """
                        %0 = matmul(b, c) : f32[5, 5]
                        %1 = add(a, %0) : f32[5, 5]
                        return %1, %0\
                        """,
                        List.of(0)),
                new Case("two states swap", "return b, a", List.of(0, 1)),
                new Case(
                        "two states swap and change",
                        """
                        %0 = neg(a) : f32[5, 5]
                        %1 = neg(b) : f32[5, 5]
                        return %1, %0\
                        """,
                        List.of(0, 1)),
                new Case("a state stays", "%0 = neg(a) : f32[5, 5]\n return %0, a", List.of(0)),
                new Case(
                        "the old state is a result",
                        "%0 = neg(a) : f32[5, 5]\n return a, %0",
                        List.of(0)),
                new Case(
                        "the new state is a result",
                        "%0 = neg(a) : f32[5, 5]\n return %0, %0",
                        List.of(0)));
    }

    private static View view(Dense values) {
        View view = View.allocate(values.type());
        byte[] data = Elements.constant(values).data();
        view.copyFrom(MemorySegment.ofArray(data));
        return view;
    }

    private static Dense dense(View view) {
        return Elements.read(new Node.Constant(view.type(), bytes(view)));
    }

    private static byte[] bytes(View view) {
        byte[] data = new byte[Math.toIntExact(view.type().bytes())];
        view.copyTo(MemorySegment.ofArray(data));
        return data;
    }

    private static List<Dense> samples(Graph graph) {
        List<Dense> samples = new ArrayList<>();
        for (Node.Input input : graph.inputs()) {
            int seed = samples.size() + 1;
            samples.add(Dense.of(input.type(), i -> Math.sin(seed * 7.3 + i * 1.7)));
        }
        return samples;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void outputsAreTheReferences(Case test) {
        Program program = test.program();
        List<Dense> samples = samples(program.graph());
        List<Dense> expected = ReferenceEvaluator.run(program.graph(), samples);
        for (Pipeline pipeline : List.of(Pipeline.none(), Pipeline.standard())) {
            for (boolean overwrite : new boolean[] {false, true}) {
                Executable executable = Executable.compile(program, pipeline, Backend.current());
                View[] inputs = samples.stream().map(ExecutableTest::view).toArray(View[]::new);
                boolean[] exclusive = new boolean[inputs.length];
                Arrays.fill(exclusive, overwrite);
                View[] outputs = executable.run(inputs, exclusive);
                assertEquals(expected.size(), outputs.length);
                for (int i = 0; i < outputs.length; i++) {
                    Dense actual = dense(outputs[i]);
                    assertEquals(expected.get(i).type(), actual.type());
                    for (int j = 0; j < actual.size(); j++) {
                        assertEquals(expected.get(i).real(j), actual.real(j), 1e-5, test.name());
                    }
                }
                for (int i = 0; i < inputs.length; i++) {
                    if (!overwrite || !Arrays.asList(outputs).contains(inputs[i])) {
                        assertArrayEquals(
                                Elements.constant(samples.get(i)).data(), bytes(inputs[i]));
                    }
                }
            }
        }
    }

    private static Executable compile(String text, List<Integer> updates) {
        return Executable.compile(
                new Program(Parser.parse(text), updates), Pipeline.standard(), Backend.current());
    }

    @Test
    void anExclusiveStateIsUpdatedInItsPlace() {
        Executable step =
                compile(
                        """
                        graph(w: f32[9], g: f32[9]) {
                          %0 = sub(w, g) : f32[9]
                          return %0
                        }\
                        """,
                        List.of(0));
        TensorType type = TensorType.of(DType.F32, 9);
        View w = view(Dense.of(type, i -> i));
        View g = view(Dense.of(type, i -> 1));
        long before = Counters.bytesAllocated();
        step.run(new View[] {w, g}, new boolean[] {true, false});
        long arena = Counters.bytesAllocated() - before;
        assertSame(w, step.run(new View[] {w, g}, new boolean[] {true, false})[0]);
        assertEquals(arena, Counters.bytesAllocated() - before, "a second call allocates");
        assertEquals(6, dense(w).real(8));
        View fresh = step.run(new View[] {w, g}, new boolean[] {false, false})[0];
        assertNotSame(w, fresh);
        assertEquals(6, dense(w).real(8));
        assertEquals(5, dense(fresh).real(8));
        assertTrue(fresh.storage().exclusive());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 20, 600})
    void aStateIsUpdatedInItsPlaceByWhatFollowsAProduct(int k) {
        Executable step =
                compile(
                        """
                        graph(w: f32[70, 33], m: f32[70, 33], x: f32[70, %1$d], y: f32[%1$d, 33]) {
                          %%0 = matmul(x, y) : f32[70, 33]
                          %%1 = add(m, %%0) : f32[70, 33]
                          %%2 = sub(w, %%1) : f32[70, 33]
                          return %%2, %%1
                        }\
                        """
                                .formatted(k),
                        List.of(0, 1));
        assertEquals(1, step.kernels());
        List<View> inputs = new ArrayList<>();
        for (int[] dims : new int[][] {{70, 33}, {70, 33}, {70, k}, {k, 33}}) {
            double scale = 0.1 * (inputs.size() + 1);
            TensorType type = TensorType.of(DType.F32, dims);
            inputs.add(view(Dense.of(type, i -> Math.sin(i * scale))));
        }
        View[] in = inputs.toArray(View[]::new);
        View[] fresh = step.run(in, new boolean[4]);
        View[] placed = step.run(in, new boolean[] {true, true, false, false});
        assertSame(in[0], placed[0]);
        assertSame(in[1], placed[1]);
        assertArrayEquals(bytes(fresh[0]), bytes(placed[0]));
        assertArrayEquals(bytes(fresh[1]), bytes(placed[1]));
    }

    private static final String READ_WHILE_UPDATED =
            """
            graph(w: f32[64, 64], x: f32[64, 64]) {
              %0 = matmul(x, w) : f32[64, 64]
              %1 = matmul(x, x) : f32[64, 64]
              %2 = sub(w, %1) : f32[64, 64]
              return %0, %2
            }\
            """;

    // The product that reads w and the one that updates it take some 10 us each.
    private static Executable sideBySide() {
        Program program = new Program(Parser.parse(READ_WHILE_UPDATED), List.of(0));
        Schedule.Machine two = new Schedule.Machine(2, _ -> 10);
        return Executable.lowered(program, true, two, Backend.current());
    }

    @Test
    void anUpdateIsWrittenBesideWhereThatLetsItsReadersRunMeanwhile() {
        assertTrue(sideBySide().listing().contains("side by side: 1 | 2"), sideBySide()::listing);
        assertTrue(sideBySide().listing().contains("output 1 is written beside w"));
        Program program = new Program(Parser.parse(READ_WHILE_UPDATED), List.of(0));
        Executable serial =
                Executable.lowered(program, true, Schedule.Machine.SERIAL, Backend.current());
        assertTrue(serial.listing().contains("output 1 overwrites w"), serial::listing);
    }

    @Test
    void updatesBesideTakeTurnsInTwoPlaces() {
        Executable step = sideBySide();
        Executable reference = compile(READ_WHILE_UPDATED, List.of());
        TensorType type = TensorType.of(org.gemel.DType.F32, 64, 64);
        View w = view(Dense.of(type, i -> Math.sin(i)));
        View x = view(Dense.of(type, i -> Math.cos(i * 0.3)));
        View held = w;
        held.retain();
        for (int call = 0; call < 6; call++) {
            // Until the third call somebody holds the first content.
            if (call == 3) {
                held.release();
            }
            View[] expected = reference.run(new View[] {w, x}, new boolean[2]);
            View[] found =
                    step.run(new View[] {w, x}, new boolean[] {w.storage().exclusive(), false});
            assertArrayEquals(bytes(expected[0]), bytes(found[0]));
            assertArrayEquals(bytes(expected[1]), bytes(found[1]));
            assertNotSame(w.storage(), found[1].storage());
            for (View done : new View[] {expected[0], expected[1], found[0], w}) {
                done.release();
            }
            w = found[1];
            if (call >= 3) {
                long before = Counters.bytesAllocated();
                View[] next = step.run(new View[] {w, x}, new boolean[] {true, false});
                assertEquals(
                        type.bytes(), Counters.bytesAllocated() - before, "more than the result");
                next[0].release();
                w.release();
                w = next[1];
            }
        }
    }

    @Test
    void aCheckThatFailsLeavesTheStateAlone() {
        Executable step =
                compile(
                        """
                        graph(w: f32[3], i: i64[2]) {
                          %0 = neg(w) : f32[3]
                          %1 = check_index(i) bound=4 what="test" : i64[2]
                          return %1, %0
                        }\
                        """,
                        List.of(0));
        View w = view(Dense.of(TensorType.of(DType.F32, 3), i -> i + 1));
        View good = view(Dense.of(TensorType.of(DType.I64, 2), i -> 3));
        View bad = view(Dense.of(TensorType.of(DType.I64, 2), i -> 4));
        assertThrows(
                GemelException.class,
                () -> step.run(new View[] {w, bad}, new boolean[] {true, false}));
        assertEquals(3, dense(w).real(2));
        step.run(new View[] {w, good}, new boolean[] {true, false});
    }

    private static final String CUBE =
            """
            graph(x: f32[6, 6]) {
              %0 = matmul(x, x) : f32[6, 6]
              %1 = matmul(%0, x) : f32[6, 6]
              return %1
            }\
            """;

    @Test
    void callsFromManyThreadsDoNotMix() {
        Executable program = compile(CUBE, List.of());
        TensorType type = TensorType.of(DType.F32, 6, 6);
        IntStream.range(0, 64)
                .parallel()
                .forEach(seed -> {
                    View x = view(Dense.of(type, _ -> seed));
                    for (int i = 0; i < 50; i++) {
                        View y = program.run(new View[] {x}, new boolean[] {false})[0];
                        assertEquals(36.0 * seed * seed * seed, dense(y).real(35));
                    }
                });
    }

    @Test
    void theArenaReusesMemory() {
        Executable program =
                compile(
                        """
                        graph(x: f32[16, 16]) {
                          %0 = matmul(x, x) : f32[16, 16]
                          %1 = matmul(%0, x) : f32[16, 16]
                          %2 = matmul(%1, x) : f32[16, 16]
                          %3 = matmul(%2, x) : f32[16, 16]
                          %4 = matmul(%3, x) : f32[16, 16]
                          return %4
                        }\
                        """,
                        List.of());
        assertEquals(5, program.kernels());
        assertEquals(2 * 1024, program.arenaBytes());
        assertEquals(2 * 1024, program.arenaLowerBound());
    }

    @Test
    void aLongPlanRunsInPartsThatTheJitCompiles() {
        StringBuilder text = new StringBuilder("graph(x: f32[3, 3]) {\n");
        String last = "x";
        for (int i = 0; i < 400; i++) {
            text.append("  %%%d = matmul(%s, x) : f32[3, 3]\n".formatted(i, last));
            last = "%" + i;
        }
        Executable program = compile(text + "  return " + last + "\n}", List.of());
        assertEquals(400, program.kernels());
        TensorType type = TensorType.of(DType.F32, 3, 3);
        // A permutation of order 3: its 401st power is its square.
        View x = view(Dense.of(type, i -> (i / 3 + 1) % 3 == i % 3 ? 1 : 0));
        Dense power = dense(program.run(new View[] {x}, new boolean[] {false})[0]);
        for (int i = 0; i < 9; i++) {
            assertEquals((i / 3 + 2) % 3 == i % 3 ? 1 : 0, power.real(i));
        }
    }

    @Test
    void moreThreadsThanFramesDoNotMix() throws InterruptedException {
        Executable program = compile(CUBE, List.of());
        TensorType type = TensorType.of(DType.F32, 6, 6);
        CountDownLatch start = new CountDownLatch(1);
        AtomicInteger wrong = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int seed = 1; seed <= 3 * Frames.MOST; seed++) {
            double value = seed;
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                try {
                                    start.await();
                                } catch (InterruptedException interrupted) {
                                    wrong.incrementAndGet();
                                }
                                View x = view(Dense.of(type, _ -> value));
                                for (int i = 0; i < 300; i++) {
                                    View y = program.run(new View[] {x}, new boolean[1])[0];
                                    if (dense(y).real(35) != 36.0 * value * value * value) {
                                        wrong.incrementAndGet();
                                    }
                                    y.release();
                                }
                            }));
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(0, wrong.get());
    }

    @Test
    void aCallAllocatesItsResultsOnly() {
        Executable program =
                compile(
                        """
                        graph(x: f32[64, 64]) {
                          %0 = matmul(x, x) : f32[64, 64]
                          %1 = matmul(%0, x) : f32[64, 64]
                          %2 = sum(%1) axes=[0, 1] : f32[1, 1]
                          return %2
                        }\
                        """,
                        List.of());
        View x = view(Dense.of(TensorType.of(DType.F32, 64, 64), i -> i % 3));
        program.run(new View[] {x}, new boolean[1]);
        long before = Counters.bytesAllocated();
        program.run(new View[] {x}, new boolean[1]);
        assertEquals(4, Counters.bytesAllocated() - before);
    }

    @Test
    void theListingTellsWhatACallDoes() {
        Executable step =
                compile(
                        """
                        graph(w: f32[4, 4], x: f32[4, 4]) {
                          %0 = matmul(w, x) : f32[4, 4]
                          %1 = matmul(%0, x) : f32[4, 4]
                          %2 = slice(x) starts=[1, 0] steps=[1, 1] : f32[1, 4]
                          %3 = sub(w, %2) : f32[4, 4]
                          return %1, %3
                        }\
                        """,
                        List.of(0));
        assertEquals(
                """
                arena of 64 bytes; no plan needs less than 64, and without sharing it were 64
                1 CALL [4, 4] matmul: w, x -> arena+0
                2 CALL [4, 4] matmul: arena+0, x -> output 0
                3 ELEMENTS [4, 4] sub: w, x+16 -> output 1
                output 1 overwrites w where nothing else holds it\
                """,
                step.listing());
    }
}
