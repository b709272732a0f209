package org.gemel.bench.guide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/// A page of `docs/guide`, and a copy of sources that its snippets are applied to.
///
/// @param snippets the code of the page, block by block
/// @param work where copies and classes go
record Guide(List<String> snippets, Path work) {
    private static final Pattern BLOCK =
            Pattern.compile("^```\\w*\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

    static Guide read(String page, Path work) throws IOException {
        String text = Files.readString(root().resolve("docs/guide").resolve(page));
        List<String> snippets = new ArrayList<>();
        for (Matcher block = BLOCK.matcher(text.replace("\r\n", "\n")); block.find(); ) {
            snippets.add(block.group(1));
        }
        return new Guide(List.copyOf(snippets), work);
    }

    // The folder that holds all modules: tests run in that of their own.
    static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("docs/guide"))) {
            folder = folder.getParent();
        }
        return folder;
    }

    /// The only snippet that holds `mark`.
    String snippet(String mark) {
        List<String> found = snippets.stream().filter(s -> s.contains(mark)).toList();
        assertEquals(1, found.size(), "snippets with " + mark);
        return found.getFirst();
    }

    /// Copies the sources of a module.
    void copy(String module) throws IOException {
        Path from = root().resolve(module).resolve("src/main/java");
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!file.endsWith("module-info.java")) {
                    Path to = work.resolve("src").resolve(from.relativize(file).toString());
                    Files.createDirectories(to.getParent());
                    Files.copy(file, to);
                }
            }
        }
    }

    /// Puts the snippet with `mark` into the copy of `file`, right behind the first `anchor` that
    /// follows `section`.
    void insert(String mark, String file, String section, String anchor) throws IOException {
        Path path = work.resolve("src").resolve(file);
        String text = Files.readString(path).replace("\r\n", "\n");
        int start = text.indexOf(section);
        assertTrue(start >= 0, section + " in " + file);
        int at = text.indexOf(anchor, start);
        assertTrue(at >= 0, anchor + " in " + file);
        at += anchor.length();
        Files.writeString(path, text.substring(0, at) + snippet(mark) + text.substring(at));
    }

    /// Adds a file.
    void add(String file, String text) throws IOException {
        Path path = work.resolve("src").resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    /// Compiles all that was copied and added.
    void compile() throws IOException {
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        Path classes = Files.createDirectories(work.resolve("classes"));
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager manager =
                        javac.getStandardFileManager(null, null, StandardCharsets.UTF_8);
                Stream<Path> files = Files.walk(work.resolve("src"))) {
            List<Path> sources = files.filter(Files::isRegularFile).toList();
            List<String> options =
                    List.of(
                            "-proc:none",
                            "--add-modules",
                            "jdk.incubator.vector",
                            "-cp",
                            System.getProperty("java.class.path"),
                            "-d",
                            classes.toString());
            boolean good =
                    javac.getTask(
                                    messages,
                                    manager,
                                    null,
                                    options,
                                    null,
                                    manager.getJavaFileObjectsFromPaths(sources))
                            .call();
            assertTrue(good, messages::toString);
        }
    }

    /// Runs `main` in a virtual machine that finds the compiled classes before all others.
    void run(Class<?> main, String... arguments) throws IOException, InterruptedException {
        run(main.getName(), List.of(), arguments);
    }

    /// Runs the class `main` with further options of the virtual machine; returns what it prints.
    String run(String main, List<String> options, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(options);
        command.add("-cp");
        command.add(
                work.resolve("classes")
                        + System.getProperty("path.separator")
                        + System.getProperty("java.class.path"));
        command.add(main);
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }
}
