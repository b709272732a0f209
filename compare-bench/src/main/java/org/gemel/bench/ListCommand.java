package org.gemel.bench;

import java.util.concurrent.Callable;
import org.gemel.bench.report.Console;
import org.gemel.bench.workloads.Workload;
import org.gemel.bench.workloads.Workloads;
import picocli.CommandLine.Command;

/// What there is to compare.
@Command(
        name = "list",
        description = {"List the workloads.", ""},
        exitCodeListHeading = ExitCode.HEADING,
        exitCodeList = {ExitCode.OK_TEXT, ExitCode.USAGE_TEXT, ExitCode.MISSING_TEXT})
final class ListCommand implements Callable<Integer> {
    private final Console console;

    ListCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        for (Workload workload : Workloads.all()) {
            String note = workload.byDefault() ? "" : " (only when named)";
            console.out().println("%-15s %s%s".formatted(workload.name(), workload.title(), note));
        }
        console.out().flush();
        return ExitCode.OK;
    }
}
