package org.gemel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.gemel.GemelException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MnistTest {
    private static final String TRAIN_LABELS = "train-labels-idx1-ubyte.gz";

    @TempDir Path folder;

    @BeforeEach
    void writeFiles() throws IOException {
        IdxFiles.writeMnist(folder);
    }

    @Test
    void readsTheFourFiles() {
        Mnist mnist = Mnist.read(folder);
        assertEquals(5, mnist.train().size());
        assertEquals(3, mnist.test().size());
        assertEquals(3, mnist.train().label(0));
        assertEquals(0, mnist.train().label(1));
        float[] image = new float[1 + 784];
        mnist.train().copyPixels(1, image, 1);
        assertEquals(((784 * 31 + 1) & 0xff) / 255f, image[1]);
    }

    @Test
    void takesFilesThatWereUnpacked() throws IOException {
        Path packed = folder.resolve(TRAIN_LABELS);
        Files.write(
                folder.resolve("train-labels-idx1-ubyte"),
                IdxFiles.bytes(new int[] {5}, new byte[] {9, 8, 7, 6, 5}));
        Files.delete(packed);
        assertEquals(9, Mnist.read(folder).train().label(0));
    }

    @Test
    void tellsWhereToGetMissingFiles() throws IOException {
        Files.delete(folder.resolve(TRAIN_LABELS));
        assertEquals(
                "mnist: expects train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz,"
                        + " t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz (or without .gz),"
                        + " but FOLDER lacks train-labels-idx1-ubyte.gz; get the four files from"
                        + " https://ossci-datasets.s3.amazonaws.com/mnist/ (or with"
                        + " torchvision.datasets.MNIST) and give their folder",
                messageOf(folder));
    }

    @Test
    void tellsWhereToGetAMissingFolder() {
        assertEquals(
                "mnist: expects a folder, but FOLDER/none does not exist; " + Mnist.WHERE,
                messageOf(folder.resolve("none")));
    }

    @Test
    void rejectsAFileInTheFoldersPlace() {
        assertEquals(
                "mnist: expects a folder, but FOLDER/train-labels-idx1-ubyte.gz is a file; give the"
                        + " folder that holds the four files",
                messageOf(folder.resolve(TRAIN_LABELS)));
    }

    @Test
    void rejectsAnUnreadableFolder() throws IOException {
        Path closed = Files.createDirectory(folder.resolve("closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
        assumeFalse(Files.isReadable(closed), "this user reads everything");
        assertEquals(
                "mnist: expects a readable folder, but FOLDER/closed is not; chmod +rx it",
                messageOf(closed));
    }

    @Test
    void rejectsLabelsThatDoNotBelongToTheImages() throws IOException {
        writeLabels(new byte[] {1, 2, 3, 4});
        assertEquals(
                "mnist: expects one label per image and at least one image, but"
                        + " FOLDER/train-images-idx3-ubyte.gz holds 5 and"
                        + " FOLDER/train-labels-idx1-ubyte.gz 4; do they belong together?",
                messageOf(folder));
    }

    @Test
    void rejectsALabelThatIsNoDigit() throws IOException {
        writeLabels(new byte[] {1, 2, (byte) 200, 4, 5});
        assertEquals(
                "mnist: expects labels 0 to 9, but FOLDER/train-labels-idx1-ubyte.gz has 200 at"
                        + " position 2; is it MNIST?",
                messageOf(folder));
    }

    @Test
    void rejectsImagesOfAnotherSize() throws IOException {
        Files.write(
                folder.resolve("t10k-images-idx3-ubyte.gz"),
                IdxFiles.gzip(IdxFiles.bytes(new int[] {3, 14, 56}, new byte[3 * 784])));
        assertEquals(
                "mnist: expects images of 28 x 28, but FOLDER/t10k-images-idx3-ubyte.gz holds [3,"
                        + " 14, 56]; is it MNIST?",
                messageOf(folder));
    }

    @Test
    void readsTheRealDataSet() {
        Path shared = Path.of(System.getProperty("gemel.shared", "../shared"), "data", "mnist");
        assumeTrue(Files.isDirectory(shared), "no MNIST in " + shared);
        Mnist mnist = Mnist.read(shared);
        assertEquals(60_000, mnist.train().size());
        assertEquals(10_000, mnist.test().size());
        assertEquals(5, mnist.train().label(0));
        assertEquals(7, mnist.test().label(0));
    }

    private void writeLabels(byte[] labels) throws IOException {
        Files.write(
                folder.resolve(TRAIN_LABELS),
                IdxFiles.gzip(IdxFiles.bytes(new int[] {labels.length}, labels)));
    }

    private String messageOf(Path path) {
        var error = assertThrows(GemelException.class, () -> Mnist.read(path));
        assertTrue(error.getMessage().lines().count() == 1, "one line");
        return error.getMessage().replace(folder.toString(), "FOLDER");
    }
}
