package org.gemel.testkit;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GoldenTest {
    @Test
    void anEqualTextPasses(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("a.txt"), "one\r\ntwo\r\n");
        Golden.check(file, "one\ntwo");
    }

    @Test
    void aDifferentTextNamesLineAndFlag(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("a.txt"), "one\ntwo\n");
        var error = assertThrows(AssertionError.class, () -> Golden.check(file, "one\n2\n"));
        assertTrue(error.getMessage().contains("line 2"), error.getMessage());
        assertTrue(error.getMessage().contains("-Dgemel.golden.update=true"), error.getMessage());
    }

    @Test
    void aMissingFileFails(@TempDir Path folder) {
        Path file = folder.resolve("none.txt");
        assertThrows(AssertionError.class, () -> Golden.check(file, "text"));
    }
}
