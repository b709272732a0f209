package org.gemel.bench.report;

import java.io.PrintWriter;
import java.nio.charset.Charset;

/// Where a run writes to, and what may be written there.
///
/// @param out for results
/// @param progress for what happens meanwhile
/// @param interactive whether a person watches, so that a line may be overwritten
/// @param coloured whether escape sequences for colours are welcome
/// @param unicode whether bars may be drawn with block characters
public record Console(
        PrintWriter out,
        PrintWriter progress,
        boolean interactive,
        boolean coloured,
        boolean unicode) {
    private static final String BLOCK = "█";

    /// The process's own output. Colours only on a terminal, and not where `NO_COLOR` is set
    /// (no-color.org).
    // JDK 25 made the console null again where stdin or stdout is no terminal.
    @SuppressWarnings("SystemConsoleNull")
    public static Console system() {
        Charset charset = System.out.charset();
        boolean terminal = System.console() != null && System.console().isTerminal();
        String noColor = System.getenv("NO_COLOR");
        return new Console(
                new PrintWriter(System.out, true, charset),
                new PrintWriter(System.err, true, System.err.charset()),
                terminal,
                terminal && (noColor == null || noColor.isEmpty()),
                charset.newEncoder().canEncode(BLOCK));
    }

    /// A console that keeps what is written, for a program that reads it.
    public static Console plain(PrintWriter out, PrintWriter progress) {
        return new Console(out, progress, false, false, true);
    }

    String bold(String text) {
        return styled("1", text);
    }

    String green(String text) {
        return styled("32", text);
    }

    String red(String text) {
        return styled("31", text);
    }

    String dim(String text) {
        return styled("2", text);
    }

    private String styled(String code, String text) {
        return coloured ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }
}
