package org.gemel.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Compares a text with one in a file, which a flag brings up to date.
public final class Golden {
    /// The system property that, when `true`, writes the files instead of comparing.
    public static final String UPDATE = "gemel.golden.update";

    private Golden() {}

    /// Fails unless `file` holds `actual`; line ends count as one.
    public static void check(Path file, String actual) {
        String text = actual.endsWith("\n") ? actual : actual + "\n";
        try {
            if (Boolean.getBoolean(UPDATE)) {
                Files.createDirectories(file.toAbsolutePath().getParent());
                Files.writeString(file, text);
                return;
            }
            String expected =
                    Files.exists(file) ? Files.readString(file).replace("\r\n", "\n") : "";
            if (!expected.equals(text)) {
                throw new AssertionError(
                        "%s differs; if the new text is right, run again with -D%s=true%n%s"
                                .formatted(file, UPDATE, difference(expected, text)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String difference(String expected, String actual) {
        String[] old = expected.split("\n", -1);
        String[] now = actual.split("\n", -1);
        int line = 0;
        while (line < Math.min(old.length, now.length) && old[line].equals(now[line])) {
            line++;
        }
        return "line %d%n- %s%n+ %s%nall of it:%n%s"
                .formatted(
                        line + 1,
                        line < old.length ? old[line] : "(end)",
                        line < now.length ? now[line] : "(end)",
                        actual);
    }
}
