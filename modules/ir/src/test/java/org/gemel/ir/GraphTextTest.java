package org.gemel.ir;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gemel.DType;
import org.gemel.GemelException;
import org.gemel.Shape;
import org.gemel.SourceLine;
import org.gemel.TensorType;
import org.gemel.op.ArgReduce;
import org.gemel.op.ArgSort;
import org.gemel.op.Binary;
import org.gemel.op.Cast;
import org.gemel.op.CheckIndex;
import org.gemel.op.Cholesky;
import org.gemel.op.Compare;
import org.gemel.op.Concat;
import org.gemel.op.Conv;
import org.gemel.op.Dense;
import org.gemel.op.Determinant;
import org.gemel.op.Eigen;
import org.gemel.op.Expand;
import org.gemel.op.Fill;
import org.gemel.op.Gather;
import org.gemel.op.Iota;
import org.gemel.op.Logical;
import org.gemel.op.MatMul;
import org.gemel.op.Pad;
import org.gemel.op.Permute;
import org.gemel.op.Pool;
import org.gemel.op.Primitive;
import org.gemel.op.Qr;
import org.gemel.op.Random;
import org.gemel.op.Recurrence;
import org.gemel.op.Reduce;
import org.gemel.op.Reshape;
import org.gemel.op.Scan;
import org.gemel.op.Scatter;
import org.gemel.op.Select;
import org.gemel.op.SingularValues;
import org.gemel.op.Slice;
import org.gemel.op.Solve;
import org.gemel.op.TriangularSolve;
import org.gemel.op.Unary;
import org.gemel.op.Windows;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Printer, parser, verifier and reference evaluator of graphs.
class GraphTextTest {
    private static final TensorType X = TensorType.of(DType.F32, 2, 3);

    private static Graph one(Primitive op, TensorType... types) {
        List<Node.Input> inputs = new ArrayList<>();
        for (TensorType type : types) {
            inputs.add(new Node.Input("x" + inputs.size(), type));
        }
        Node node = Node.Apply.of(op, List.copyOf(inputs), Optional.empty());
        return new Graph(inputs, List.of(node));
    }

    static List<Graph> everyOperation() {
        TensorType bool = X.with(DType.BOOL);
        List<Graph> graphs = new ArrayList<>();
        for (Unary op : Unary.values()) {
            graphs.add(one(op, X));
        }
        for (Binary op : Binary.values()) {
            DType dtype = op.accepts(DType.F32) ? DType.F32 : DType.I64;
            graphs.add(one(op, X.with(dtype), TensorType.of(dtype, 3)));
        }
        for (Compare op : Compare.values()) {
            graphs.add(one(op, X, X));
        }
        for (Logical op : Logical.values()) {
            graphs.add(one(op, bool, bool));
        }
        for (DType to : DType.values()) {
            graphs.add(one(new Cast(to), X));
        }
        for (Reduce.Kind kind : Reduce.Kind.values()) {
            graphs.add(one(new Reduce(kind, List.of(0, 1)), X));
        }
        for (ArgReduce.Kind kind : ArgReduce.Kind.values()) {
            graphs.add(one(new ArgReduce(kind, 1), X));
        }
        graphs.add(one(Select.WHERE, bool, X, X));
        graphs.add(one(MatMul.MATMUL, X, TensorType.of(DType.F32, 3, 4)));
        TensorType square = TensorType.of(DType.F32, 2, 2);
        graphs.add(one(Cholesky.CHOLESKY, square));
        graphs.add(one(Solve.SOLVE, square, X));
        graphs.add(one(new TriangularSolve(true, false), square, X));
        graphs.add(one(new TriangularSolve(false, true), square, X));
        for (Determinant op : Determinant.values()) {
            graphs.add(one(op, square));
        }
        for (Qr op : Qr.values()) {
            graphs.add(one(op, square));
        }
        for (Eigen op : Eigen.values()) {
            graphs.add(one(op, square));
        }
        for (SingularValues op : SingularValues.values()) {
            graphs.add(one(op, square));
        }
        graphs.add(one(new Reshape(Shape.of(3, 2)), X));
        graphs.add(one(new Permute(List.of(1, 0)), X));
        graphs.add(one(new Expand(Shape.of(4, 2, 3)), X));
        graphs.add(one(new Slice(List.of(1, 2), List.of(1, 2), List.of(1, -2)), X));
        graphs.add(one(new Pad(Shape.of(4, 7), List.of(1, 0), List.of(1, 3)), X));
        graphs.add(one(new Concat(1), X, X, TensorType.of(DType.F32, 2, 1)));
        graphs.add(one(new Fill(X, -0.0)));
        graphs.add(one(new Fill(X, Double.NaN)));
        graphs.add(one(new Fill(X, Double.longBitsToDouble(0x7ff8000000000005L))));
        graphs.add(one(new Iota(TensorType.of(DType.I64, 5))));
        graphs.add(one(new Random(Shape.of(7)), TensorType.of(DType.I64, 2)));
        TensorType index = X.with(DType.I64);
        graphs.add(one(new CheckIndex(10, true, "at"), index));
        graphs.add(one(new Gather(1), X, index));
        for (Scatter.Kind kind : Scatter.Kind.values()) {
            graphs.add(one(new Scatter(kind, 0), X, index, X));
        }
        for (boolean flag : new boolean[] {false, true}) {
            for (Scan.Kind kind : Scan.Kind.values()) {
                graphs.add(one(new Scan(kind, 1, flag), X));
            }
            graphs.add(one(new Recurrence(0, flag), X, X));
            graphs.add(one(new ArgSort(1, flag, 2), X));
        }
        Windows windows =
                new Windows(List.of(5), List.of(3), List.of(3), List.of(2), List.of(1), List.of(1));
        TensorType places = TensorType.of(DType.F32, 2, 4, 5);
        TensorType weight = TensorType.of(DType.F32, 6, 2, 3);
        graphs.add(one(new Conv(Conv.Kind.OUTPUT, windows, 2), places, weight));
        graphs.add(one(new Pool(Pool.Kind.MAX, windows), places));
        graphs.add(one(new Pool(Pool.Kind.TAKE, windows), places, places));
        graphs.add(one(new CheckIndex(10, "a \"b\\ \n"), TensorType.of(DType.I64, 4)));
        return graphs;
    }

