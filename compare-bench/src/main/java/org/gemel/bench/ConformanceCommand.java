package org.gemel.bench;

import picocli.CommandLine.Command;

/// Runs cases with known results, and programs that must have the same ones however they run.
@Command(
        name = "conformance",
        description = "Run cases whose results are known, or random programs in every mode.",
        subcommands = {GoldenCommand.class, ProgramsCommand.class})
final class ConformanceCommand {}
