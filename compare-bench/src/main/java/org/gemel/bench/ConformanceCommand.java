package org.gemel.bench;

import picocli.CommandLine.Command;

/// Runs cases with known results.
@Command(
        name = "conformance",
        description = "Run cases whose results are known.",
        subcommands = GoldenCommand.class)
final class ConformanceCommand {}