    @ParameterizedTest
    @MethodSource("everyOperation")
    void everyOperationIsReadBackAsItWasPrinted(Graph graph) {
        String text = Printer.print(graph);
        Graph parsed = Parser.parse(text);
        assertEquals(text, Printer.print(parsed));
        Node.Apply before = assertInstanceOf(Node.Apply.class, graph.outputs().getFirst());
        Node.Apply after = assertInstanceOf(Node.Apply.class, parsed.outputs().getFirst());
        assertEquals(before.op(), after.op());
        assertEquals(before.type(), after.type());
        Verifier.check(parsed);
    }

    static List<Node.Constant> constants() {
        List<Node.Constant> constants = new ArrayList<>();
        for (DType dtype : DType.values()) {
            for (int size : new int[] {0, 1, 8, 9}) {
                double[] values = {1.5, -0.0, 1e-30, 3, -7, Double.NaN, 0, 1e30, 1};
                TensorType type = TensorType.of(dtype, size);
                constants.add(Elements.constant(Dense.of(type, i -> values[i])));
            }
        }
        // A signalling NaN, and the extremes of i64.
        constants.add(
                new Node.Constant(TensorType.of(DType.F32), new byte[] {1, 0, (byte) 0xa0, 127}));
        constants.add(
                Elements.constant(
                        Dense.ofLongs(
                                TensorType.of(DType.I64, 2),
                                i -> i == 0 ? Long.MIN_VALUE : Long.MAX_VALUE)));
        return constants;
    }

    @ParameterizedTest
    @MethodSource("constants")
    void constantsKeepTheirBits(Node.Constant constant) {
        Graph parsed = Parser.parse(Printer.print(new Graph(List.of(), List.of(constant))));
        Node.Constant back = assertInstanceOf(Node.Constant.class, parsed.outputs().getFirst());
        assertEquals(constant.type(), back.type());
        assertArrayEquals(constant.data(), back.data());
    }

    @Test
    void sourcesAndUnusedInputsAndAlteredNamesSurvive() {
        Node.Input a = new Node.Input("a b", X);
        Node.Input b = new Node.Input("a b", X);
        Node sum =
                Node.Apply.of(
                        Binary.ADD,
                        List.of(a, a),
                        Optional.of(new SourceLine("Mlp.forward", "Mlp.java", 5)));
        String text = Printer.print(new Graph(List.of(a, b), List.of(sum, a, sum)));
        assertEquals(
                """
                graph(a_b: f32[2, 3], a_b_2: f32[2, 3]) {
                  %0 = add(a_b, a_b) : f32[2, 3]   ; Mlp.forward(Mlp.java:5)
                  return %0, a_b, %0
                }
                """,
                text);
        assertEquals(text, Printer.print(Parser.parse(text)));
    }

