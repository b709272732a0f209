package org.gemel.bench.guide;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;

/// Checks the rule of the guide on its graph, with the check that the guide shows.
final class NewRule {
    private NewRule() {}

    /// The argument is the graph before.
    public static void main(String[] arguments) throws ReflectiveOperationException {
        Method after =
                Class.forName("org.gemel.bench.guide.RuleCheck")
                        .getDeclaredMethod("after", String.class);
        String graph = (String) after.invoke(null, arguments[0]);
        assertTrue(arguments[0].contains("abs"), arguments[0]);
        assertFalse(graph.contains("abs"), graph);
        assertTrue(graph.contains("exp(x)"), graph);
    }
}
