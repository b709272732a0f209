package org.gemel.bench.guide;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.gemel.DType;
import org.gemel.TensorType;
import org.gemel.TypeException;
import org.gemel.op.Binary;
import org.gemel.op.Compare;
import org.gemel.op.Logical;
import org.gemel.op.Pointwise;
import org.gemel.op.Primitive;
import org.gemel.op.Unary;
import org.gemel.testkit.Golden;
import org.junit.jupiter.api.Test;

/// The page on operations is what the tables and records in `org.gemel.op` say of themselves.
final class OperationsPageTest {
    private static final Path SOURCES = Path.of("modules/core/src/main/java/org/gemel");
    private static final Pattern COMPOSITE =
            Pattern.compile("Composite\\.(?:of|opaque)\\(\\s*\"([a-z0-9_]+)\"");

    private static final String BEGIN =
            """
            # Operations

            This page is written by `OperationsPageTest` from `org.gemel.op`. Backends implement the primitives; everything else is a composite: a
            name and a body of primitives, which a traced function is fused through and which eager compiles once.
            Which dtypes come out of which: [dtypes.md](dtypes.md).

            ## Point-wise primitives

            Each element from the elements at the same place; shapes broadcast. Derivatives are written in operations of this page, so they have
            derivatives of any order. *ulp* is the bound on the distance from the exact result, 0 where it is rounded correctly.

            | operation | meaning | inputs | dtypes | ulp | ONNX |
            |---|---|---|---|---|---|
            """;

    private static final String STRUCTURED =
            """

            ## Other primitives

            | operation | meaning |
            |---|---|
            """;

    private static final String COMPOSITES =
            """

            ## Composites

            """;

    @Test
    void thePageIsUpToDate() throws IOException {
        StringBuilder text = new StringBuilder(BEGIN);
        List<Pointwise> all = new ArrayList<>(List.of(Unary.values()));
        all.addAll(List.of(Binary.values()));
        all.addAll(List.of(Compare.values()));
        all.addAll(List.of(Logical.values()));
        for (Pointwise op : all) {
            text.append(row(op));
        }
        text.append(STRUCTURED);
        for (Class<?> type : structured(Primitive.class)) {
            text.append("| `%s` | %s |\n".formatted(type.getSimpleName(), meaning(type)));
        }
        text.append(COMPOSITES);
        text.append(
                composites().stream()
                        .map(name -> "`" + name + "`")
                        .collect(Collectors.joining(", ", "", ".\n")));
        Golden.check(Guide.root().resolve("docs/guide/operations.md"), text.toString());
    }

    private static String row(Pointwise op) throws IOException {
        String constant = ((Enum<?>) op).name();
        String source = source(op.getClass());
        Matcher doc = Pattern.compile("((?:    ///.*\\n)+)    " + constant + "\\b").matcher(source);
        assertTrue(doc.find(), () -> constant + " has no documentation");
        return "| `%s` | %s | %d | %s | %d | %s |\n"
                .formatted(
                        op.label(),
                        firstSentence(doc.group(1)),
                        op.arity(),
                        dtypes(op),
                        op.ulps(),
                        op.onnx());
    }

    private static String dtypes(Pointwise op) {
        return Arrays.stream(DType.values())
                .filter(dtype -> accepts(op, dtype))
                .map(DType::toString)
                .collect(Collectors.joining(", "));
    }

    private static boolean accepts(Pointwise op, DType dtype) {
        try {
            op.type(Collections.nCopies(op.arity(), TensorType.of(dtype, 2)));
            return true;
        } catch (TypeException refused) {
            return false;
        }
    }

    // The records and enums behind a sealed interface, but for the tables above.
    private static List<Class<?>> structured(Class<?> type) {
        List<Class<?>> found = new ArrayList<>();
        for (Class<?> next : type.getPermittedSubclasses()) {
            if (next.isInterface()) {
                found.addAll(structured(next));
            } else if (!List.of(Unary.class, Binary.class, Compare.class, Logical.class)
                    .contains(next)) {
                found.add(next);
            }
        }
        return found;
    }

    private static String meaning(Class<?> type) throws IOException {
        Matcher doc =
                Pattern.compile("((?:///.*\\n)+)public (?:record|enum|final class) ")
                        .matcher(source(type));
        assertTrue(doc.find(), () -> type + " has no documentation");
        return firstSentence(doc.group(1));
    }

    private static String firstSentence(String comment) {
        String text =
                comment.lines()
                        .map(line -> line.strip().substring(3).strip())
                        .takeWhile(line -> !line.isEmpty())
                        .collect(Collectors.joining(" "));
        int end = text.indexOf(". ");
        String sentence = end < 0 ? text : text.substring(0, end + 1);
        // Brackets are links of Javadoc, except in code.
        String[] parts = sentence.split("`", -1);
        for (int i = 0; i < parts.length; i += 2) {
            parts[i] = parts[i].replaceAll("\\[#?([^\\]]+)\\]", "$1");
        }
        return String.join("`", parts).replace("|", "\\|");
    }

    private static String source(Class<?> type) throws IOException {
        Class<?> outer = type;
        while (outer.getEnclosingClass() != null) {
            outer = outer.getEnclosingClass();
        }
        return Files.readString(
                Guide.root().resolve(SOURCES).resolve("op/" + outer.getSimpleName() + ".java"));
    }

    private static TreeSet<String> composites() throws IOException {
        TreeSet<String> names = new TreeSet<>();
        try (var files = Files.walk(Guide.root().resolve(SOURCES))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                Matcher named = COMPOSITE.matcher(Files.readString(file));
                while (named.find()) {
                    names.add(named.group(1));
                }
            }
        }
        return names;
    }
}
