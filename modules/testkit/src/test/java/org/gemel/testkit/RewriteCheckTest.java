package org.gemel.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.gemel.DType;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.ir.Graph;
import org.gemel.ir.Node;
import org.gemel.ir.Recorder;
import org.gemel.op.Binary;
import org.gemel.op.Unary;
import org.junit.jupiter.api.Test;

class RewriteCheckTest {
    private static final List<TensorType> TYPES =
            List.of(TensorType.of(DType.F32, 5), TensorType.of(DType.F32, 5));

    private static Graph graph(UnaryOperator<List<Tensor>> body) {
        return Recorder.capture(TYPES, body);
    }

    private static UnaryOperator<Graph> replacing(Binary op, Binary other, boolean swapped) {
        return graph ->
                graph.map((node, inputs) ->
                        Node.Apply.of(
                                node.op() == op ? other : node.op(),
                                swapped ? inputs.reversed() : inputs,
                                node.source()));
    }

    @Test
    void aRewriteThatKeepsEveryBitPasses() {
        Graph sum = graph(in -> List.of(in.get(0).add(in.get(1))));
        Graph after = RewriteCheck.exact().check(sum, replacing(Binary.ADD, Binary.ADD, true));
        assertEquals(1, after.outputs().size());
    }

    @Test
    void aRewriteThatChangesTheMeaningIsCaught() {
        Graph sum = graph(in -> List.of(in.get(0).add(in.get(1))));
        var error =
                assertThrows(
                        AssertionError.class,
                        () ->
                                RewriteCheck.relaxed(1000)
                                        .check(sum, replacing(Binary.ADD, Binary.MUL, false)));
        assertTrue(error.getMessage().endsWith("(seed 1)"), error.getMessage());
    }

    @Test
    void theSignOfZeroIsABit() {
        Graph plusZero = graph(in -> List.of(in.get(0).add(0)));
        UnaryOperator<Graph> dropped =
                graph -> new Graph(graph.inputs(), List.of(graph.inputs().getFirst()));
        assertThrows(AssertionError.class, () -> RewriteCheck.exact().check(plusZero, dropped));
        RewriteCheck.relaxed(0).check(plusZero, dropped);
    }

    @Test
    void roundingDifferentlyIsWithinUlps() {
        Graph root = graph(in -> List.of(in.get(0).abs().sqrt().reciprocal()));
        UnaryOperator<Graph> joined =
                graph -> {
                    Node x = graph.inputs().getFirst();
                    Node abs = Node.Apply.of(Unary.ABS, List.of(x), Optional.empty());
                    Node rsqrt = Node.Apply.of(Unary.RSQRT, List.of(abs), Optional.empty());
                    return new Graph(graph.inputs(), List.of(rsqrt));
                };
        RewriteCheck.relaxed(2).check(root, joined);
        assertThrows(AssertionError.class, () -> RewriteCheck.relaxed(0).check(root, joined));
    }
}
