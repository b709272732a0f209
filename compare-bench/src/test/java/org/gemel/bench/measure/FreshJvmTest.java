package org.gemel.bench.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.gemel.bench.report.Problem;
import org.junit.jupiter.api.Test;

class FreshJvmTest {
    /// Greets, or fails if there is nobody to greet.
    public static final class Greeting {
        public static void main(String[] args) {
            System.out.println("a line before");
            if (args.length == 0) {
                throw new IllegalStateException("nobody there");
            }
            System.out.println("hello " + args[0] + "\n");
        }
    }

    @Test
    void returnsTheLastLine() {
        assertEquals("hello you", FreshJvm.lastLine(Greeting.class, List.of("you")));
    }

    @Test
    void tellsWhatWentWrong() {
        var problem =
                assertThrows(Problem.class, () -> FreshJvm.lastLine(Greeting.class, List.of()));
        assertEquals(Problem.Kind.FAILED, problem.kind());
        assertTrue(problem.getMessage().contains("got 1"), problem.getMessage());
        assertEquals(1, problem.getMessage().lines().count());
    }
}