    @Test
    void largeConstantsAreElidedForPeople() {
        Node.Constant constant = Elements.constant(Dense.of(TensorType.of(DType.F32, 100), i -> i));
        String text = Printer.brief(new Graph(List.of(), List.of(constant)));
        assertTrue(text.contains("constant(<100 elements, hash "), text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "grap(x: f32[2]) {|line 1, column 1: expects 'graph', but got 'grap'",
                "graph(x: f33[2]) {|line 1, column 10: expects an element type, but got f33",
                "graph(x: f32[a]) {|line 1, column 14: expects an integer of 32 bits, but got a",
                "graph(x: f32[2], x: f32[2]) {|line 1, column 18: expects a new name, but got x",
                "graph(x: f32[2]) {~ return y }|line 2, column 9: expects a value defined above",
                "graph(x: f32[2]) {~ %0 = nag(x) : f32[2]|line 2, column 7: expects an operation",
                "graph(x: f32[2]) {~ %0 = neg(x) : f32[3]|line 2, column 16: expects type f32[2]",
                "graph(x: f32[2]) {~ %0 = add(x) : f32[2]|line 2, column 7: expects 2 operands",
                "graph(x: f32[2]) {~ %0 = neg(x) to=1 : f32[2]|expects an attribute of neg",
                "graph(x: f32[2]) {~ %0 = permute(x) : f32[2]|expects attribute order, but got none",
                "graph(x: f32[2]) {~ %0 = constant(1.0) : f32[2]|expects 2 elements, but got 1",
                "graph(x: f32[2]) {~ %0 = constant(1.5, 2) : i32[2]|expects elements of i32[2]",
                "graph(x: f32[2]) {~ %0 = constant(0x00) : f32[2]|expects 16 hexadecimal digits",
                "graph(x: f32[2]) {~ return x|line 2, column 10: expects ',', but got the end",
                "graph(x: f32[2]) {~ return x } more|line 2, column 13: expects the end",
            })
    void errorsNameLineAndColumn(String text, String message) {
        GemelException error =
                assertThrows(GemelException.class, () -> Parser.parse(text.replace('~', '\n')));
        assertTrue(error.getMessage().startsWith("graph text, line "), error.getMessage());
        assertTrue(error.getMessage().contains(message), error.getMessage());
    }

    static List<Graph> brokenGraphs() {
        Node.Input x = new Node.Input("x", X);
        Node.Input y = new Node.Input("y", TensorType.of(DType.F32, 5, 5));
        Node wrongType = new Node.Apply(Unary.NEG, List.of(x), y.type(), Optional.empty());
        Node wrongShapes = new Node.Apply(Binary.ADD, List.of(x, y), X, Optional.empty());
        Node wrongArity = new Node.Apply(Binary.ADD, List.of(x), X, Optional.empty());
        Node wrongBytes = new Node.Constant(X, new byte[3]);
        return List.of(
                new Graph(List.of(x), List.of(wrongType)),
                new Graph(List.of(x, y), List.of(wrongShapes)),
                new Graph(List.of(x), List.of(wrongArity)),
                new Graph(List.of(x), List.of(wrongBytes)),
                new Graph(List.of(x, x), List.of(x)),
                new Graph(List.of(), List.of(x)));
    }

    @ParameterizedTest
    @MethodSource("brokenGraphs")
    void theVerifierNamesTheNode(Graph graph) {
        String message =
                assertThrows(GemelException.class, () -> Verifier.check(graph)).getMessage();
        assertTrue(message.matches("(?s)verify: .*(%0|x).*"), message);
    }

    @Test
    void theReferenceEvaluatorRunsInOrder() {
        Graph graph =
                Parser.parse(
                        """
                        graph(x: f32[2, 2], unused: i64[1]) {
                          %0 = constant(10.0, 20.0) : f32[2]
                          %1 = matmul(x, x) : f32[2, 2]
                          %2 = add(%1, %0) : f32[2, 2]
                          %3 = max(%2) axes=[1] : f32[2, 1]
                          %4 = max(x, %3) : f32[2, 2]
                          return %3, %4, x
                        }
                        """);
        Dense x = Dense.of(TensorType.of(DType.F32, 2, 2), i -> i + 1);
        Dense unused = Dense.of(TensorType.of(DType.I64, 1), i -> 0);
        List<Dense> results = ReferenceEvaluator.run(graph, List.of(x, unused));
        assertEquals(30, results.get(0).real(0));
        assertEquals(42, results.get(0).real(1));
        assertEquals(42, results.get(1).real(3));
        assertEquals(4, results.get(2).real(3));
        assertThrows(GemelException.class, () -> ReferenceEvaluator.run(graph, List.of(x)));
        assertThrows(GemelException.class, () -> ReferenceEvaluator.run(graph, List.of(unused, x)));
    }
}
