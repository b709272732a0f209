package org.gemel.ir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.gemel.Convolution;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.ir.Lowered.Place;
import org.gemel.ir.Lowered.Step;
import org.gemel.ir.Region.Loop;
import org.gemel.op.Conv;
import org.gemel.op.Dense;
import org.gemel.op.Pointwise;
import org.gemel.op.Primitive;
import org.gemel.op.Reduce;
import org.gemel.op.Windows;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PartitionTest {
    private static TensorType f32(int... dims) {
        return TensorType.of(DType.F32, dims);
    }

    private static Graph graph(UnaryOperator<List<Tensor>> body, TensorType... types) {
        return Recorder.capture(List.of(types), body);
    }

    private static List<Loop> loops(Lowered lowered) {
        return lowered.steps().stream().map(step -> step.region().loop()).toList();
    }

    private static List<String> labels(Step step) {
        return step.region().graph().nodes().stream()
                .filter(Node.Apply.class::isInstance)
                .map(node -> ((Node.Apply) node).op().label())
                .filter(label -> !label.equals("fill"))
                .toList();
    }

    // ---- which nodes join

    @Test
    void softmaxIsOneKernelOverRows() {
        Graph graph = graph(in -> List.of(in.getFirst().softmax(1)), f32(8, 10));
        Lowered lowered = check(graph, true);
        assertEquals(List.of(Loop.ROWS), loops(lowered));
        Step step = lowered.steps().getFirst();
        assertEquals(Shape.of(8, 10), step.region().space());
        assertEquals(List.of("max", "sub", "exp", "sum", "reciprocal", "mul"), labels(step));
        assertEquals(1, step.inputs().size());
    }

    @Test
    void aLayerIsOneProductWithItsEpilogue() {
        Graph graph =
                graph(
                        in -> List.of(in.get(0).matmul(in.get(1)).add(in.get(2)).relu()),
                        f32(8, 3),
                        f32(3, 4),
                        f32(4));
        Lowered lowered = check(graph, true);
        assertEquals(List.of(Loop.CALL), loops(lowered));
        assertEquals(List.of("matmul", "add", "relu"), labels(lowered.steps().getFirst()));
    }

    @Test
    void aConvolutionIsOneKernelWithWhatFollowsEachElement() {
        Graph graph =
                graph(
                        in -> {
                            Tensor y = in.get(0).conv2d(in.get(1), in.get(2), Convolution.of());
                            return List.of(y.add(in.get(3)).relu());
                        },
                        f32(2, 3, 6, 5),
                        f32(4, 3, 3, 3),
                        f32(4),
                        f32(2, 4, 4, 3));
        Lowered lowered = check(graph, true);
        assertEquals(List.of(Loop.CALL), loops(lowered));
        assertEquals(List.of("conv", "add", "add", "relu"), labels(lowered.steps().getFirst()));
    }

    @Test
    void aCotangentOfAConvolutionsWeightStandsAlone() {
        Windows one =
                new Windows(List.of(6), List.of(4), List.of(3), List.of(1), List.of(0), List.of(1));
        Graph graph =
                graph(
                        in ->
                                List.of(
                                        Tensor.apply(new Conv(Conv.Kind.WEIGHT, one, 1), in)
                                                .getFirst()
                                                .neg()),
                        f32(2, 3, 6),
                        f32(2, 4, 4));
        assertEquals(List.of(Loop.CALL, Loop.ELEMENTS), loops(check(graph, true)));
    }

    private static Tensor along(Tensor x) {
        return x.reduce(new Reduce(Reduce.Kind.SUM, List.of(1)));
    }

    @Test
    void gradientsOfRowsAndOfTheirScaleAreOneKernel() {
        Graph graph =
                graph(
                        in -> {
                            Tensor unit = in.get(0).sub(along(in.get(0)));
                            Tensor g = in.get(1);
                            return List.of(unit.mul(g), unit.mul(g).sum(0), g.sum(0));
                        },
                        f32(8, 4),
                        f32(8, 4));
        Lowered lowered = check(graph, true);
        assertEquals(List.of(Loop.ROWS), loops(lowered));
        assertEquals(3, lowered.steps().getFirst().outputs().size());
    }

    @Test
    void whatWaitsForAllRowsStandsAlone() {
        Graph graph =
                graph(
                        in -> {
                            Tensor unit = in.get(0).div(along(in.get(0)));
                            return List.of(unit.sub(unit.sum(0)));
                        },
                        f32(8, 8));
        assertEquals(List.of(Loop.ROWS, Loop.ELEMENTS), loops(check(graph, true)));
    }

    @Test
    void aBiasGradientIsOneKernelOverColumns() {
        Graph graph =
                graph(
                        in -> {
                            Tensor g = in.get(0);
                            Tensor masked = Tensor.where(in.get(1).gt(0), g, g.zerosLike());
                            return List.of(masked.sum(0));
                        },
                        f32(8, 4),
                        f32(8, 4));
        Lowered lowered = check(graph, true);
        assertEquals(List.of(Loop.COLUMNS), loops(lowered));
        assertEquals(List.of("gt", "where", "sum"), labels(lowered.steps().getFirst()));
    }

    @Test
    void whatAProductStandsBetweenDoesNotJoin() {
        // c reads a directly and through the product: joining both would wait for itself
        Graph graph =
                graph(
                        in -> {
                            Tensor a = in.getFirst().exp();
                            Tensor m = a.matmul(a);
                            return List.of(a.add(m).relu());
                        },
                        f32(4, 4));
        Lowered lowered = check(graph, true);
        assertEquals(List.of(Loop.ELEMENTS, Loop.CALL), loops(lowered));
        assertEquals(List.of("exp"), labels(lowered.steps().get(0)));
        assertEquals(List.of("matmul", "add", "relu"), labels(lowered.steps().get(1)));
    }

    @Test
    void aViewOfAValueStandsBetweenToo() {
        Graph graph =
                graph(
                        in -> {
                            Tensor a = in.getFirst().exp();
                            return List.of(a.add(a.transpose()));
                        },
                        f32(3, 3));
        Lowered lowered = check(graph, true);
        assertEquals(List.of(Loop.ELEMENTS, Loop.ELEMENTS), loops(lowered));
    }

    @Test
    void otherShapesDoNotJoin() {
        Graph graph = graph(in -> List.of(in.get(0).exp().add(in.get(1).exp())), f32(8, 4), f32(4));
        Lowered lowered = check(graph, true);
        assertEquals(List.of(Loop.ELEMENTS, Loop.ELEMENTS), loops(lowered));
    }

    @Test
    void withoutJoiningEveryOperationIsARegion() {
        Graph graph = graph(in -> List.of(in.getFirst().softmax(1)), f32(8, 10));
        Lowered lowered = check(graph, false);
        assertEquals(
                List.of(
                        Loop.ROWS,
                        Loop.ELEMENTS,
                        Loop.ELEMENTS,
                        Loop.ROWS,
                        Loop.ELEMENTS,
                        Loop.ELEMENTS),
                loops(lowered));
    }

    @Test
    void reductionsThatNoLoopFitsAreCalls() {
        TensorType cube = f32(2, 3, 4);
        Graph middle = graph(in -> List.of(in.getFirst().sum(1)), cube);
        assertEquals(List.of(Loop.CALL), loops(check(middle, true)));
        Graph tail = graph(in -> List.of(in.getFirst().sum(1, 2)), cube);
        assertEquals(List.of(Loop.ROWS), loops(check(tail, true)));
        Graph head = graph(in -> List.of(in.getFirst().sum(0, 1)), cube);
        assertEquals(List.of(Loop.COLUMNS), loops(check(head, true)));
        Graph large = graph(in -> List.of(in.getFirst().sum(1)), f32(1, Reduce.BLOCK + 1));
        assertEquals(List.of(Loop.CALL), loops(Partition.of(large, true)));
        Graph one = graph(in -> List.of(in.getFirst().exp().sum(1)), f32(5, 1));
        assertEquals(2, check(one, true).steps().size());
    }

    @Test
    void aLongChainIsCutBeforeItIsTooLarge() {
        Graph graph =
                graph(
                        in -> {
                            Tensor x = in.getFirst();
                            for (int i = 0; i < 60; i++) {
                                x = x.neg();
                            }
                            return List.of(x);
                        },
                        f32(7));
        Lowered lowered = check(graph, true);
        assertEquals(2, lowered.steps().size());
    }

    // ---- movement and constants

    @Test
    void aTransposedOperandIsReadInPlace() {
        Graph graph =
                graph(in -> List.of(in.get(0).matmul(in.get(1).transpose())), f32(8, 3), f32(4, 3));
        Lowered lowered = check(graph, true);
        assertEquals(List.of(Loop.CALL), loops(lowered));
        Region region = lowered.steps().getFirst().region();
        assertEquals(new Layout(0, List.of(1L, 3L)), region.layouts().get(1));
        assertEquals(Shape.of(3, 4), region.graph().inputs().get(1).type().shape());
    }

    @Test
    void anOutputThatIsAViewNeedsNoKernel() {
        Graph graph = graph(in -> List.of(in.getFirst().slice(0, 1, 3, 1).transpose()), f32(4, 5));
        Lowered lowered = check(graph, true);
        assertEquals(List.of(), lowered.steps());
        Place place = lowered.outputs().getFirst();
        assertEquals(graph.inputs().getFirst(), place.base());
        assertEquals(new Layout(5, List.of(1L, 5L)), place.layout());
    }

    @Test
    void aReshapeThatMustCopyIsAStep() {
        Graph graph = graph(in -> List.of(in.getFirst().transpose().reshape(20)), f32(4, 5));
        Lowered lowered = check(graph, true);
        assertEquals(List.of(Loop.CALL), loops(lowered));
    }

    @Test
    void numbersAreImmediate() {
        Graph graph = graph(in -> List.of(in.getFirst().mul(2).add(1)), f32(4));
        Lowered lowered = check(graph, true);
        assertEquals(1, lowered.steps().size());
        assertEquals(1, lowered.steps().getFirst().inputs().size());
    }

    @Test
    void layoutsOfInputsAreKept() {
        Graph graph = graph(in -> List.of(in.getFirst().exp()), f32(3, 2));
        Layout columns = new Layout(0, List.of(1L, 3L));
        Lowered lowered = Partition.of(graph, List.of(columns), true);
        assertEquals(columns, lowered.steps().getFirst().region().layouts().getFirst());
    }

    // ---- any graph: every value is there before it is read, and has the same bits

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18})
    void aCutGraphComputesWhatTheWholeOneDoes(long seed) {
        for (int round = 0; round < 60; round++) {
            Random random = new Random(seed * 1000 + round);
            Graph graph = graph(in -> draw(random, in), f32(4, 4), f32(4, 1), f32(1, 4), f32(4));
            try {
                check(graph, true);
                check(graph, false);
            } catch (RuntimeException | AssertionError failure) {
                throw new AssertionError("seed " + seed + ", round " + round, failure);
            }
        }
    }

    private static List<Tensor> draw(Random random, List<Tensor> inputs) {
        List<Tensor> made = new ArrayList<>(inputs);
        for (int i = 0; i < 14; i++) {
            Tensor a = made.get(random.nextInt(made.size()));
            Tensor b = made.get(Math.max(0, made.size() - 1 - random.nextInt(4)));
            boolean matrices = a.shape().rank() == 2 && b.shape().rank() == 2;
            made.add(
                    switch (random.nextInt(9)) {
                        case 0 -> a.relu();
                        case 1 -> b.mul(0.5);
                        case 2, 3 -> a.add(b);
                        case 4 -> a.sub(b);
                        case 5 -> a.reduce(new Reduce(Reduce.Kind.SUM, List.of(0)));
                        case 6 ->
                                b.reduce(
                                        new Reduce(Reduce.Kind.MAX, List.of(b.shape().rank() - 1)));
                        case 7 -> matrices ? a.transpose() : a.neg();
                        default ->
                                matrices && a.shape().dim(1) == b.shape().dim(0)
                                        ? a.matmul(b)
                                        : b.slice(-1, 0, 1, 1);
                    });
        }
        return made.subList(made.size() - 3, made.size());
    }

    // Runs the steps and the whole graph by the reference meanings, and checks the regions' form.
    private static Lowered check(Graph graph, boolean join) {
        Lowered lowered = Partition.of(graph, join);
        Map<Node, Dense> whole = new IdentityHashMap<>();
        for (int i = 0; i < graph.inputs().size(); i++) {
            int salt = i;
            TensorType type = graph.inputs().get(i).type();
            whole.put(graph.inputs().get(i), Dense.of(type, j -> (j * 7 + salt) % 5 - 2));
        }
        Map<Node, Dense> memory = new IdentityHashMap<>(whole);
        evaluate(graph, whole);
        for (Node node : graph.nodes()) {
            if (node instanceof Node.Constant) {
                memory.put(node, whole.get(node));
            }
        }
        for (Step step : lowered.steps()) {
            checkForm(step.region());
            Map<Node, Dense> local = new IdentityHashMap<>();
            List<Node.Input> inputs = step.region().graph().inputs();
            for (int i = 0; i < inputs.size(); i++) {
                local.put(inputs.get(i), read(step.inputs().get(i), inputs.get(i).type(), memory));
            }
            evaluate(step.region().graph(), local);
            List<Node> results = step.region().graph().outputs();
            for (int i = 0; i < results.size(); i++) {
                memory.put(step.outputs().get(i), local.get(results.get(i)));
            }
        }
        for (int i = 0; i < graph.outputs().size(); i++) {
            Node output = graph.outputs().get(i);
            Dense found = read(lowered.outputs().get(i), output.type(), memory);
            assertEquals(values(whole.get(output)), values(found), "output " + i);
        }
        return lowered;
    }

    private static List<Double> values(Dense dense) {
        return IntStream.range(0, dense.size()).mapToObj(dense::real).toList();
    }

    private static Dense read(Place place, TensorType type, Map<Node, Dense> memory) {
        Dense base = memory.get(place.base());
        assertNotNull(base, "read before it is made: " + place);
        Shape shape = type.shape();
        return Dense.gathered(
                type,
                base,
                i -> {
                    long at = place.layout().offset();
                    int rest = i;
                    for (int axis = shape.rank() - 1; axis >= 0; axis--) {
                        at += rest % shape.dim(axis) * place.layout().strides().get(axis);
                        rest /= shape.dim(axis);
                    }
                    return at;
                });
    }

    private static void evaluate(Graph graph, Map<Node, Dense> values) {
        for (Node node : graph.nodes()) {
            switch (node) {
                case Node.Input input -> assertNotNull(values.get(input), "no input " + input);
                case Node.Constant(var type, var data) -> {
                    ByteBuffer bytes = ByteBuffer.wrap(data).order(ByteOrder.nativeOrder());
                    values.put(node, Dense.of(type, i -> bytes.getFloat(4 * i)));
                }
                case Node.Apply(Primitive op, var operands, _, _) ->
                        values.put(node, op.reference(operands.stream().map(values::get).toList()));
            }
        }
    }

    private static void checkForm(Region region) {
        assertEquals(region.graph().inputs().size(), region.layouts().size());
        for (Node node : region.graph().nodes()) {
            if (!(node instanceof Node.Apply(var op, _, var type, _))
                    || op.label().equals("fill")) {
                continue;
            }
            boolean whole = type.shape().equals(region.space());
            switch (region.loop()) {
                case ELEMENTS -> assertTrue(op instanceof Pointwise && whole, op + " in ELEMENTS");
                case ROWS -> assertTrue(whole || isReduced(type.shape(), region), op + " in ROWS");
                case COLUMNS ->
                        assertTrue(
                                op instanceof Pointwise
                                        ? whole
                                        : region.graph().outputs().contains(node),
                                op + " in COLUMNS");
                case CALL -> assertTrue(whole, op + " in CALL");
            }
        }
    }

    private static boolean isReduced(Shape shape, Region region) {
        return shape.rank() == region.space().rank()
                && IntStream.range(0, shape.rank())
                        .allMatch(axis ->
                                shape.dim(axis) == 1
                                        || shape.dim(axis) == region.space().dim(axis));
    }
}
