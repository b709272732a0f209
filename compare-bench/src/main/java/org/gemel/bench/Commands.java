package org.gemel.bench;

import org.gemel.bench.report.Console;
import picocli.CommandLine;

/// Makes the sub-commands and hands each the console.
final class Commands implements CommandLine.IFactory {
    private final Console console;

    Commands(Console console) {
        this.console = console;
    }

    @Override
    public <K> K create(Class<K> type) throws Exception {
        if (type == CompareCommand.class) {
            return type.cast(new CompareCommand(console));
        }
        if (type == ListCommand.class) {
            return type.cast(new ListCommand(console));
        }
        if (type == GoldenCommand.class) {
            return type.cast(new GoldenCommand(console));
        }
        if (type == RooflineCommand.class) {
            return type.cast(new RooflineCommand(console));
        }
        if (type == GemmCommand.class) {
            return type.cast(new GemmCommand(console));
        }
        if (type == ProgramsCommand.class) {
            return type.cast(new ProgramsCommand(console));
        }
        return CommandLine.defaultFactory().create(type);
    }
}
