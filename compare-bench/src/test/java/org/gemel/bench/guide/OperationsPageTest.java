package org.gemel.bench.guide;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.gemel.DType;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;
import org.gemel.op.Cast;
import org.gemel.op.Pointwise;
import org.gemel.op.Primitive;
import org.gemel.op.Select;
import org.gemel.testkit.Golden;
import org.gemel.testkit.HostTensors;
import org.gemel.testkit.ops.Observer;
import org.gemel.testkit.ops.OpCase;
import org.gemel.testkit.ops.OpCases;
import org.gemel.testkit.ops.OpNames;
import org.junit.jupiter.api.Test;

/// The page on operations is what the tables and records in `org.gemel.op` say of themselves, what
/// the methods of composites say, and what the cases of all operations show.
final class OperationsPageTest {
    private static final Path CORE = Path.of("modules/core/src/main/java/org/gemel");
    private static final Path NN = Path.of("modules/nn/src/main/java/org/gemel/nn");
    private static final Pattern METHOD =
            Pattern.compile(
                    "((?: {4,8}///.*\\n)+)(?: +@.*\\n)* {4,8}public [\\w<>.\\[\\] ]*?(\\w+)\\(");
    private static final Pattern TYPE =
            Pattern.compile("((?:///.*\\n)+)(?:@.*\\n)*public (?:record|enum|final class) ");

    @Test
    void thePageIsUpToDate() throws IOException {
        Map<String, Observer.Applied<Primitive>> applied = new TreeMap<>();
        List<OpCase> cases = OpCases.all();
        for (OpCase row : cases) {
            Observer.of(row, row.dtypes().getFirst())
                    .primitives()
                    .forEach((name, one) ->
                            applied.merge(name, one, (old, now) -> real(old) ? old : now));
        }
        StringBuilder text = new StringBuilder(BEGIN);
        Set<String> rows = new TreeSet<>();
        for (Class<?> type : OpNames.types(Primitive.class)) {
            if (Pointwise.class.isAssignableFrom(type) && isTable(type)) {
                for (Object row : type.getEnumConstants()) {
                    Pointwise op = (Pointwise) row;
                    rows.add(plain(op.label()));
                    text.append(pointwise(op));
                }
            }
        }
        text.append(STRUCTURED);
        for (Class<?> type : OpNames.types(Primitive.class)) {
            if (!(Pointwise.class.isAssignableFrom(type) && isTable(type))) {
                text.append(structured(type, applied));
            }
        }
        text.append(COMPOSITES);
        Map<String, String> meanings = meanings();
        Map<String, List<OpCase>> byName = new LinkedHashMap<>();
        for (OpCase row : cases) {
            boolean transpose =
                    applied.values().stream().anyMatch(one -> one.op().label().equals(row.op()))
                            && !meanings.containsKey(row.op());
            if (!rows.contains(plain(row.op())) && !transpose) {
                byName.computeIfAbsent(row.op(), _ -> new ArrayList<>()).add(row);
            }
        }
        byName.forEach((name, all) -> text.append(composite(name, all, meanings)));
        Golden.check(Guide.root().resolve("docs/guide/operations.md"), text.toString());
    }

    // An example on floating-point numbers says more.
    private static boolean real(Observer.Applied<Primitive> applied) {
        return applied.inputs().stream().anyMatch(type -> type.dtype() == DType.F32);
    }

    private static boolean isTable(Class<?> type) {
        return type.isEnum() && type != Select.class && type != Cast.class;
    }

    private static String pointwise(Pointwise op) throws IOException {
        Enum<?> row = (Enum<?>) op;
        String source = source(row.getDeclaringClass());
        Matcher doc =
                Pattern.compile("((?:    ///.*\\n)+)    " + row.name() + "\\b").matcher(source);
        assertTrue(doc.find(), () -> row + " has no documentation");
        List<DType> dtypes = dtypes(op, Collections.nCopies(op.arity(), TensorType.of(DType.F32)));
        boolean reals = dtypes.contains(DType.F64);
        List<TensorType> types =
                Collections.nCopies(op.arity(), TensorType.of(reals ? DType.F64 : DType.I64));
        return "| `%s` | %s | %s | %d | %s | %s | %s | %s |\n"
                .formatted(
                        op.label(),
                        firstSentence(doc.group(1)),
                        joined(dtypes),
                        op.ulps(),
                        op.differentiable() && reals ? Formula.derivative(op, types) : "",
                        op.differentiable() && reals ? "any" : "none",
                        op.onnx(),
                        reason(doc.group(1), op.label()));
    }

