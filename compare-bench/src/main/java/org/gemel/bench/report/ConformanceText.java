package org.gemel.bench.report;

import java.util.ArrayList;
import java.util.List;
import org.gemel.bench.report.ConformanceResult.Case;
import org.gemel.bench.report.ConformanceResult.Status;

/// A run over golden cases as a person reads it: what passed on a few lines, a row for each
/// operation that did not pass whole, below it the first cases with their reasons, and the sums.
final class ConformanceText {
    private static final String ROW = "  %-28s %8s %8s %12s";
    private static final int SHOWN = 3;

    private ConformanceText() {}

    static List<String> lines(ConformanceResult result, Console console) {
        List<String> passed = new ArrayList<>();
        List<String> rest = new ArrayList<>();
        result.byOperation()
                .forEach((operation, cases) -> {
                    long good = ConformanceResult.count(cases, Status.PASSED);
                    if (good == cases.size()) {
                        passed.add(operation + " " + good);
                    } else {
                        rest.add(row(operation, cases));
                        problems(cases, Status.FAILED, console.red("failed"), rest);
                        problems(cases, Status.UNSUPPORTED, "unsupported", rest);
                    }
                });
        List<String> lines = new ArrayList<>();
        if (!passed.isEmpty()) {
            lines.add("all cases passed:");
            wrapped(passed, lines);
            lines.add("");
        }
        if (!rest.isEmpty()) {
            lines.add(console.dim(ROW.formatted("operation", "passed", "failed", "unsupported")));
            lines.addAll(rest);
            lines.add("");
        }
        lines.add(
                "%s: %d passed, %d failed, %d unsupported"
                        .formatted(
                                result.mode(),
                                result.count(Status.PASSED),
                                result.count(Status.FAILED),
                                result.count(Status.UNSUPPORTED)));
        return lines;
    }

    private static String row(String operation, List<Case> cases) {
        return ROW.formatted(
                operation,
                ConformanceResult.count(cases, Status.PASSED),
                ConformanceResult.count(cases, Status.FAILED),
                ConformanceResult.count(cases, Status.UNSUPPORTED));
    }

    private static void problems(List<Case> cases, Status status, String word, List<String> lines) {
        List<Case> such = cases.stream().filter(c -> c.status() == status).toList();
        such.stream()
                .limit(SHOWN)
                .forEach(c -> lines.add("    " + word + "  " + c.id() + ": " + c.reason()));
        if (such.size() > SHOWN) {
            lines.add("    %s  ... and %d more".formatted(word, such.size() - SHOWN));
        }
    }

    private static void wrapped(List<String> words, List<String> lines) {
        StringBuilder line = new StringBuilder(" ");
        for (String word : words) {
            if (line.length() + word.length() + 3 > TextReport.WIDTH) {
                lines.add(line + ",");
                line = new StringBuilder(" ");
            }
            line.append(line.length() > 1 ? ", " : " ").append(word);
        }
        lines.add(line.toString());
    }
}
