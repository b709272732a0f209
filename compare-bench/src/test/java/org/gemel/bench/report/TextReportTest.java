package org.gemel.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TextReportTest {
    private final Samples.Captured captured = new Samples.Captured();
    private final TextReport report = new TextReport(captured.console(false, false));

    private String text() {
        return captured.out.toString();
    }

    @Test
    void aWorkloadIsAParagraph() {
        report.workload(Samples.measured("mlp-train", 812_000, 431_000));
        assertEquals(
                """

                mlp-train    784-256-128-10, batch 64

                           time of a step       90 % interval   kernels   allocated   peak memory   first call
                  eager          812.0 us       730.8 - 893.2        41     6.1 MiB       3.4 MiB     38.00 ms
                  traced         431.0 us       387.9 - 474.1        41     6.1 MiB       3.4 MiB     38.00 ms

                  traced is 1.88x faster than eager (1.85 - 1.92)
                  tracing pays for itself after 92 steps
                  same bits: yes, all 235,146 parameters after 20,000 steps
                """,
                text());
    }

    @Test
    void saysWhenTracingLoses() {
        report.workload(Samples.measured("add4", 100, 200));
        assertTrue(text().contains("traced is 2.00x slower than eager (1.96 - 2.04)"), text());
        assertTrue(text().contains("tracing never pays for itself here"), text());
    }

    @Test
    void saysWhenNothingIsShown() {
        report.workload(Samples.measured("add4", 101, 100));
        assertTrue(text().contains("no clear difference: eager takes 1.01 times"), text());
    }

    @Test
    void saysWhyAWorkloadFailed() {
        report.workload(Samples.failed());
        assertEquals(
                """

                add4         a + b
                  same bits: no, largest difference 3 ulp
                  failed: eager: expects -2.5 at step 1, but got 1.0
                """,
                text());
    }

    @Test
    void theSummaryHasARowEachAndTheGeometricMean() {
        report.summary(
                List.of(
                        Samples.measured("one", 400, 100),
                        Samples.measured("two", 100, 100),
                        Samples.failed()));
        assertEquals(
                """

                                        eager       traced     ratio   90 % interval     pays after   same bits
                  one                400.0 ns     100.0 ns     4.00x   3.92 - 4.08               92   yes
                  two                100.0 ns     100.0 ns     1.00x   0.98 - 1.02            never   yes
                  add4           failed
                  geometric mean                               2.00x
                """,
                text());
    }

    @Test
    void oneWorkloadNeedsNoSummary() {
        report.summary(List.of(Samples.measured("one", 400, 100)));
        assertEquals("", text());
    }

    @Test
    void linesFitTheWidth() {
        var training = new Training(0.97654, 123_456, List.of(98_765_432L, 98_765_432L, 1L << 40));
        var one = Samples.measured("logreg-train", 9_999_999_999.0, 999_999.0);
        report.workload(
                new WorkloadResult.Measured(
                        one.name(),
                        one.title(),
                        Samples.mode(9.9e11, Optional.of(training)),
                        one.traced(),
                        one.ratio(),
                        one.breakEvenCalls(),
                        one.agreement(),
                        one.compared()));
        report.summary(List.of(one, one, Samples.failed()));
        text().lines().forEach(l -> assertTrue(l.length() <= TextReport.WIDTH, l));
        assertTrue(text().contains("test accuracy 97.65 %, 123,456 images/s"), text());
    }

    @Test
    void coloursOnlyWhereTheyAreWelcome() {
        report.workload(Samples.measured("one", 400, 100));
        assertFalse(text().contains("\u001b"));
        new TextReport(captured.console(true, true)).workload(Samples.measured("one", 400, 100));
        assertTrue(text().contains("\u001b[32m4.00x faster\u001b[0m"), text());
    }
}
