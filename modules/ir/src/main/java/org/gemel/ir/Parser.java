package org.gemel.ir;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.gemel.DType;
import org.gemel.GemelException;
import org.gemel.Shape;
import org.gemel.SourceLine;
import org.gemel.TensorType;
import org.gemel.TypeException;
import org.gemel.op.Dense;
import org.gemel.op.Primitive;

/// Reads the text that [Printer] writes.
///
/// Errors name line and column, from 1. Types are inferred again and compared with those written.
public final class Parser {
    private final Cursor at;
    private final Map<String, Node> named = new HashMap<>();

    private Parser(String text) {
        this.at = new Cursor(text);
    }

    /// The graph that `text` describes.
    ///
    /// @throws GemelException if it is not a graph's text
    public static Graph parse(String text) {
        return new Parser(text).graph();
    }

    private Graph graph() {
        List<Node.Input> inputs = new ArrayList<>();
        at.expect("graph");
        at.expect("(");
        while (!at.accept(")")) {
            if (!inputs.isEmpty()) {
                at.expect(",");
            }
            int start = at.mark();
            String name = at.name();
            at.expect(":");
            Node.Input input = new Node.Input(name, type());
            define(name, input, start);
            inputs.add(input);
        }
        at.expect("{");
        while (!at.accept("return")) {
            int start = at.mark();
            String name = at.name();
            at.expect("=");
            define(name, value(), start);
        }
        List<Node> outputs = new ArrayList<>();
        while (!at.accept("}")) {
            if (!outputs.isEmpty()) {
                at.expect(",");
            }
            outputs.add(reference());
        }
        at.expectEnd();
        return new Graph(inputs, outputs);
    }

    private void define(String name, Node node, int start) {
        if (named.putIfAbsent(name, node) != null) {
            throw at.error(start, "a new name", name + ", which is taken", "rename one of them");
        }
    }

    private Node reference() {
        int start = at.mark();
        String name = at.name();
        Node node = named.get(name);
        if (node == null) {
            throw at.error(start, "a value defined above", name, "define it before its use");
        }
        return node;
    }

    private TensorType type() {
        int start = at.mark();
        String name = at.name();
        for (DType dtype : DType.values()) {
            if (dtype.toString().equals(name)) {
                int[] dims = integers().stream().mapToInt(Integer::intValue).toArray();
                for (int dim : dims) {
                    if (dim < 0) {
                        throw at.error(start, "dimensions of at least 0", dim + "", "use 0");
                    }
                }
                return new TensorType(dtype, Shape.of(dims));
            }
        }
        throw at.error(start, "an element type", name, "write f32, f64, i32, i64 or bool");
    }

    private List<Integer> integers() {
        List<Integer> values = new ArrayList<>();
        at.expect("[");
        while (!at.accept("]")) {
            if (!values.isEmpty()) {
                at.expect(",");
            }
            values.add(integer());
        }
        return values;
    }

    private int integer() {
        int start = at.mark();
        String word = at.word();
        try {
            return Integer.parseInt(word);
        } catch (NumberFormatException notOne) {
            throw at.error(start, "an integer of 32 bits", word, "write digits", notOne);
        }
    }

    private Node value() {
        int start = at.mark();
        String label = at.name();
        at.expect("(");
        if (label.equals("constant")) {
            Node constant = constant();
            at.comment();
            return constant;
        }
        List<Node> operands = new ArrayList<>();
        while (!at.accept(")")) {
            if (!operands.isEmpty()) {
                at.expect(",");
            }
            operands.add(reference());
        }
        Written attributes = new Written(start);
        while (!at.accept(":")) {
            String name = at.name();
            at.expect("=");
            attributes.read(name);
        }
        int typeStart = at.mark();
        TensorType type = type();
        Primitive op =
                OpText.parse(label, attributes, type)
                        .orElseThrow(() ->
                                at.error(
                                        start,
                                        "an operation",
                                        label,
                                        "see org.gemel.op for their labels"));
        attributes.expectAllUsed(label);
        Node.Apply node = new Node.Apply(op, operands, type, source());
        check(node, start, typeStart);
        return node;
    }

    private void check(Node.Apply node, int start, int typeStart) {
        int arity = Verifier.arity(node.op());
        int operands = node.inputs().size();
        if (arity < 0 ? operands == 0 : arity != operands) {
            throw at.error(
                    start,
                    (arity < 0 ? "at least 1" : arity) + " operands of " + node.op().label(),
                    operands + "",
                    "add or remove some");
        }
        TensorType inferred;
        try {
            inferred = node.op().type(node.inputs().stream().map(Node::type).toList());
        } catch (TypeException misfit) {
            throw new GemelException(at.place(start) + misfit.getMessage(), misfit);
        }
        if (!inferred.equals(node.type())) {
            throw at.error(
                    typeStart, "type " + inferred, node.type() + "", "write the inferred type");
        }
    }

