package org.gemel.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The script `bench`, in a project folder of its own, with folders that look like JDKs.
class LauncherTest {
    private static final List<String> TOOLS =
            List.of("sh", "sed", "head", "dirname", "readlink", "find", "mkdir", "rm", "mv", "cat");

    @TempDir Path folder;

    private Path root;
    private Path tools;

    @BeforeEach
    void project() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "a shell");
        folder = folder.toRealPath();
        root = Files.createDirectories(folder.resolve("a project"));
        // The machine's own JDKs must not be found.
        String script = Files.readString(Path.of("..", "bench"));
        String sealed =
                script.replace("/usr/lib/jvm/", folder + "/jvm/")
                        .replace("/usr/libexec/", folder + "/libexec/")
                        .replace("    /Library/", "    " + folder + "/Library/");
        executable(root.resolve("bench"), sealed);
        Files.writeString(root.resolve("pom.xml"), "");
        for (String module :
                new String[] {".mvn", "modules", "eager", "tracer", "compiler", "backends"}) {
            Files.createDirectories(root.resolve(module));
        }
        Path target = Files.createDirectories(root.resolve("compare-bench/target/lib")).getParent();
        for (String built : new String[] {"bench.jar", "lib/gemel-tracer.jar", "built"}) {
            Files.writeString(target.resolve(built), "");
        }
        Files.setLastModifiedTime(
                target.resolve("built"), FileTime.from(Instant.now().plusSeconds(3600)));
        tools = Files.createDirectories(folder.resolve("tools"));
        for (String tool : TOOLS) {
            executable(tools.resolve(tool), "#!/bin/sh\nexec '" + onPath(tool) + "' \"$@\"\n");
        }
    }

    private static Path onPath(String tool) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(place -> Path.of(place, tool))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
    }

    private static void executable(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        assertTrue(file.toFile().setExecutable(true));
    }

    // A folder with a java that tells where it lies and what it is given.
    private Path jdk(String place, String version) throws IOException {
        Path home = folder.resolve(place);
        executable(
                home.resolve("bin/java"), "#!/bin/sh\necho " + place + "\nprintf '%s\\n' \"$@\"");
        executable(home.resolve("bin/javac"), "#!/bin/sh\n");
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    private record Ended(int code, List<String> out, List<String> err) {}

    private Ended bench(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        var builder =
                new ProcessBuilder(
                        Stream.concat(
                                        Stream.of("/bin/sh", root.resolve("bench").toString()),
                                        Stream.of(arguments))
                                .toList());
        builder.environment().clear();
        builder.environment().put("PATH", tools.toString());
        builder.environment().put("HOME", folder.resolve("home").toString());
        builder.environment().putAll(environment);
        Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        int code = process.waitFor();
        return new Ended(
                code,
                Files.readAllLines(out, StandardCharsets.UTF_8),
                Files.readAllLines(err, StandardCharsets.UTF_8));
    }

    @Test
    void withoutAJdkOneLineSaysWhatToInstall() throws IOException, InterruptedException {
        Path old = jdk("old", "17.0.2");
        Ended ended = bench(Map.of("JAVA_HOME", old.toString()), "compare");
        assertEquals(3, ended.code());
        assertEquals(
                List.of(
                        "bench: needs a JDK 25 or newer, but found none; install one (for instance"
                                + " from https://adoptium.net) and set GEMEL_JAVA_HOME to its"
                                + " folder."),
                ended.err());
    }

    /// JDKs in some places, by version, and which is taken.
    ///
    /// @param variables names of variables and the place that each points to
    record Machine(String taken, Map<String, String> jdks, Map<String, String> variables) {}

    static Stream<Machine> machines() {
        return Stream.of(
                new Machine("a", Map.of("a", "25.0.1"), Map.of("GEMEL_JAVA_HOME", "a")),
                new Machine("a", Map.of("a", "26", "b", "25"), places("GEMEL_JAVA_HOME", "a", "b")),
                new Machine("b", Map.of("a", "24", "b", "25"), places("GEMEL_JAVA_HOME", "a", "b")),
                new Machine("b", Map.of("a", "17", "b", "25"), places("JDK_HOME", "b", "a")),
                new Machine("path", Map.of("path", "25", "a", "17"), Map.of("JAVA_HOME", "a")),
                new Machine("home/.sdkman/candidates/java/25-x", Map.of(), Map.of()),
                new Machine("home/.jdks/temurin-25", Map.of("a", "21"), Map.of("JAVA_HOME", "a")),
                new Machine("jvm/jdk-25", Map.of("jvm/jdk-17", "17"), Map.of()),
                new Machine(
                        "Library/Java/JavaVirtualMachines/x/Contents/Home", Map.of(), Map.of()));
    }

    private static Map<String, String> places(String first, String a, String javaHome) {
        return Map.of(first, a, "JAVA_HOME", javaHome);
    }

    @ParameterizedTest
    @MethodSource("machines")
    void takesTheFirstJdkThatIsNewEnough(Machine machine) throws IOException, InterruptedException {
        Map<String, String> jdks = new HashMap<>(machine.jdks());
        jdks.putIfAbsent(machine.taken(), "25.0.3");
        for (var entry : jdks.entrySet()) {
            Path home = jdk(entry.getKey(), entry.getValue());
            if (entry.getKey().equals("path")) {
                // Behind two links, as distributions have it.
                Path middle =
                        Files.createSymbolicLink(
                                folder.resolve("alternative"), home.resolve("bin/java"));
                Files.createSymbolicLink(tools.resolve("java"), middle);
            }
        }
        Map<String, String> variables = new HashMap<>();
        machine.variables().forEach((name, at) -> variables.put(name, "" + folder.resolve(at)));
        Ended ended = bench(variables, "list");
        assertEquals(0, ended.code(), ended.err().toString());
        assertEquals(machine.taken(), ended.out().getFirst());
    }

    @Test
    void javaGetsTheFlagsAndTheArgumentsAsTheyAre() throws IOException, InterruptedException {
        String home = jdk("new", "25").toString();
        Ended ended =
                bench(
                        Map.of("JAVA_HOME", home, "GEMEL_JAVA_OPTS", "-Xmx1g -Dgemel.poison=true"),
                        "compare",
                        "--json",
                        "a b.json");
        assertEquals(
                List.of(
                        "new",
                        "--add-modules",
                        "jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:PerMethodTrapLimit=100000",
                        "-XX:CompileCommand=quiet",
                        "-XX:CompileCommand=CompileThresholdScaling,org.gemel.backend.vector.GeneratedLoop*::*,0.05",
                        "-XX:CompileCommand=CompileThresholdScaling,org.gemel.backend.vector.Large*::*,0.002",
                        "-XX:+UnlockDiagnosticVMOptions",
                        "-XX:-DisplayVMOutput",
                        "-XX:CompilerDirectivesFile="
                                + root
                                + "/compare-bench/src/main/jvm/directives.json",
                        "-javaagent:" + root + "/compare-bench/target/lib/gemel-tracer.jar",
                        "-Xmx1g",
                        "-Dgemel.poison=true",
                        "-cp",
                        root + "/compare-bench/target/bench.jar",
                        "org.gemel.bench.Main",
                        "compare",
                        "--json",
                        "a b.json"),
                ended.out());
        assertEquals(List.of(), ended.err());
    }

    @Test
    void randomProgramsAreNotCompiledAtOnce() throws IOException, InterruptedException {
        String home = jdk("new", "25").toString();
        Ended ended = bench(Map.of("JAVA_HOME", home), "conformance", "programs", "--seeds", "2");
        assertTrue(
                ended.out()
                        .contains(
                                "-XX:CompileCommand=CompileThresholdScaling,org.gemel.backend.vector.GeneratedLoop*::*,5.0"),
                ended.out().toString());
        assertTrue(ended.out().contains("-XX:MetaspaceSize=600m"), ended.out().toString());
    }

    @Test
    void buildsOnlyWhatHasChanged() throws IOException, InterruptedException {
        Map<String, String> java = Map.of("JAVA_HOME", jdk("new", "25").toString());
        executable(tools.resolve("mvn"), "#!/bin/sh\necho maven \"$@\"\nexit 1\n");
        assertEquals(0, bench(java, "list").code());

        Path source = root.resolve("eager/src/main/java/New.java");
        Files.createDirectories(source.getParent());
        Files.writeString(source, "");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(7200)));
        Ended broken = bench(java, "list");
        assertEquals(1, broken.code());
        assertEquals(
                List.of(
                        "building ... (sources have changed)",
                        "maven -ntp -q -Pquick -Dmaven.test.skip=true package",
                        "bench: the build failed; its output stands above."),
                broken.err());

        executable(tools.resolve("mvn"), "#!/bin/sh\n");
        Ended built = bench(java, "list");
        assertEquals(0, built.code());
        assertEquals(List.of("building ... (sources have changed)"), built.err());
    }

    @Test
    void verifyIsMavenAndItsExitCode() throws IOException, InterruptedException {
        Map<String, String> java = Map.of("JAVA_HOME", jdk("new", "25").toString());
        executable(tools.resolve("mvn"), "#!/bin/sh\necho maven \"$@\" with $JAVA_HOME\n");
        Ended good = bench(java, "verify");
        assertEquals(0, good.code());
        assertEquals(List.of("maven -ntp verify with " + folder.resolve("new")), good.out());
        executable(tools.resolve("mvn"), "#!/bin/sh\nexit 3\n");
        assertEquals(1, bench(java, "verify").code());
    }

    @Test
    void theWrapperServesWhereMavenIsNot() throws IOException, InterruptedException {
        Map<String, String> java = Map.of("JAVA_HOME", jdk("new", "25").toString());
        Files.writeString(root.resolve("mvnw"), "echo wrapper \"$@\"\n");
        assertEquals(List.of("wrapper -ntp verify"), bench(java, "verify").out());
    }
}
