package org.gemel.bench;

import picocli.CommandLine.Command;

/// Runs cases with known results, and programs that must have the same ones however they run.
@Command(
        name = "conformance",
        description = {"Run cases whose results are known, or random programs in every mode.", ""},
        subcommands = {GoldenCommand.class, ProgramsCommand.class},
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = ExitCode.HEADING,
        exitCodeList = {
            ExitCode.OK_TEXT,
            ExitCode.FAILED_TEXT,
            ExitCode.USAGE_TEXT,
            ExitCode.MISSING_TEXT
        })
final class ConformanceCommand {}
