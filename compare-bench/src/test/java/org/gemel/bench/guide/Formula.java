package org.gemel.bench.guide;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.gemel.TensorType;
import org.gemel.ir.Graph;
import org.gemel.ir.Node;
import org.gemel.ir.Recorder;
import org.gemel.op.Binary;
import org.gemel.op.Cast;
import org.gemel.op.Compare;
import org.gemel.op.Expand;
import org.gemel.op.Fill;
import org.gemel.op.Primitive;
import org.gemel.op.Pullback;
import org.gemel.op.Reshape;
import org.gemel.op.Select;
import org.gemel.op.Unary;

/// Derivative rules as text: the rule is recorded as a graph, and the graph is written down.
final class Formula {
    private static final int LONGEST = 120;

    private final Map<Node, String> names = new IdentityHashMap<>();

    /// The cotangents of the inputs of `op`, with a semicolon between them; nothing where there are
    /// none.
    static String derivative(Primitive op, List<TensorType> types) {
        TensorType type = op.type(types);
        List<TensorType> all = new ArrayList<>(types);
        all.add(type);
        all.add(type);
        int arity = types.size();
        List<Boolean> wanted = types.stream().map(t -> t.dtype().isFloating()).toList();
        Graph graph =
                Recorder.capture(
                        all,
                        in -> {
                            Pullback rule =
                                    new Pullback(
                                            in.subList(0, arity),
                                            List.of(in.get(arity)),
                                            List.of(Optional.of(in.get(arity + 1))),
                                            wanted);
                            op.vjp(rule);
                            return rule.given().stream().flatMap(Optional::stream).toList();
                        });
        Formula formula = new Formula();
        List<String> letters = letters(arity);
        for (int i = 0; i < graph.inputs().size(); i++) {
            formula.names.put(graph.inputs().get(i), letters.get(i));
        }
        return graph.outputs().stream()
                .map(node -> shortened(formula.text(node, 0), node))
                .collect(Collectors.joining("; "));
    }

    // Long rules by the operations that they are made of.
    private static String shortened(String text, Node node) {
        if (text.length() <= LONGEST) {
            return "`" + text + "`";
        }
        List<String> labels = new ArrayList<>();
        collect(node, labels);
        return "by " + String.join(", ", labels.stream().distinct().sorted().toList());
    }

    private static void collect(Node node, List<String> labels) {
        if (node instanceof Node.Apply apply) {
            labels.add("`" + apply.op().label() + "`");
            apply.inputs().forEach(input -> collect(input, labels));
        }
    }

    private static List<String> letters(int arity) {
        List<String> letters =
                new ArrayList<>(
                        switch (arity) {
                            case 1 -> List.of("x");
                            case 2 -> List.of("a", "b");
                            case 3 -> List.of("a", "b", "c");
                            default -> throw new AssertionError("inputs: " + arity);
                        });
        letters.add("y");
        letters.add("g");
        return letters;
    }

    // `binding`: how tightly what stands around it binds; 1 sums, 2 products, 3 signs.
    private String text(Node node, int binding) {
        return switch (node) {
            case Node.Input input -> names.get(input);
            case Node.Constant constant -> constant.type().toString();
            case Node.Apply(var op, var inputs, _, _) -> applied(op, inputs, binding);
        };
    }

    private String applied(Primitive op, List<Node> in, int binding) {
        return switch (op) {
            case Fill fill -> number(fill.value());
            // shapes and types are not told
            case Expand _, Reshape _, Cast _ -> text(in.getFirst(), binding);
            case Unary.NEG -> within(3, binding, "-" + text(in.getFirst(), 3));
            case Unary.SQUARE -> text(in.getFirst(), 4) + "^2";
            case Binary.ADD -> infix(in, " + ", 1, 1, binding);
            case Binary.SUB -> infix(in, " - ", 1, 2, binding);
            case Binary.MUL -> infix(in, " * ", 2, 2, binding);
            case Binary.DIV -> infix(in, " / ", 2, 3, binding);
            case Compare compare -> infix(in, " " + sign(compare) + " ", 1, 1, binding);
            case Select _ ->
                    within(
                            0,
                            binding,
                            text(in.get(0), 1)
                                    + " ? "
                                    + text(in.get(1), 1)
                                    + " : "
                                    + text(in.get(2), 1));
            case Primitive other ->
                    other.label()
                            + in.stream()
                                    .map(node -> text(node, 0))
                                    .collect(Collectors.joining(", ", "(", ")"));
        };
    }

    private String infix(List<Node> in, String sign, int left, int right, int binding) {
        return within(left, binding, text(in.get(0), left) + sign + text(in.get(1), right));
    }

    private static String within(int own, int binding, String text) {
        return own < binding ? "(" + text + ")" : text;
    }

    private static String sign(Compare compare) {
        return switch (compare) {
            case EQ -> "==";
            case NE -> "!=";
            case LT -> "<";
            case LE -> "<=";
            case GT -> ">";
            case GE -> ">=";
        };
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e6
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%.6g", value).replaceAll("0+$", "");
    }
}
