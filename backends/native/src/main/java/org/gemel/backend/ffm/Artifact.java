package org.gemel.backend.ffm;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Libraries inside artifacts on the class path, as `org.bytedeco:openblas` and `org.bytedeco:dnnl`
/// with the classifier of the platform have them. They are copied to a folder of this process,
/// because a system loads libraries from files only.
final class Artifact {
    // What the libraries themselves need, in an order in which they can be loaded. Once loaded,
    // they are found by name.
    private static final List<String> RUNTIMES =
            List.of("libgcc_s.so.1", "libquadmath.so.0", "libgfortran.so.5", "libgomp.so.1");

    private Artifact() {}

    /// The libraries of `kind` on the class path, ready to be loaded.
    static List<Path> files(Kind kind) {
        String folder = "org/bytedeco/%s/%s/".formatted(kind.artifact(), platform());
        List<String> present = kind.names().stream().filter(n -> has(folder + n)).toList();
        if (present.isEmpty()) {
            return List.of();
        }
        try {
            Path target = Files.createTempDirectory("gemel-native");
            target.toFile().deleteOnExit();
            for (String runtime : RUNTIMES) {
                if (has(folder + runtime)) {
                    Symbols.load(copy(folder + runtime, target.resolve(runtime)));
                }
            }
            List<Path> files = new ArrayList<>();
            for (String name : present) {
                files.add(copy(folder + name, target.resolve(name)));
            }
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean has(String resource) {
        return Artifact.class.getClassLoader().getResource(resource) != null;
    }

    private static Path copy(String resource, Path target) throws IOException {
        try (InputStream content = Artifact.class.getClassLoader().getResourceAsStream(resource)) {
            if (content == null) {
                throw new IOException(resource + " has gone");
            }
            Files.copy(content, target);
        }
        target.toFile().deleteOnExit();
        return target;
    }

    private static String platform() {
        String name = System.getProperty("os.name");
        String os =
                name.startsWith("Mac")
                        ? "macosx"
                        : name.startsWith("Windows") ? "windows" : "linux";
        boolean arm = System.getProperty("os.arch").equals("aarch64");
        return os + (arm ? "-arm64" : "-x86_64");
    }
}
