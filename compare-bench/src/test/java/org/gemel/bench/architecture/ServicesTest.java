package org.gemel.bench.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A service is declared twice, for the module path and for the class path: both must say the same.
class ServicesTest {
    private static final Set<String> MODULES =
            Set.of(
                    "org.gemel",
                    "org.gemel.backend",
                    "org.gemel.backend.ffm",
                    "org.gemel.backend.vector",
                    "org.gemel.bench",
                    "org.gemel.compiler",
                    "org.gemel.data",
                    "org.gemel.eager",
                    "org.gemel.ir",
                    "org.gemel.nn",
                    "org.gemel.optim",
                    "org.gemel.testkit",
                    "org.gemel.tracer");

    /// One of our modules on the class path: what its two declarations of services say.
    record Declarations(
            String module,
            Map<String, Set<String>> moduleInfo,
            Map<String, Set<String>> serviceFiles) {
        @Override
        public String toString() {
            return module;
        }
    }

    @Test
    void everyModuleIsSeen() {
        assertEquals(
                new TreeSet<>(MODULES),
                modules().map(Declarations::module).collect(Collectors.toCollection(TreeSet::new)));
    }

    @ParameterizedTest
    @MethodSource("modules")
    void moduleInfoAndServiceFilesAgree(Declarations declared) {
        assertEquals(declared.moduleInfo(), declared.serviceFiles(), declared.module());
    }

    static Stream<Declarations> modules() {
        try {
            return Collections.list(
                            ServicesTest.class.getClassLoader().getResources("module-info.class"))
                    .stream()
                    .filter(url -> MODULES.contains(descriptor(url).name()))
                    .map(ServicesTest::declarations);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Declarations declarations(URL moduleInfo) {
        var descriptor = descriptor(moduleInfo);
        var provided = new TreeMap<String, Set<String>>();
        for (var provides : descriptor.provides()) {
            provided.put(provides.service(), new TreeSet<>(provides.providers()));
        }
        return new Declarations(descriptor.name(), provided, serviceFiles(moduleInfo));
    }

    private static ModuleDescriptor descriptor(URL moduleInfo) {
        try (var stream = moduleInfo.openStream()) {
            return ModuleDescriptor.read(stream);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Set<String>> serviceFiles(URL moduleInfo) {
        try {
            if (moduleInfo.openConnection() instanceof JarURLConnection connection) {
                var jar = Path.of(URI.create(connection.getJarFileURL().toString()));
                try (var files = FileSystems.newFileSystem(jar)) {
                    return serviceFiles(files.getPath("META-INF", "services"));
                }
            }
            var classes = Path.of(URI.create(moduleInfo.toString())).resolveSibling("META-INF");
            return serviceFiles(classes.resolve("services"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Set<String>> serviceFiles(Path folder) throws IOException {
        var declared = new TreeMap<String, Set<String>>();
        if (!Files.isDirectory(folder)) {
            return declared;
        }
        try (var files = Files.newDirectoryStream(folder)) {
            for (var file : files) {
                declared.put(file.getFileName().toString(), providers(file));
            }
        }
        return declared;
    }

    private static Set<String> providers(Path file) throws IOException {
        try (var lines = Files.lines(file)) {
            return lines.map(line -> line.replaceFirst("#.*", "").strip())
                    .filter(line -> !line.isEmpty())
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
