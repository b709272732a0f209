package org.gemel.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.TensorType;
import org.gemel.TypeException;
import org.gemel.ir.Graph;
import org.gemel.ir.Node;
import org.gemel.op.ArgReduce;
import org.gemel.op.Cast;
import org.gemel.op.CheckIndex;
import org.gemel.op.Concat;
import org.gemel.op.Dense;
import org.gemel.op.Determinant;
import org.gemel.op.Expand;
import org.gemel.op.Fill;
import org.gemel.op.Iota;
import org.gemel.op.MatMul;
import org.gemel.op.Pad;
import org.gemel.op.Permute;
import org.gemel.op.Primitive;
import org.gemel.op.Random;
import org.gemel.op.Reduce;
import org.gemel.op.Reshape;
import org.gemel.op.Slice;
import org.gemel.op.Solve;
import org.gemel.op.TriangularSolve;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Operations that are kernels of their own against their reference meaning, on inputs that lie
/// densely and on views.
final class CallTest {
    @RegisterExtension private static final RunningBackend BACKEND = new RunningBackend();

    /// An operation on inputs of some types.
    record Case(Primitive op, List<TensorType> inputs) {}

    static Stream<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (DType dtype : DType.values()) {
            TensorType type = TensorType.of(dtype, 4, 3, 5);
            cases.add(
                    new Case(
                            Pad.around(type.shape(), new int[] {1, 0, 2}, new int[] {0, 1, 3}),
                            List.of(type)));
            cases.add(
                    new Case(
                            new Pad(Shape.of(9, 3, 6), List.of(1, 2, 5), List.of(2, -1, -1)),
                            List.of(type)));
            for (int axis = 0; axis < 3; axis++) {
                TensorType other = type.with(type.shape().with(axis, 2));
                TensorType none = type.with(type.shape().with(axis, 0));
                cases.add(new Case(new Concat(axis), List.of(type, none, other, type)));
            }
            cases.add(new Case(new Fill(TensorType.of(dtype, 7, 11), 1), List.of()));
            cases.add(new Case(new Iota(TensorType.of(dtype, 70)), List.of()));
            // A reshape of what a permutation left strided is a copy.
            cases.add(new Case(new Reshape(Shape.of(60)), List.of(type)));
            cases.add(new Case(new Permute(List.of(2, 0, 1)), List.of(type)));
            cases.add(new Case(new Expand(Shape.of(2, 4, 3, 5)), List.of(type)));
            cases.add(
                    new Case(
                            new Slice(List.of(3, 0, 1), List.of(2, 3, 2), List.of(-2, 1, 2)),
                            List.of(type)));
            if (dtype != DType.BOOL) {
                for (ArgReduce.Kind kind : ArgReduce.Kind.values()) {
                    cases.add(new Case(new ArgReduce(kind, 1), List.of(type)));
                    cases.add(
                            new Case(
                                    new ArgReduce(kind, 0), List.of(TensorType.of(dtype, 300, 2))));
                }
                for (Reduce.Kind kind : Reduce.Kind.values()) {
                    cases.add(
                            new Case(
                                    new Reduce(kind, List.of(0)),
                                    List.of(TensorType.of(dtype, 3, 0))));
                }
                cases.add(
                        new Case(
                                new Reduce(Reduce.Kind.SUM, List.of(1)),
                                List.of(TensorType.of(dtype, 3, 0))));
                cases.add(
                        new Case(
                                new Reduce(Reduce.Kind.PROD, List.of(0)),
                                List.of(TensorType.of(dtype, 0, 2))));
            }
        }
        for (DType dtype : List.of(DType.F32, DType.F64)) {
            TensorType square = TensorType.of(dtype, 2, 3, 5, 5);
            TensorType sides = TensorType.of(dtype, 2, 3, 5, 2);
            cases.add(new Case(Solve.SOLVE, List.of(square, sides)));
            cases.add(new Case(new TriangularSolve(true, false), List.of(square, sides)));
            cases.add(new Case(new TriangularSolve(false, true), List.of(square, sides)));
            for (Determinant op : Determinant.values()) {
                cases.add(new Case(op, List.of(square)));
                cases.add(new Case(op, List.of(TensorType.of(dtype, 3, 0, 0))));
            }
            for (int[][] s :
                    new int[][][] {
                        {{3, 4}, {4, 5}}, {{2, 3, 4}, {4, 5}}, {{3, 4}, {2, 1, 4, 5}},
                        {{2, 1, 3, 4}, {5, 4, 2}}, {{0, 4}, {4, 5}}, {{3, 0}, {0, 5}},
                        {{33, 40}, {40, 50}}
                    }) {
                cases.add(
                        new Case(
                                MatMul.MATMUL,
                                List.of(TensorType.of(dtype, s[0]), TensorType.of(dtype, s[1]))));
            }
        }
        cases.add(new Case(new Random(Shape.of(3, 37)), List.of(TensorType.of(DType.I64, 2))));
        cases.add(new Case(new CheckIndex(100, "pick"), List.of(TensorType.of(DType.I64, 3, 5))));
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheReference(Case each) {
        check(BACKEND.get(), each.op, each.inputs.stream().map(CallTest::samples).toList(), false);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void readsViews(Case each) {
        check(BACKEND.get(), each.op, each.inputs.stream().map(CallTest::samples).toList(), true);
    }

    // As a view, an input is the transpose of its transpose laid out densely.
    static void check(VectorBackend backend, Primitive op, List<Dense> inputs, boolean views) {
        List<Node.Input> nodes = new ArrayList<>();
        List<Node> operands = new ArrayList<>();
        List<Dense> stored = new ArrayList<>();
        for (Dense input : inputs) {
            int rank = input.type().shape().rank();
            if (views && rank >= 2) {
                List<Integer> order = new ArrayList<>();
                for (int d = 0; d < rank; d++) {
                    order.add(rank - 1 - d);
                }
                Permute turn = new Permute(order);
                stored.add(turn.reference(List.of(input)));
                nodes.add(new Node.Input("x", stored.getLast().type()));
                operands.add(Node.Apply.of(turn, List.of(nodes.getLast()), Optional.empty()));
            } else {
                stored.add(input);
                nodes.add(new Node.Input("x", input.type()));
                operands.add(nodes.getLast());
            }
        }
        Node node = applied(op, operands);
        try (Programs programs = new Programs(backend, false)) {
            Dense actual = programs.run(new Graph(nodes, List.of(node)), stored).getFirst();
            Dense expected = op.reference(inputs);
            assertEquals(expected.type(), actual.type());
            for (int i = 0; i < expected.size(); i++) {
                double e = expected.real(i);
                double a = actual.real(i);
                boolean product = op instanceof MatMul;
                double allowed = product ? 1e-5 * Math.max(1, Math.abs(e)) : 0;
                int at = i;
                assertTrue(
                        Math.abs(e - a) <= allowed || Double.compare(e, a) == 0,
                        () -> op + " element " + at + ": " + e + " but " + a);
            }
        }
    }

    // What computes in the wide type alone gets casts before and after it.
    private static Node applied(Primitive op, List<Node> operands) {
        List<Node> wide = new ArrayList<>();
        for (Node operand : operands) {
            DType dtype = operand.type().dtype();
            wide.add(op.widens() && dtype.isNarrow() ? cast(operand, dtype.wide()) : operand);
        }
        Node node = Node.Apply.of(op, wide, Optional.empty());
        DType dtype = op.type(operands.stream().map(Node::type).toList()).dtype();
        return node.type().dtype() == dtype ? node : cast(node, dtype);
    }

    private static Node cast(Node node, DType to) {
        return Node.Apply.of(new Cast(to), List.of(node), Optional.empty());
    }

    @Test
    void rejectsAnIndexOutOfRange() {
        Dense input = Dense.ofLongs(TensorType.of(DType.I64, 5), i -> i == 3 ? 9 : i);
        CheckIndex op = new CheckIndex(9, "pick");
        Node.Input node = new Node.Input("x", input.type());
        Graph graph =
                new Graph(
                        List.of(node), List.of(Node.Apply.of(op, List.of(node), Optional.empty())));
        try (Programs programs = new Programs(BACKEND.get(), false)) {
            TypeException thrown =
                    assertThrows(TypeException.class, () -> programs.run(graph, List.of(input)));
            assertTrue(
                    thrown.getMessage().startsWith("pick: expects indices from 0 to 8, but got 9"),
                    thrown::getMessage);
        }
    }

    private static Dense samples(TensorType type) {
        SplittableRandom random = new SplittableRandom(type.hashCode());
        return switch (type.dtype()) {
            case F32, F64, F16, BF16 ->
                    Dense.of(
                            type,
                            i ->
                                    random.nextInt(40) == 0
                                            ? Double.NaN
                                            : random.nextInt(-20, 20) * 0.125);
            case I32, I64, I8, U8 -> Dense.ofLongs(type, i -> random.nextInt(0, 50));
            case BOOL -> Dense.ofLongs(type, i -> random.nextInt(2));
        };
    }
}
