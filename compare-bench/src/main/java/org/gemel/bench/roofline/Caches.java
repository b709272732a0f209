package org.gemel.bench.roofline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The data caches of a processor, from the system or, where it does not tell, as most have them.
final class Caches {
    private static final Path FOLDER = Path.of("/sys/devices/system/cpu/cpu0/cache");
    private static final List<Cache> USUAL =
            List.of(new Cache(1, 32 << 10), new Cache(2, 1 << 20), new Cache(3, 16 << 20));

    private Caches() {}

    /// One level.
    ///
    /// @param level 1 is next to the processor
    /// @param bytes its size
    record Cache(int level, long bytes) {}

    static List<Cache> here() {
        if (!Files.isDirectory(FOLDER)) {
            return USUAL;
        }
        try (Stream<Path> entries = Files.list(FOLDER)) {
            List<Cache> caches = new ArrayList<>();
            for (Path entry : entries.filter(Files::isDirectory).toList()) {
                read(entry).ifPresent(caches::add);
            }
            caches.sort(Comparator.comparingInt(Cache::level));
            return caches.isEmpty() ? USUAL : caches;
        } catch (IOException e) {
            return USUAL; // sizes only say where to measure; the measurement itself is what counts
        }
    }

    // Sizes are written as in "48K".
    private static Optional<Cache> read(Path entry) throws IOException {
        Path size = entry.resolve("size");
        if (!Files.exists(size)
                || Files.readString(entry.resolve("type")).strip().equals("Instruction")) {
            return Optional.empty();
        }
        String text = Files.readString(size).strip();
        int level = Integer.parseInt(Files.readString(entry.resolve("level")).strip());
        long kilobytes = Long.parseLong(text.substring(0, text.length() - 1));
        return Optional.of(new Cache(level, kilobytes << 10));
    }
}
