package org.gemel.backend.ffm;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.gemel.GemelException;

/// Looks for a native library: where its variable says, in the system's folders, in artifacts on
/// the class path. Keeps a line for what it found, or for what to do.
final class Search {
    private static final String NONE = "none";

    private final Map<String, String> environment;
    private final List<Path> folders;
    private final List<String> ladder = new ArrayList<>();

    /// A search with these environment variables, in these folders.
    Search(Map<String, String> environment, List<Path> folders) {
        this.environment = Map.copyOf(environment);
        this.folders = List.copyOf(folders);
    }

    /// A search on this machine.
    static Search here() {
        return new Search(System.getenv(), systemFolders());
    }

    /// What was found or not, a line for each kind that was looked for.
    List<String> ladder() {
        return List.copyOf(ladder);
    }

    /// Looks for a library of `kind`.
    ///
    /// @throws GemelException if its variable names what cannot be used
    Optional<Library> find(Kind kind) {
        String told = environment.getOrDefault(kind.variable(), "").strip();
        if (told.equals(NONE)) {
            ladder.add("%s: not used (%s=%s)".formatted(kind.title(), kind.variable(), NONE));
            return Optional.empty();
        }
        List<String> failures = new ArrayList<>();
        if (!told.isEmpty()) {
            Optional<Library> library = first(kind, told(kind, told), failures);
            found(kind, library, kind.variable());
            return Optional.of(library.orElseThrow(() -> unusable(kind, told, failures)));
        }
        Optional<Library> library = first(kind, inFolders(kind), failures);
        String where = "the system's folders";
        if (library.isEmpty()) {
            library = first(kind, Artifact.files(kind), failures);
            where = "the class path";
        }
        found(kind, library, where);
        if (library.isEmpty()) {
            ladder.add(
                    "%s: none in %s, the system's folders and the class path%s; to have one, install %s"
                            .formatted(
                                    kind.title(),
                                    kind.variable(),
                                    because(failures),
                                    kind.remedy()));
        }
        return library;
    }

    private void found(Kind kind, Optional<Library> library, String where) {
        library.ifPresent(l -> ladder.add("%s: %s, found by %s".formatted(kind.title(), l, where)));
    }

    private static String because(List<String> failures) {
        return failures.isEmpty() ? "" : " (" + String.join("; ", failures) + ")";
    }

    private static Optional<Library> first(Kind kind, List<Path> files, List<String> failures) {
        for (Path file : files) {
            try {
                Optional<Library> library = kind.load().apply(file);
                if (library.isPresent()) {
                    return library;
                }
                failures.add(file + " has no matrix product");
            } catch (IllegalArgumentException notLoaded) {
                failures.add(file + " cannot be loaded: " + notLoaded.getMessage());
            }
        }
        return Optional.empty();
    }

    private static List<Path> told(Kind kind, String told) {
        Path path;
        try {
            path = Path.of(told);
        } catch (InvalidPathException malformed) {
            return List.of();
        }
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        try (Stream<Path> files = Files.list(path)) {
            return files.filter(file -> kind.pattern().matcher(file.toString()).matches())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Path> inFolders(Kind kind) {
        return folders.stream()
                .flatMap(folder -> kind.names().stream().map(folder::resolve))
                .filter(file -> Files.isRegularFile(file) || isFramework(file))
                .toList();
    }

    // Frameworks of macOS lie in the loader's cache, not in the file system.
    private static boolean isFramework(Path file) {
        return file.endsWith(Path.of("Accelerate.framework", "Accelerate"));
    }

    private static GemelException unusable(Kind kind, String told, List<String> failures) {
        return new GemelException(
                "native: expects %s to be the path of a %s library, but %s is not%s; correct it, or"
                                .formatted(kind.variable(), kind.title(), told, because(failures))
                        + " unset it to search the system's folders");
    }

    private static List<Path> systemFolders() {
        List<Path> folders = new ArrayList<>();
        Arrays.stream(System.getProperty("java.library.path", "").split(File.pathSeparator))
                .filter(folder -> !folder.isBlank())
                .map(Path::of)
                .forEach(folders::add);
        boolean arm = System.getProperty("os.arch").equals("aarch64");
        String triplet = arm ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
        Stream.of(
                        "/opt/intel/oneapi/mkl/latest/lib",
                        "/opt/intel/oneapi/mkl/latest/lib/intel64",
                        "/opt/intel/oneapi/dnnl/latest/lib",
                        "/usr/local/lib",
                        "/usr/lib/" + triplet,
                        "/usr/lib/" + triplet + "/openblas-pthread",
                        "/usr/lib64",
                        "/usr/lib",
                        "/opt/homebrew/opt/openblas/lib",
                        "/usr/local/opt/openblas/lib",
                        "/opt/homebrew/lib")
                .map(Path::of)
                .forEach(folders::add);
        if (System.getProperty("os.name").startsWith("Mac")) {
            folders.add(Path.of("/System/Library/Frameworks/Accelerate.framework"));
        }
        return folders;
    }
}
