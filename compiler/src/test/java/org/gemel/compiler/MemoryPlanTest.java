package org.gemel.compiler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.gemel.DType;
import org.gemel.TensorType;
import org.gemel.backend.Backend;
import org.gemel.backend.View;
import org.gemel.ir.Elements;
import org.gemel.ir.Graph;
import org.gemel.ir.Node;
import org.gemel.ir.Printer;
import org.gemel.op.Binary;
import org.gemel.op.Dense;
import org.gemel.op.MatMul;
import org.gemel.op.Permute;
import org.gemel.op.Primitive;
import org.gemel.op.Reduce;
import org.gemel.op.Unary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The arena: what is alive at the same time never shares bytes, whatever the graph.
class MemoryPlanTest {
    static IntStream seeds() {
        return IntStream.range(0, 60);
    }

    private static boolean together(MemoryPlan.Range a, MemoryPlan.Range b) {
        return a.born() <= b.dies() && b.born() <= a.dies();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatIsAliveTogetherLiesApart(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<MemoryPlan.Range> ranges = new ArrayList<>();
        for (int i = random.nextInt(1, 40); i > 0; i--) {
            int born = random.nextInt(30);
            long bytes = random.nextInt(4) == 0 ? 0 : random.nextLong(1, 5000);
            ranges.add(new MemoryPlan.Range(bytes, born, born + random.nextInt(12)));
        }
        MemoryPlan plan = MemoryPlan.of(ranges);
        for (int i = 0; i < ranges.size(); i++) {
            long from = plan.offsets()[i];
            long to = from + ranges.get(i).bytes();
            assertEquals(0, from % 64, "aligned");
            assertTrue(from >= 0 && to <= plan.bytes(), "inside");
            for (int j = 0; j < i; j++) {
                long otherFrom = plan.offsets()[j];
                long otherTo = otherFrom + ranges.get(j).bytes();
                assertTrue(
                        !together(ranges.get(i), ranges.get(j))
                                || to <= otherFrom
                                || otherTo <= from,
                        "seed %d: %s and %s overlap".formatted(seed, ranges.get(i), ranges.get(j)));
            }
        }
        assertTrue(plan.lowerBound() <= plan.bytes() && plan.bytes() <= plan.total());
    }

    @Test
    void noTemporariesTakeNoMemory() {
        assertEquals(0, MemoryPlan.of(List.of()).bytes());
    }

    private static final TensorType SQUARE = TensorType.of(DType.F32, 8, 8);

    /// A program of random operations on squares, of which some states are updated.
    private static Program random(SplittableRandom random) {
        List<Node.Input> inputs =
                IntStream.range(0, 3).mapToObj(i -> new Node.Input("s" + i, SQUARE)).toList();
        List<Node> values = new ArrayList<>(inputs);
        int count = random.nextInt(4, 24);
        while (values.size() < count) {
            Node a = values.get(random.nextInt(values.size()));
            Node b = values.get(random.nextInt(values.size()));
            values.add(
                    switch (random.nextInt(6)) {
                        case 0 -> apply(MatMul.MATMUL, a, b);
                        case 1 -> apply(new Permute(List.of(1, 0)), a);
                        case 2 ->
                                apply(
                                        Binary.SUB,
                                        a,
                                        apply(new Reduce(Reduce.Kind.MAX, List.of(1)), b));
                        case 3 -> apply(Unary.TANH, a);
                        case 4 -> apply(Binary.MUL, a, b);
                        default -> apply(Binary.ADD, a, b);
                    });
        }
        List<Node> outputs = new ArrayList<>();
        outputs.add(values.getLast());
        outputs.add(values.get(random.nextInt(values.size())));
        List<Integer> updates = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            if (random.nextInt(3) > 0) {
                updates.add(i);
                outputs.add(values.get(random.nextInt(values.size())));
            }
        }
        return new Program(new Graph(inputs, outputs), updates);
    }

    private static Node apply(Primitive op, Node... operands) {
        return Node.Apply.of(op, List.of(operands), Optional.empty());
    }

    private static List<byte[]> run(Executable executable, int inputs, boolean overwrite) {
        View[] views = new View[inputs];
        boolean[] exclusive = new boolean[inputs];
        for (int i = 0; i < inputs; i++) {
            int seed = i + 1;
            Dense values = Dense.of(SQUARE, k -> Math.sin(seed * 3.7 + k));
            views[i] = View.allocate(SQUARE);
            views[i].copyFrom(MemorySegment.ofArray(Elements.constant(values).data()));
            exclusive[i] = overwrite;
        }
        List<byte[]> contents = new ArrayList<>();
        for (View output : executable.run(views, exclusive)) {
            byte[] content = new byte[Math.toIntExact(output.type().bytes())];
            output.copyTo(MemorySegment.ofArray(content));
            contents.add(content);
        }
        return contents;
    }

    // With every operation a kernel of its own that writes memory of its own, nothing is shared:
    // the graph whose values are all outputs says what each of them is.
    @ParameterizedTest
    @MethodSource("seeds")
    void sharedMemoryAndUpdatesInPlaceChangeNoBit(int seed) {
        Program program = random(new SplittableRandom(seed));
        Graph graph = program.graph();
        List<Node> all = new ArrayList<>(graph.outputs());
        graph.nodes().stream().filter(Node.Apply.class::isInstance).forEach(all::add);
        Program apart = new Program(new Graph(graph.inputs(), all), List.of());
        int inputs = graph.inputs().size();
        Backend backend = Backend.current();
        List<byte[]> expected =
                run(
                                Executable.lowered(apart, false, Schedule.Machine.SERIAL, backend),
                                inputs,
                                false)
                        .subList(0, graph.outputs().size());
        // As if every kernel took long enough to run beside others.
        Schedule.Machine wide = new Schedule.Machine(3, _ -> 10);
        for (Executable executable :
                List.of(
                        Executable.compile(program, Pipeline.none(), backend),
                        Executable.compile(program, Pipeline.standard(), backend),
                        Executable.lowered(program, false, wide, backend),
                        Executable.lowered(program, true, wide, backend))) {
            for (boolean overwrite : new boolean[] {false, true, true}) {
                List<byte[]> found = run(executable, inputs, overwrite);
                for (int i = 0; i < expected.size(); i++) {
                    assertArrayEquals(
                            expected.get(i),
                            found.get(i),
                            "seed %d, output %d of %s\n%s"
                                    .formatted(
                                            seed, i, Printer.print(graph), executable.listing()));
                }
            }
        }
    }
}
