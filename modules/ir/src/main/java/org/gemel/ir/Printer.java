package org.gemel.ir;

import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.gemel.op.Dense;

/// Graphs as text that [Parser] reads back.
///
/// ```
/// graph(x: f32[64, 784], w: f32[256, 784]) {
///   %0 = permute(w) order=[1, 0] : f32[784, 256]   ; Mlp.forward(Mlp.java:5)
///   %1 = matmul(x, %0) : f32[64, 256]
///   return %1
/// }
/// ```
///
/// What follows from the type after the colon is not said again: the shape of a `reshape`, the
/// target of a `cast`. Names of inputs that are no identifiers, or are taken, are altered.
public final class Printer {
    private static final int INLINE = 8;

    private final Graph graph;
    private final Map<Node, String> names;
    private final boolean whole;

    private Printer(Graph graph, boolean whole) {
        this.graph = graph;
        this.names = names(graph);
        this.whole = whole;
    }

    /// The text of `graph`, all elements of constants included.
    public static String print(Graph graph) {
        return new Printer(graph, true).text();
    }

    /// The text of `graph` for people: constants of more than 8 elements are elided, so that the
    /// parser does not take it.
    public static String brief(Graph graph) {
        return new Printer(graph, false).text();
    }

    /// The line of one node within `graph`, without indentation.
    static String line(Graph graph, Node node) {
        return new Printer(graph, false).line(node);
    }

    private static Map<Node, String> names(Graph graph) {
        Map<Node, String> names = new IdentityHashMap<>();
        Set<String> taken = new HashSet<>();
        for (Node.Input input : graph.inputs()) {
            String plain = input.name().replaceAll("[^A-Za-z0-9_.$]", "_");
            String base = plain.matches("[A-Za-z_$].*") ? plain : "x" + plain;
            String name = base;
            for (int i = 2; !taken.add(name); i++) {
                name = base + "_" + i;
            }
            names.put(input, name);
        }
        int number = 0;
        for (Node node : graph.nodes()) {
            if (!names.containsKey(node)) {
                names.put(node, "%" + number++);
            }
        }
        return names;
    }

    private String text() {
        StringBuilder text = new StringBuilder("graph(");
        text.append(
                graph.inputs().stream()
                        .map(input -> names.get(input) + ": " + input.type())
                        .collect(Collectors.joining(", ")));
        text.append(") {\n");
        for (Node node : graph.nodes()) {
            if (!(node instanceof Node.Input)) {
                text.append("  ").append(line(node)).append('\n');
            }
        }
        text.append("  return");
        if (!graph.outputs().isEmpty()) {
            text.append(' ').append(list(graph.outputs()));
        }
        return text.append("\n}\n").toString();
    }

    private String line(Node node) {
        String name = names.get(node);
        return switch (node) {
            case Node.Input input -> name + ": " + input.type();
            case Node.Constant constant ->
                    name + " = constant(" + elements(constant) + ") : " + constant.type();
            case Node.Apply(var op, var operands, var type, var source) ->
                    name
                            + " = "
                            + op.label()
                            + "("
                            + list(operands)
                            + ")"
                            + OpText.attributes(op)
                            + " : "
                            + type
                            + source.map(line -> "   ; " + line).orElse("");
        };
    }

    private String list(List<Node> nodes) {
        return nodes.stream()
                .map(node -> names.getOrDefault(node, "?"))
                .collect(Collectors.joining(", "));
    }

    private String elements(Node.Constant constant) {
        long size = constant.type().shape().size();
        if (constant.data().length != constant.type().bytes()) {
            return "<" + constant.data().length + " bytes>";
        }
        if (size <= INLINE) {
            Dense values = Elements.read(constant);
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < size; i++) {
                text.append(i == 0 ? "" : ", ").append(element(values, i));
            }
            if (isCanonical(constant)) {
                return text.toString();
            }
        }
        return whole
                ? "0x" + HexFormat.of().formatHex(constant.data())
                : "<%d elements, hash %08x>".formatted(size, Arrays.hashCode(constant.data()));
    }

    // Whether decimal text says it all: it has no payload of a NaN, and no bool but 0 and 1.
    private static boolean isCanonical(Node.Constant constant) {
        Dense values = Elements.read(constant);
        Dense parsed =
                constant.type().dtype().isFloating()
                        ? Dense.of(
                                constant.type(),
                                i -> Double.isNaN(values.real(i)) ? Double.NaN : values.real(i))
                        : values;
        return Arrays.equals(Elements.constant(parsed).data(), constant.data());
    }

    private static String element(Dense values, int i) {
        return switch (values.type().dtype()) {
            case F32, F16, BF16 -> Float.toString((float) values.real(i));
            case F64 -> Double.toString(values.real(i));
            case I32, I64, I8, U8 -> Long.toString(values.integer(i));
            case BOOL -> values.integer(i) != 0 ? "true" : "false";
        };
    }
}
