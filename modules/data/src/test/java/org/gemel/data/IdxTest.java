package org.gemel.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.stream.Stream;
import org.gemel.GemelException;
import org.gemel.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class IdxTest {
    private static final byte[] VALUES = {0, 1, 127, (byte) 128, (byte) 255, 7};
    private static final byte[] PLAIN = IdxFiles.bytes(new int[] {1, 2, 3}, VALUES);

    @TempDir Path folder;

    @Test
    void readsPlainAndCompressedFilesAlike() throws IOException {
        for (byte[] bytes : new byte[][] {PLAIN, IdxFiles.gzip(PLAIN)}) {
            Idx.Content content = Idx.read(file(bytes), 3);
            assertEquals(Shape.of(1, 2, 3), content.shape());
            assertArrayEquals(VALUES, content.bytes());
        }
    }

    record Bad(String what, byte[] bytes, String message) {
        @Override
        public String toString() {
            return what;
        }
    }

    static Stream<Bad> damaged() throws IOException {
        byte[] zipped = IdxFiles.gzip(PLAIN);
        byte[] flipped = zipped.clone();
        flipped[zipped.length - 6] ^= 0x55; // in the checksum
        byte[] random = new byte[5000];
        new java.util.Random(1).nextBytes(random);
        byte[] longPlain = IdxFiles.bytes(new int[] {1, 50, 100}, random);
        byte[] longZipped = IdxFiles.gzip(longPlain);
        return Stream.of(
                new Bad(
                        "labels instead of images",
                        IdxFiles.bytes(new int[] {6}, VALUES),
                        "idx: expects magic number 0x00000803 (unsigned bytes of rank 3), but FILE"
                                + " starts with 0x00000801; is it the right file? images have rank"
                                + " 3, labels rank 1"),
                new Bad(
                        "empty",
                        new byte[0],
                        "idx: expects magic number 0x00000803 (unsigned bytes of rank 3), but FILE"
                                + " holds only 0 bytes; is it the right file? images have rank 3,"
                                + " labels rank 1"),
                new Bad(
                        "cut in the header",
                        Arrays.copyOf(PLAIN, 9),
                        "idx: expects 16 bytes of data, but FILE is truncated after 9; download it"
                                + " again"),
                new Bad(
                        "cut in the data",
                        Arrays.copyOf(PLAIN, PLAIN.length - 2),
                        "idx: expects 6 bytes of data, but FILE is truncated after 4; download it"
                                + " again"),
                new Bad(
                        "one byte too many",
                        Arrays.copyOf(PLAIN, PLAIN.length + 1),
                        "idx: expects 6 bytes of data, as the header says, but FILE holds more;"
                                + " download it again"),
                new Bad(
                        "gzip with a wrong checksum",
                        flipped,
                        "idx: expects intact gzip data, but FILE is corrupt (Corrupt GZIP trailer);"
                                + " download it again"),
                new Bad(
                        "gzip cut in its header",
                        Arrays.copyOf(zipped, 5),
                        "idx: expects intact gzip data, but FILE is corrupt (it ends inside the"
                                + " gzip header); download it again"),
                new Bad(
                        "a header that claims too much",
                        IdxFiles.bytes(new int[] {60000, 2000, 2000}, VALUES),
                        "idx: expects sizes that a file of 22 bytes can hold, but FILE claims"
                                + " [60000, 2000, 2000]; download it again"),
                new Bad(
                        "a negative size",
                        IdxFiles.bytes(new int[] {-1, 2, 3}, VALUES),
                        "idx: expects sizes that a file of 22 bytes can hold, but FILE claims [-1,"
                                + " 2, 3]; download it again"),
                new Bad("gzip cut in the data", Arrays.copyOf(longZipped, 3000), "truncated"));
    }

    @ParameterizedTest
    @MethodSource("damaged")
    void saysWhatIsWrongWithADamagedFile(Bad bad) throws IOException {
        Path file = file(bad.bytes());
        var error = assertThrows(GemelException.class, () -> Idx.read(file, 3));
        String message = error.getMessage().replace(file.toString(), "FILE");
        if (bad.message().equals("truncated")) {
            // How far the stream came depends on the compressor.
            String digits = message.replaceAll("after [0-9,]+", "after N");
            assertEquals(
                    "idx: expects 5000 bytes of data, but FILE is truncated after N; download it"
                            + " again",
                    digits);
        } else {
            assertEquals(bad.message(), message);
        }
        assertFalse(message.contains("\n"), "one line");
    }

    @Test
    void namesAMissingFile() {
        Path file = folder.resolve("nowhere");
        var error = assertThrows(GemelException.class, () -> Idx.read(file, 1));
        assertEquals(
                "idx: expects a file, but " + file + " does not exist; check the path",
                error.getMessage());
    }

    @Test
    void namesAFolderInTheFilesPlace() {
        var error = assertThrows(GemelException.class, () -> Idx.read(folder, 1));
        assertEquals(
                "idx: expects a file, but " + folder + " is a folder; check the path",
                error.getMessage());
    }

    @Test
    void namesAFileThatMayNotBeRead() throws IOException {
        Path file = file(PLAIN);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("-wx------"));
        assumeFalse(Files.isReadable(file), "this user reads everything");
        var error = assertThrows(GemelException.class, () -> Idx.read(file, 3));
        assertEquals(
                "idx: expects a readable file, but " + file + " is not; chmod +r it",
                error.getMessage());
    }

    private Path file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("file"), bytes);
    }
}