    private Optional<SourceLine> source() {
        Optional<String> comment = at.comment();
        // Whatever is not a source line is a remark.
        return comment.flatMap(text -> {
            int open = text.lastIndexOf('(');
            int colon = text.lastIndexOf(':');
            boolean place =
                    open >= 0
                            && colon > open
                            && text.endsWith(")")
                            && text.substring(colon + 1, text.length() - 1).matches("-?\\d{1,9}");
            return place
                    ? Optional.of(
                            new SourceLine(
                                    text.substring(0, open),
                                    text.substring(open + 1, colon),
                                    Integer.parseInt(text.substring(colon + 1, text.length() - 1))))
                    : Optional.empty();
        });
    }

    private Node.Constant constant() {
        int start = at.mark();
        List<String> words = new ArrayList<>();
        while (!at.accept(")")) {
            if (!words.isEmpty()) {
                at.expect(",");
            }
            words.add(at.word());
        }
        at.expect(":");
        TensorType type = type();
        if (words.size() == 1 && words.getFirst().startsWith("0x")) {
            return hexadecimal(words.getFirst().substring(2), type, start);
        }
        if (words.size() != type.shape().size()) {
            throw at.error(
                    start,
                    type.shape().size() + " elements",
                    words.size() + "",
                    "write one for each place of " + type);
        }
        try {
            Dense values =
                    switch (type.dtype()) {
                        case F32, F16, BF16 -> Dense.of(type, i -> Float.parseFloat(words.get(i)));
                        case F64 -> Dense.of(type, i -> Double.parseDouble(words.get(i)));
                        case I32, I8, U8 ->
                                Dense.ofLongs(type, i -> Integer.parseInt(words.get(i)));
                        case I64 -> Dense.ofLongs(type, i -> Long.parseLong(words.get(i)));
                        case BOOL -> Dense.ofLongs(type, i -> bool(words.get(i)));
                    };
            return Elements.constant(values);
        } catch (NumberFormatException wrong) {
            throw at.error(
                    start, "elements of " + type, words + "", "write numbers of its kind", wrong);
        }
    }

    private static long bool(String word) {
        return switch (word) {
            case "true" -> 1;
            case "false" -> 0;
            default -> throw new NumberFormatException(word);
        };
    }

    private Node.Constant hexadecimal(String digits, TensorType type, int start) {
        if (digits.length() != 2 * type.bytes() || !digits.matches("[0-9a-fA-F]*")) {
            throw at.error(
                    start,
                    2 * type.bytes() + " hexadecimal digits for " + type,
                    digits.length() + " characters",
                    "write two for each byte");
        }
        return new Node.Constant(type, HexFormat.of().parseHex(digits));
    }

    /// The attributes of one line, kept until the operation asks for them.
    private final class Written implements OpText.Attributes {
        private final Map<String, Object> values = new LinkedHashMap<>();
        private final Map<String, Integer> places = new HashMap<>();
        private final int start;

        Written(int start) {
            this.start = start;
        }

        void read(String name) {
            places.put(name, at.mark());
            Object value =
                    at.startsWith("[")
                            ? Parser.this.integers()
                            : at.startsWith("\"") ? at.quoted() : new Word(at.word());
            if (values.put(name, value) != null) {
                throw at.error(start, "each attribute once", name + " twice", "remove one");
            }
        }

        @Override
        public boolean has(String name) {
            return values.containsKey(name);
        }

        private Object take(String name, String form) {
            Object value = values.remove(name);
            if (value == null) {
                throw at.error(start, "attribute " + name, "none", "write " + name + "=" + form);
            }
            return value;
        }

        private GemelException misfit(String name, String form) {
            return at.error(
                    places.getOrDefault(name, start), form + " for " + name, "another", "change");
        }

        @Override
        public List<Integer> integers(String name) {
            if (take(name, "[..]") instanceof List<?> list) {
                return list.stream().map(Integer.class::cast).toList();
            }
            throw misfit(name, "a list of integers");
        }

        @Override
        public int integer(String name) {
            if (take(name, "..") instanceof Word(var text) && text.matches("-?\\d{1,9}")) {
                return Integer.parseInt(text);
            }
            throw misfit(name, "an integer");
        }

        @Override
        public double real(String name) {
            if (take(name, "..") instanceof Word(var text)) {
                try {
                    return text.startsWith("0x")
                            ? Double.longBitsToDouble(Long.parseUnsignedLong(text.substring(2), 16))
                            : Double.parseDouble(text);
                } catch (NumberFormatException notOne) {
                    throw at.error(
                            places.getOrDefault(name, start), "a number", text, "as 1.0", notOne);
                }
            }
            throw misfit(name, "a number");
        }

        @Override
        public String text(String name) {
            if (take(name, "\"..\"") instanceof String text) {
                return text;
            }
            throw misfit(name, "a quoted text");
        }

        void expectAllUsed(String label) {
            if (!values.isEmpty()) {
                String name = values.keySet().iterator().next();
                throw at.error(
                        places.getOrDefault(name, start),
                        "an attribute of " + label,
                        name,
                        "remove it");
            }
        }
    }

    private record Word(String text) {}
}
