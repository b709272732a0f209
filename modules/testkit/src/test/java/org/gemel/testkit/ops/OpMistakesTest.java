package org.gemel.testkit.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.gemel.GemelException;
import org.gemel.Tensor;
import org.gemel.testkit.Golden;
import org.gemel.testkit.HostTensors;
import org.gemel.testkit.Modes;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What every operation answers to inputs that do not fit, in both modes; all of it stands in
/// `errors.txt`, to be read.
final class OpMistakesTest {
    private static final Path PAGE = Path.of("src/test/resources/errors.txt");

    // operation: rule, but got facts; remedy
    private static final Pattern FORM = Pattern.compile("(\\w+)( \\w+)?: .+; .+");
    // Of messages that differ in these alone, one is enough to read.
    private static final Pattern SIZES = Pattern.compile("\\[[^\\]]*\\]|\\d+");
    private static final Pattern CALL = Pattern.compile(", calling (\\w+)$");

    private static List<OpCase> rows() {
        return OpCases.all().stream().filter(row -> !row.is(OpCase.Trait.PREPARED)).toList();
    }

    private static List<OpMistakes.Mistake> mistakes(OpCase row) {
        return OpMistakes.of(row, row.dtypes().getFirst());
    }

    @TestFactory
    Stream<DynamicTest> saysRuleFactsAndRemedyInBothModes() {
        return rows().stream()
                .map(row -> DynamicTest.dynamicTest(row.toString(), () -> check(row)));
    }

    private static void check(OpCase row) {
        Set<OpMistakes.Kind> refused = new HashSet<>();
        for (OpMistakes.Mistake mistake : mistakes(row)) {
            Optional<String> eager = answer(row, mistake, Modes.EAGER);
            Optional<String> traced = answer(row, mistake, Modes.TRACED);
            assertEquals(
                    eager.map(OpMistakesTest::first),
                    traced.map(OpMistakesTest::first),
                    row + " of " + mistake);
            eager.ifPresent(message -> {
                refused.add(mistake.kind());
                assertTrue(named(row, message), () -> row + " of " + mistake + ": " + message);
            });
        }
        boolean indexed = row.operands().stream().anyMatch(o -> o.kind() == Operand.Kind.INDEX);
        assertTrue(
                !indexed || refused.contains(OpMistakes.Kind.INDEX),
                () -> row + " takes any index");
        assertTrue(
                row.sizes().smallest() == 0 || refused.contains(OpMistakes.Kind.EMPTY),
                () -> row + " takes less than " + row.sizes().smallest());
    }

    // In the house form, and naming the operation.
    private static boolean named(OpCase row, String message) {
        Matcher form = FORM.matcher(first(message));
        Matcher call = CALL.matcher(message);
        return form.matches()
                && (plain(form.group(1)).equals(plain(row.op()))
                        || (call.find() && plain(call.group(1)).equals(plain(row.op()))));
    }

    private static Optional<String> answer(OpCase row, OpMistakes.Mistake mistake, Modes mode) {
        try {
            List<Tensor> inputs = mistake.inputs().stream().map(HostTensors::tensor).toList();
            mode.run(row.call(), inputs).forEach(HostTensors::dense);
            return Optional.empty();
        } catch (GemelException refused) {
            return Optional.of(refused.getMessage());
        } catch (RuntimeException | Error thrown) {
            throw new AssertionError(row + " of " + mistake + " in " + mode, thrown);
        }
    }

    @Test
    void everyOperationRefusesSomething() {
        Set<String> taking = new TreeSet<>();
        Set<String> total = new TreeSet<>();
        for (OpCase row : rows()) {
            taking.add(row.op());
            if (row.is(OpCase.Trait.TOTAL)) {
                total.add(row.op());
            }
        }
        for (OpCase row : rows()) {
            if (mistakes(row).stream().anyMatch(m -> answer(row, m, Modes.EAGER).isPresent())) {
                taking.remove(row.op());
            }
        }
        assertEquals(total, taking);
    }

    @Test
    void allMessagesReadWell() {
        List<String> lines = new ArrayList<>();
        for (OpCase row : rows()) {
            Map<String, String> seen = new LinkedHashMap<>();
            for (OpMistakes.Mistake mistake : mistakes(row)) {
                answer(row, mistake, Modes.EAGER)
                        .map(message -> line(mistake, message))
                        .ifPresent(
                                line -> seen.putIfAbsent(SIZES.matcher(line).replaceAll(""), line));
            }
            if (!seen.isEmpty()) {
                lines.add(row.name());
                lines.addAll(seen.values());
            }
        }
        Golden.check(PAGE, String.join("\n", lines));
    }

    private static String line(OpMistakes.Mistake mistake, String message) {
        String kind = mistake.kind().name().toLowerCase(Locale.ROOT);
        return "  %s: %s%s".formatted(kind, first(message), calling(message));
    }

    private static String first(String message) {
        return message.lines().findFirst().orElseThrow();
    }

    private static String calling(String message) {
        Matcher call = CALL.matcher(message);
        return call.find() ? call.group() : "";
    }

    private static String plain(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }
}
