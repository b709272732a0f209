package org.gemel.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.Tensor;

/// What a golden operation is called with. It notes what was asked for: what nobody asked for was
/// not understood.
final class Call {
    /// What inputs are called too.
    private static final Map<String, List<String>> SYNONYMS =
            Map.ofEntries(
                    Map.entry("x", List.of("input", "self")),
                    Map.entry("target", List.of("y", "t", "labels")),
                    Map.entry("y", List.of("target")),
                    Map.entry("weight", List.of("w", "gamma", "g", "scale")),
                    Map.entry("bias", List.of("b", "beta")),
                    Map.entry("var", List.of("variance")),
                    Map.entry("noise", List.of("eps", "epsilon", "z")),
                    Map.entry(
                            "a",
                            List.of(
                                    "mat1", "batch1", "vec1", "mat", "tensor1", "input1",
                                    "anchor")),
                    Map.entry(
                            "b",
                            List.of("mat2", "batch2", "vec2", "vec", "tensor2", "input2", "other")),
                    Map.entry("c", List.of("input", "self")),
                    Map.entry("p", List.of("positive")),
                    Map.entry("n", List.of("negative")),
                    Map.entry("cond", List.of("condition")),
                    Map.entry("mask", List.of("attn_mask")),
                    Map.entry("index", List.of("indices", "idx")),
                    Map.entry("src", List.of("source", "values")),
                    Map.entry("q", List.of("query")),
                    Map.entry("k", List.of("key")),
                    Map.entry("v", List.of("value")),
                    Map.entry("lo", List.of("min", "low")),
                    Map.entry("hi", List.of("max", "high")));

    private final Map<String, Tensor> inputs;
    private final JsonNode attributes;
    private final List<Shape> outputs;
    private final String dtype;
    private final boolean wide;
    private final Set<String> asked = new HashSet<>();

    Call(Map<String, Tensor> inputs, GoldenCase golden) {
        this.inputs = inputs;
        this.attributes = golden.attributes();
        this.outputs = golden.outputShapes();
        this.dtype = golden.word("dtype");
        this.wide = golden.outputs(0, "dtype").equals("float64");
    }

    /// Integers as what the case makes of them, f64 or f32; others as they are.
    Tensor real(Tensor x) {
        return x.dtype().isFloating() ? x : x.to(wide ? DType.F64 : DType.F32);
    }

    /// The name of the type that the case is about.
    String dtype() {
        return dtype;
    }

    /// The shape that the case gives output number `index`.
    Shape output(int index) {
        return outputs.get(index);
    }

    /// The inputs and attributes that the operation did not ask for.
    Set<String> ignored() {
        Set<String> left = new TreeSet<>(inputs.keySet());
        for (Iterator<String> names = attributes.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            // null says that nothing was given
            if (attributes.hasNonNull(name)) {
                left.add(name);
            }
        }
        left.removeAll(asked);
        return left;
    }

    /// The input `name`; an operation of one tensor takes it under any name, one of `a` and `b`
    /// takes two in their order.
    Tensor in(String name) {
        return optional(name)
                .or(() -> byPlace(name))
                .orElseThrow(() -> new Unsupported("the case has no input " + name));
    }

    /// The input `name`, if there is one; case and underscores do not count, and the synonyms do.
    Optional<Tensor> optional(String name) {
        return Stream.concat(Stream.of(name), SYNONYMS.getOrDefault(name, List.of()).stream())
                .flatMap(each -> inputs.keySet().stream().filter(key -> same(key, each)))
                .findFirst()
                .map(this::taken);
    }

    private static boolean same(String a, String b) {
        return a.replace("_", "").equalsIgnoreCase(b.replace("_", ""));
    }

    private Tensor taken(String key) {
        asked.add(key);
        return Objects.requireNonNull(inputs.get(key));
    }