    private static String structured(
            Class<?> type, Map<String, Observer.Applied<Primitive>> applied) throws IOException {
        Matcher doc = TYPE.matcher(source(type));
        assertTrue(doc.find(), () -> type + " has no documentation");
        String name = type.getSimpleName();
        StringBuilder text = new StringBuilder();
        for (String row :
                applied.keySet().stream()
                        .filter(key -> key.equals(name) || key.startsWith(name + "."))
                        .toList()) {
            Primitive op = applied.get(row).op();
            List<TensorType> types = applied.get(row).inputs();
            boolean curved = op.differentiable();
            text.append(
                    "| `%s` | %s | %s | %s | %s | %s | %s | %s |\n"
                            .formatted(
                                    row,
                                    firstSentence(doc.group(1)),
                                    shapes(types, List.of(op.type(types))),
                                    joined(dtypes(op, types)),
                                    curved ? Formula.derivative(op, wide(types)) : "",
                                    curved ? "any" : "none",
                                    op.onnx(),
                                    reason(doc.group(1), name)));
        }
        return text.toString();
    }

    private static List<TensorType> wide(List<TensorType> types) {
        return types.stream()
                .map(t -> t.dtype().isFloating() ? new TensorType(DType.F64, t.shape()) : t)
                .toList();
    }

    // Which types may stand for the f32 ones of an application.
    private static List<DType> dtypes(Primitive op, List<TensorType> types) {
        List<DType> taken = new ArrayList<>();
        for (DType dtype : DType.values()) {
            List<TensorType> others =
                    types.stream()
                            .map(t -> t.dtype() == DType.F32 ? new TensorType(dtype, t.shape()) : t)
                            .toList();
            try {
                op.type(others);
                if (taken.isEmpty() || types.stream().anyMatch(t -> t.dtype() == DType.F32)) {
                    taken.add(dtype);
                }
            } catch (TypeException refused) {
                continue;
            }
        }
        return types.stream().anyMatch(t -> t.dtype() == DType.F32) ? taken : List.of();
    }

    private static String composite(String name, List<OpCase> cases, Map<String, String> meanings) {
        OpCase row = cases.getFirst();
        DType dtype = row.dtypes().getFirst();
        Observer seen = Observer.of(row, dtype);
        int n = Math.max(row.sizes().smallest(), row.sizes().curved());
        List<Tensor> inputs = row.inputs(dtype, n).stream().map(HostTensors::tensor).toList();
        List<TensorType> results =
                new Observer()
                        .call(() -> row.call().apply(inputs).stream().map(Tensor::type).toList());
        boolean curved = cases.stream().anyMatch(OpCase::differentiable);
        boolean own = seen.composites().values().stream().anyMatch(one -> one.op().hasDerivative());
        return "| `%s` | %s | %s | %s | %s | %s | %s | %s |\n"
                .formatted(
                        name,
                        meanings.getOrDefault(name, ""),
                        shapes(inputs.stream().map(Tensor::type).toList(), results),
                        joined(row.dtypes()),
                        seen.primitives().values().stream()
                                .map(one -> "`" + one.op().label() + "`")
                                .distinct()
                                .sorted()
                                .collect(Collectors.joining(" ")),
                        !curved ? "" : own ? "its own" : "its body's",
                        curved ? "any" : "none",
                        row.onnx());
    }

    private static String shapes(List<TensorType> inputs, List<TensorType> results) {
        return Optional.of(inputs)
                        .filter(list -> !list.isEmpty())
                        .map(list ->
                                list.stream()
                                                .map(TensorType::toString)
                                                .collect(Collectors.joining(", "))
                                        + " ")
                        .orElse("")
                + "→ "
                + results.stream().map(TensorType::toString).collect(Collectors.joining(", "));
    }

    private static String joined(List<DType> dtypes) {
        return dtypes.stream().map(DType::toString).collect(Collectors.joining(" "));
    }

