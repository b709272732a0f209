package org.gemel.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.gemel.bench.report.ConformanceResult.Case;
import org.gemel.bench.report.ConformanceResult.Status;
import org.junit.jupiter.api.Test;

class ConformanceTextTest {
    private final Samples.Captured captured = new Samples.Captured();

    private String text(List<Case> cases) {
        new TextReport(captured.console(false, false))
                .conformance(new ConformanceResult("eager", cases));
        return captured.out.toString();
    }

    @Test
    void anOperationThatDidNotPassWholeHasARowAndItsFirstCases() {
        List<Case> cases = new ArrayList<>();
        cases.add(new Case("unary/neg__a__float32", Status.PASSED, ""));
        cases.add(new Case("unary/neg__b__float32", Status.PASSED, ""));
        cases.add(new Case("unary/exp__a__float32", Status.PASSED, ""));
        for (int i = 0; i < 5; i++) {
            cases.add(new Case("unary/exp__" + i + "__f", Status.FAILED, "y: element 0: no"));
        }
        cases.add(new Case("conv__a", Status.UNSUPPORTED, "no operation conv"));
        assertEquals(
                """
                all cases passed:
                  neg 2

                  operation                      passed   failed  unsupported
                  conv                                0        0            1
                    unsupported  conv__a: no operation conv
                  exp                                 1        5            0
                    failed  unary/exp__0__f: y: element 0: no
                    failed  unary/exp__1__f: y: element 0: no
                    failed  unary/exp__2__f: y: element 0: no
                    failed  ... and 2 more

                eager: 3 passed, 5 failed, 1 unsupported
                """,
                text(cases));
    }

    @Test
    void whatPassedFitsTheWidth() {
        String text =
                text(
                        IntStream.range(0, 100)
                                .mapToObj(i -> new Case("operation" + i + "__x", Status.PASSED, ""))
                                .toList());
        text.lines().forEach(line -> assertTrue(line.length() <= TextReport.WIDTH, line));
        IntStream.range(0, 100)
                .forEach(i -> assertTrue(text.contains(" operation" + i + " 1"), text));
        assertTrue(text.endsWith("\n\neager: 100 passed, 0 failed, 0 unsupported\n"), text);
    }
}
