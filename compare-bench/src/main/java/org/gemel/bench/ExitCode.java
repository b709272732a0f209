package org.gemel.bench;

import org.gemel.bench.report.Problem;

/// What the process tells its caller; `--help` lists them.
final class ExitCode {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int MISSING = 3;
    static final int BELOW = 4;

    static final String HEADING = "%nExit codes:%n";
    static final String OK_TEXT = "0:all is well";
    static final String FAILED_TEXT = "1:a workload or a case failed";
    static final String USAGE_TEXT = "2:the command line is wrong";
    static final String MISSING_TEXT = "3:something that is needed is missing (a JDK, a data set)";
    static final String BELOW_TEXT = "4:a ratio is below --fail-below";

    private ExitCode() {}

    static int of(Problem problem) {
        return switch (problem.kind()) {
            case USAGE -> USAGE;
            case MISSING -> MISSING;
            case FAILED -> FAILED;
        };
    }
}
