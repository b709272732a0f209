package org.gemel.bench.guide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The first page is true: its program compiles as it stands and learns, and what it says of
/// commands, folders and pages is there.
final class ReadmeTest {
    private static final int IMAGES = 128;
    private static final int SIDE = 28;

    @TempDir Path work;

    @Test
    void itsProgramLearns() throws IOException, InterruptedException {
        Guide readme = Guide.read("../../README.md", work);
        readme.add("Training.java", readme.snippet("class Training"));
        readme.compile();
        // The agent weaves @Traced methods; this test's own JVM has it.
        List<String> agents =
                ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                        .filter(option -> option.startsWith("-javaagent:"))
                        .toList();
        assertEquals(1, agents.size(), agents.toString());
        String output = readme.run("Training", agents, digits().toString());
        List<Double> losses =
                output.lines()
                        .filter(line -> line.endsWith(" f32[]"))
                        .map(line -> Double.parseDouble(line.replace(" f32[]", "")))
                        .toList();
        assertEquals(3 * IMAGES / 64, losses.size(), output);
        assertTrue(losses.getLast() < 0.9 * losses.getFirst(), output);
    }

    @Test
    void whatItLinksToIsThere() throws IOException {
        for (Path page : pages().toList()) {
            for (String link : links(Files.readString(page))) {
                String file = link.replaceFirst("#.*", "");
                if (!link.startsWith("http") && !file.isEmpty()) {
                    assertTrue(
                            Files.exists(page.resolveSibling(file)),
                            Guide.root().relativize(page) + " links to " + link);
                }
            }
        }
    }

    @Test
    void theIndexNamesEveryPage() throws IOException {
        Path guide = Guide.root().resolve("docs/guide");
        String index = Files.readString(guide.resolve("README.md"));
        try (Stream<Path> files = Files.list(guide)) {
            for (Path page : files.filter(file -> file.toString().endsWith(".md")).toList()) {
                String name = page.getFileName().toString();
                assertTrue(name.equals("README.md") || index.contains(name), name);
            }
        }
    }

    private static Stream<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.walk(Guide.root().resolve("docs"))) {
            return Stream.concat(
                    Stream.of(Guide.root().resolve("README.md")),
                    docs.filter(file -> file.toString().endsWith(".md")).toList().stream());
        }
    }

    private static List<String> links(String text) {
        return Pattern.compile("\\]\\(([^)\\s]+)\\)")
                .matcher(text)
                .results()
                .map(link -> link.group(1))
                .toList();
    }

    // Images that are bright in one row of ten: digits that are easy to tell apart.
    private Path digits() throws IOException {
        Path folder = Files.createDirectories(work.resolve("digits"));
        for (String part : new String[] {"train", "t10k"}) {
            ByteBuffer images = ByteBuffer.allocate(16 + IMAGES * SIDE * SIDE);
            images.putInt(0x803).putInt(IMAGES).putInt(SIDE).putInt(SIDE);
            ByteBuffer labels = ByteBuffer.allocate(8 + IMAGES);
            labels.putInt(0x801).putInt(IMAGES);
            for (int i = 0; i < IMAGES; i++) {
                byte digit = (byte) (i % 10);
                labels.put(digit);
                for (int pixel = 0; pixel < SIDE * SIDE; pixel++) {
                    images.put((byte) (pixel / SIDE / 2 == digit ? 255 : 0));
                }
            }
            Files.write(folder.resolve(part + "-images-idx3-ubyte"), images.array());
            Files.write(folder.resolve(part + "-labels-idx1-ubyte"), labels.array());
        }
        return folder;
    }
}
