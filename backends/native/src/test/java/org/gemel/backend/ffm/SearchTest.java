package org.gemel.backend.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.gemel.DType;
import org.gemel.GemelException;
import org.gemel.Shape;
import org.gemel.TensorType;
import org.gemel.ir.Graph;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.Fill;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchTest {
    @TempDir private Path folder;

    @Test
    void nothingFoundIsToldWithWhatToDo() {
        Search search = new Search(Map.of(), List.of(folder));
        assertEquals(Optional.empty(), search.find(Kind.BLAS));
        assertEquals(1, search.ladder().size());
        String line = search.ladder().getFirst();
        assertTrue(
                line.startsWith(
                        "BLAS: none in GEMEL_BLAS, the system's folders and the class path"),
                line);
        assertTrue(line.contains("install Debian's libopenblas0-pthread"), line);
    }

    @Test
    void aFileThatIsNoLibraryIsPassedOverAndTold() throws IOException {
        Path file = Files.writeString(folder.resolve("libdnnl.so.3"), "not a library");
        Search search = new Search(Map.of(), List.of(folder));
        assertEquals(Optional.empty(), search.find(Kind.ONEDNN));
        String line = search.ladder().getFirst();
        assertTrue(line.contains("(" + file + " cannot be loaded"), line);
    }

    @Test
    void whatAVariableNamesMustBeUsable() {
        Path missing = folder.resolve("libopenblas.so");
        Search search = new Search(Map.of("GEMEL_BLAS", missing.toString()), List.of());
        String message =
                assertThrows(GemelException.class, () -> search.find(Kind.BLAS)).getMessage();
        assertTrue(
                message.startsWith(
                        "native: expects GEMEL_BLAS to be the path of a BLAS library, but "
                                + missing
                                + " is not"),
                message);
        assertTrue(message.endsWith("unset it to search the system's folders"), message);
    }

    @Test
    void aFolderIsSearchedForItsFiles() throws IOException {
        Files.writeString(folder.resolve("readme.txt"), "nothing");
        Path file = Files.writeString(folder.resolve("libopenblas_x.so.0"), "not a library");
        Search search = new Search(Map.of("GEMEL_BLAS", folder.toString()), List.of());
        String message =
                assertThrows(GemelException.class, () -> search.find(Kind.BLAS)).getMessage();
        assertTrue(message.contains(file + " cannot be loaded"), message);
        assertTrue(!message.contains("readme"), message);
    }

    @Test
    void aKindCanBeLeftOut() {
        Search search = new Search(Map.of("GEMEL_ONEDNN", "none"), List.of(folder));
        assertEquals(Optional.empty(), search.find(Kind.ONEDNN));
        assertEquals(List.of("oneDNN: not used (GEMEL_ONEDNN=none)"), search.ladder());
    }

    @Test
    void withoutAnyLibraryTheFirstKernelFailsWithTheRemedy() {
        Search search = new Search(Map.of("GEMEL_BLAS", "none", "GEMEL_ONEDNN", "none"), List.of());
        NativeBackend backend = new NativeBackend(() -> search);
        backend.threads(1); // chooses nothing yet
        TensorType type = new TensorType(DType.F32, Shape.of(2));
        Node fill = Node.Apply.of(new Fill(type, 1), List.of(), Optional.empty());
        Region region =
                new Region(
                        Region.Loop.CALL,
                        type.shape(),
                        new Graph(List.of(), List.of(fill)),
                        List.of());
        String message =
                assertThrows(GemelException.class, () -> backend.compile(region)).getMessage();
        assertTrue(
                message.startsWith(
                        "native: expects a BLAS or oneDNN on this machine, but found none"),
                message);
        assertTrue(message.endsWith("or take GEMEL_BACKEND=vector"), message);
    }
}
