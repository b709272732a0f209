package org.gemel.bench.guide;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The pages that show how to add something are true: their snippets, applied to a copy of the
/// sources, compile without another change and do what the page says.
final class GuideTest {
    private static final String OP = "org/gemel/op/Unary.java";
    private static final String TENSOR = "org/gemel/Tensor.java";
    private static final String CODE = "org/gemel/backend/vector/OpCode.java";
    private static final String EXACT = "org/gemel/compiler/ExactRules.java";
    private static final String RULES = "org/gemel/compiler/Rules.java";

    @TempDir Path work;

    private Guide op() throws IOException {
        Guide guide = Guide.read("add-an-op.md", work);
        for (String module :
                new String[] {"modules/core", "modules/ir", "backends/spi", "backends/vector"}) {
            guide.copy(module);
        }
        guide.insert("AGNESI(", OP, "public enum Unary", "{\n");
        guide.insert("Tensor agnesi()", TENSOR, "public Tensor apply(Unary op)", "    }\n");
        return guide;
    }

    @Test
    void anOperationTakesTwoFilesAndOneLinePerBackend() throws IOException, InterruptedException {
        Guide guide = op();
        guide.insert("case AGNESI ->", CODE, "private Value unary(", "return switch (op) {\n");
        guide.compile();
        guide.run(NewOperation.class, "agnesi");
    }

    @Test
    void theCompilerNamesWhatIsMissing() throws IOException {
        Guide guide = op();
        AssertionError missing = assertThrows(AssertionError.class, guide::compile);
        String message = missing.getMessage();
        assertTrue(message.contains("OpCode.java"), message);
        assertTrue(message.contains("does not cover all possible input values"), message);
    }

    @Test
    void theCompositeOnThePageIsTheOneInUse() throws IOException {
        Guide guide = Guide.read("add-an-op.md", work);
        guide.copy("modules/core");
        String source = Files.readString(work.resolve("src/org/gemel/Composites.java"));
        String snippet = guide.snippet("SOFTPLUS");
        assertTrue(words(source).contains(words(snippet)), snippet);
    }

    private static String words(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }

    @Test
    void aRuleIsALineAndAMethod() throws IOException, InterruptedException {
        Guide guide = Guide.read("add-a-pass.md", work);
        guide.copy("compiler");
        guide.insert("exact(\"size", RULES, "EXACT_RULES", "List.of(\n");
        guide.insert("sizeOfExponential(Node.Apply", EXACT, "private ExactRules()", "{}\n");
        String check =
                """
                import org.gemel.compiler.Pipeline;
                import org.gemel.ir.Graph;
                import org.gemel.ir.Parser;
                import org.gemel.ir.Printer;
                import org.gemel.testkit.RewriteCheck;

                final class RuleCheck {
                    static String after(String text) {
                        Graph graph = Parser.parse(text);
                        %s
                        return Printer.print(after);
                    }
                }
                """;
        guide.add(
                "org/gemel/bench/guide/RuleCheck.java",
                "package org.gemel.bench.guide;\n"
                        + check.formatted(guide.snippet("RewriteCheck")));
        guide.compile();
        guide.run(NewRule.class, guide.snippet("graph("));
    }

    @Test
    void aBackendIsAClassAndItsTest() throws IOException, InterruptedException {
        Guide guide = Guide.read("add-a-backend.md", work);
        guide.add("example/MyBackend.java", guide.snippet("public final class MyBackend"));
        guide.add("example/MyBackendTest.java", guide.snippet("class MyBackendTest"));
        guide.compile();
        guide.run(NewBackend.class, "example.MyBackendTest");
    }
}