    private Optional<Tensor> byPlace(String name) {
        List<String> places = inputs.size() == 1 ? List.of("x") : List.of("a", "b");
        int at = places.size() == inputs.size() ? places.indexOf(name) : -1;
        return inputs.keySet().stream()
                .skip(Math.max(at, 0))
                .findFirst()
                .filter(_ -> at >= 0)
                .map(this::taken);
    }

    /// The inputs that nobody asked for yet, in order.
    List<Tensor> rest() {
        return inputs.keySet().stream().filter(key -> !asked.contains(key)).toList().stream()
                .map(this::taken)
                .toList();
    }

    /// All inputs in order.
    List<Tensor> all() {
        asked.addAll(inputs.keySet());
        return List.copyOf(inputs.values());
    }

    private JsonNode attribute(String name) {
        String key = spelled(name);
        asked.add(key);
        return attributes.path(key);
    }

    // How the case spells an attribute.
    private String spelled(String name) {
        return GoldenNames.attribute(name).filter(attributes::hasNonNull).findFirst().orElse(name);
    }

    /// Whether there is such an attribute that is not null.
    boolean has(String name) {
        String key = spelled(name);
        asked.add(key);
        return attributes.hasNonNull(key);
    }

    /// The number `name`; `"inf"`, `"-inf"` and `"nan"` are numbers too.
    double number(String name) {
        return number(attribute(name), name);
    }

    /// The number `name`, or `otherwise` if there is none.
    double number(String name, double otherwise) {
        return has(name) ? number(name) : otherwise;
    }

    private static double number(JsonNode node, String name) {
        if (node.isNumber()) {
            return node.asDouble();
        }
        return switch (node.asText()) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            case "nan" -> Double.NaN;
            default -> throw new Unsupported("attribute %s = %s".formatted(name, node));
        };
    }

    /// The numbers `name`.
    double[] numbers(String name) {
        JsonNode node = attribute(name);
        double[] all = new double[node.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = number(node.get(i), name);
        }
        return all;
    }

    /// The whole number `name`.
    int integer(String name) {
        return integer(attribute(name), name);
    }

    /// The whole number `name`, or `otherwise` if there is none.
    int integer(String name, int otherwise) {
        return has(name) ? integer(name) : otherwise;
    }

    private static int integer(JsonNode node, String name) {
        if (!node.isInt()) {
            throw new Unsupported("attribute %s = %s".formatted(name, node));
        }
        return node.asInt();
    }

    /// Whether there is such an attribute and it is a word.
    boolean isWord(String name) {
        return attribute(name).isTextual();
    }

    /// The word `name`, or `otherwise` if there is none.
    String word(String name, String otherwise) {
        return has(name) ? attribute(name).asText() : otherwise;
    }

    /// Whether `name` is given and true.
    boolean flag(String name) {
        return has(name) && attribute(name).asBoolean();
    }

    /// The whole numbers `name`; a single one counts as a list.
    int[] integers(String name) {
        JsonNode node = attribute(name);
        if (!node.isArray()) {
            return new int[] {integer(node, name)};
        }
        int[] all = new int[node.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = integer(node.get(i), name);
        }
        return all;
    }

    /// Whether the attribute `name` is a list.
    boolean isList(String name) {
        return attribute(name).isArray();
    }

    /// Rows of whole numbers; null where a number is left out.
    List<List<Optional<Integer>>> rows(String name) {
        List<List<Optional<Integer>>> rows = new ArrayList<>();
        for (JsonNode row : attribute(name)) {
            List<Optional<Integer>> numbers = new ArrayList<>();
            for (JsonNode node : row) {
                numbers.add(node.isNull() ? Optional.empty() : Optional.of(integer(node, name)));
            }
            rows.add(numbers);
        }
        return rows;
    }

    /// Fails as unsupported unless the word `name` is one of `known`; the first is the default.
    String oneOf(String name, String... known) {
        String word = word(name, known[0]);
        if (!List.of(known).contains(word)) {
            throw new Unsupported("attribute %s = %s".formatted(name, word));
        }
        return word;
    }
}
