package org.gemel.bench;

import picocli.CommandLine.Command;

/// Runs cases with known results.
@Command(
        name = "conformance",
        description = {"Run cases whose results are known.", ""},
        subcommands = GoldenCommand.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = ExitCode.HEADING,
        exitCodeList = {
            ExitCode.OK_TEXT,
            ExitCode.FAILED_TEXT,
            ExitCode.USAGE_TEXT,
            ExitCode.MISSING_TEXT
        })
final class ConformanceCommand {}
