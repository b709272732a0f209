package org.gemel.testkit.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The table of cases is complete: whoever adds an operation adds its tests.
final class OpTableTest {
    private static final List<Path> SOURCES =
            List.of(Path.of("../core/src/main/java"), Path.of("../nn/src/main/java"));
    private static final Pattern COMPOSITE =
            Pattern.compile("Composite\\.(?:of|opaque)\\(\\s*\"([a-z0-9_]+)\"");

    private static Observer observed(OpCase row) {
        return Observer.of(row, row.dtypes().getFirst());
    }

    @Test
    void everyPrimitiveIsComputedBySomeCase() {
        Set<String> missing = new TreeSet<>(OpNames.primitives());
        OpCases.all().forEach(row -> missing.removeAll(observed(row).primitives().keySet()));
        assertEquals(Set.of(), missing);
    }

    @Test
    void everyDifferentiablePrimitiveIsDifferentiatedInSomeCase() {
        Set<String> constant = new HashSet<>();
        Set<String> curved = new HashSet<>();
        for (OpCase row : OpCases.all()) {
            observed(row)
                    .primitives()
                    .forEach((name, applied) -> {
                        if (!applied.op().differentiable()) {
                            constant.add(name);
                        } else if (row.differentiable()) {
                            curved.add(name);
                        }
                    });
        }
        Set<String> missing = new TreeSet<>(OpNames.primitives());
        missing.removeAll(constant);
        missing.removeAll(curved);
        assertEquals(Set.of(), missing);
    }

    @Test
    void everyCompositeIsComputedBySomeCase() throws IOException {
        Set<String> missing = new TreeSet<>();
        for (Path folder : SOURCES) {
            try (var files = Files.walk(folder)) {
                for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    Matcher named = COMPOSITE.matcher(Files.readString(file));
                    while (named.find()) {
                        missing.add(named.group(1));
                    }
                }
            }
        }
        OpCases.all().forEach(row -> missing.removeAll(observed(row).composites().keySet()));
        assertEquals(Set.of(), missing);
    }

    @Test
    void everyMethodThatComputesHasACase() {
        Set<String> had =
                OpCases.all().stream().map(row -> plain(row.op())).collect(Collectors.toSet());
        Set<String> missing =
                OpNames.methods().stream()
                        .filter(name -> !had.contains(plain(name)))
                        .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of(), missing);
    }

    @Test
    void namesAreUnique() {
        Set<String> seen = new HashSet<>();
        List<String> again =
                OpCases.all().stream().map(OpCase::name).filter(name -> !seen.add(name)).toList();
        assertEquals(List.of(), again);
    }

    // Rows of tables are named as in graphs, methods as in Java.
    private static String plain(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }
}
