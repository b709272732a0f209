package org.gemel.bench;

import java.util.concurrent.Callable;
import org.gemel.bench.report.Problem;
import picocli.CommandLine.Command;

/// All tests and checks of the project. They need Maven, which only the launcher knows how to find.
@Command(
        name = "verify",
        description = {"Build everything and run all tests (mvn verify).", ""},
        exitCodeListHeading = ExitCode.HEADING,
        exitCodeList = {
            ExitCode.OK_TEXT,
            "1:a test or a check failed",
            ExitCode.USAGE_TEXT,
            ExitCode.MISSING_TEXT
        })
final class VerifyCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        throw Problem.missing(
                "verify: expects the launcher, which finds a JDK and Maven, but was called in Java;"
                        + " run ./bench verify in the project's folder");
    }
}