    // The first sentence of each public method that computes.
    private static Map<String, String> meanings() throws IOException {
        Map<String, String> all = new TreeMap<>();
        for (String file : List.of("Tensor", "Linalg", "Special", "Key")) {
            read(CORE.resolve(file + ".java"), all);
        }
        for (String file : List.of("Losses", "ClassLosses", "VectorLosses", "Attention", "Cells")) {
            read(NN.resolve(file + ".java"), all);
        }
        // classes whose one operation is called `apply`
        for (String file : List.of("MultiHeadAttention", "Recurrent")) {
            Map<String, String> own = new TreeMap<>();
            read(NN.resolve(file + ".java"), own);
            all.put(
                    file.substring(0, 1).toLowerCase(Locale.ROOT) + file.substring(1),
                    own.get("apply"));
        }
        return all;
    }

    private static void read(Path file, Map<String, String> all) throws IOException {
        Matcher method = METHOD.matcher(Files.readString(Guide.root().resolve(file)));
        while (method.find()) {
            all.putIfAbsent(method.group(2), firstSentence(method.group(1)));
        }
    }

    private static String reason(String comment, String name) {
        String text = prose(comment.lines().toList());
        int at = text.indexOf("Primitive: ");
        assertTrue(at >= 0, () -> name + " does not say why it is primitive");
        String rest = text.substring(at + "Primitive: ".length());
        int end = rest.indexOf(" @param");
        return markdown(end < 0 ? rest : rest.substring(0, end).strip());
    }

    private static String firstSentence(String comment) {
        String text =
                prose(comment.lines().takeWhile(line -> !line.strip().equals("///")).toList());
        // two dots are a range
        return markdown(text.split("(?<=[^.]\\.) ", 2)[0]);
    }

    private static String prose(List<String> lines) {
        return lines.stream()
                .map(line -> line.strip().substring(3).strip())
                .collect(Collectors.joining(" "));
    }

    // Links of Javadoc become code; what is code already stays.
    private static String markdown(String text) {
        String[] parts = text.split("`", -1);
        for (int i = 0; i < parts.length; i += 2) {
            parts[i] = parts[i].replaceAll("\\[#?([A-Za-z][\\w.#]*)(?:\\([^)]*\\))?\\]", "`$1`");
        }
        return String.join("`", parts).replace("|", "\\|").strip();
    }

    private static String plain(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }

    private static String source(Class<?> type) throws IOException {
        return Files.readString(
                Guide.root().resolve(CORE).resolve("op/" + type.getSimpleName() + ".java"));
    }

    private static final String BEGIN =
            """
            # Operations

            This page is written by `OperationsPageTest` from `org.gemel.op`, from the methods of composites and from the cases that all operations
            are tested with (`org.gemel.testkit.ops`). Backends implement the primitives; everything else is a composite: a name and a body of
            primitives, which a traced function is fused through and which eager compiles once.
            Which dtypes come out of which: [dtypes.md](dtypes.md).

            *Derivative* is the cotangent of each input, from the cotangent `g` of the result `y`; it is written in operations of this page, so
            there are derivatives of any *order*, and those of the first two are compared with differences for each row. *ONNX* is the operator of
            that standard with the same meaning.

            ## Point-wise primitives

            Each element from the elements at the same place; the shapes of one (`x`) or two (`a`, `b`) inputs of one dtype broadcast, and what was
            broadcast is summed in the derivative. *ulp* is the bound on the distance from the exact result, 0 where it is rounded correctly.

            | operation | meaning | dtypes | ulp | derivative | orders | ONNX | primitive because |
            |---|---|---|---|---|---|---|---|
            """;

    private static final String STRUCTURED =
            """

            ## Other primitives

            Shapes are examples; in derivatives, those of views and constants are left out.

            | operation | meaning | shapes | dtypes | derivative | orders | ONNX | primitive because |
            |---|---|---|---|---|---|---|---|
            """;

    private static final String COMPOSITES =
            """

            ## Composites

            Methods of `Tensor`, `Linalg`, `Special`, `Key` and of the losses and layers in `org.gemel.nn`. Shapes are examples. The derivative is that of the
            body, or one of its own that is cheaper or more accurate.

            | operation | meaning | shapes | dtypes | made of | derivative | orders | ONNX |
            |---|---|---|---|---|---|---|---|
            """;
}
