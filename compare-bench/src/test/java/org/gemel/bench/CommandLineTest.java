package org.gemel.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.gemel.bench.report.Console;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
    @TempDir Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return Main.commandLine(Console.plain(new PrintWriter(out), new PrintWriter(err)))
                .execute(args);
    }

    private String message() {
        return err.toString().strip().replace(folder.toString(), "FOLDER");
    }

    record Wrong(int exitCode, String message, String... args) {
        @Override
        public String toString() {
            return String.join(" ", args);
        }
    }

    static Stream<Wrong> wrongCommandLines() {
        return Stream.of(
                new Wrong(
                        2,
                        "compare: expects workloads out of add4, chain20, mlp-infer, mlp-train,"
                                + " logreg-train, mnist, but got mlp-trian; did you mean mlp-train?",
                        "compare",
                        "mlp-trian"),
                new Wrong(
                        2,
                        "compare: expects workloads out of add4, chain20, mlp-infer, mlp-train,"
                                + " logreg-train, mnist, but got resnet50; choose one of these",
                        "compare",
                        "add4",
                        "resnet50"),
                new Wrong(
                        2,
                        "--threads: expects at least 1, but got 0; leave it out to use all cores",
                        "compare",
                        "--threads",
                        "0"),
                new Wrong(
                        2,
                        "--rounds: expects at least 1, but got 0; leave it out for the usual"
                                + " number",
                        "compare",
                        "--rounds",
                        "0"),
                new Wrong(
                        2,
                        "bench compare: Invalid value for option '--threads': 'two' is not an int;"
                                + " see bench compare --help",
                        "compare",
                        "--threads",
                        "two"),
                new Wrong(
                        2,
                        "--fail-below: expects a ratio above 0, but got -1.0; 1.4 asks that tracing"
                                + " be 1.4 times as fast as eager",
                        "compare",
                        "--fail-below=-1"),
                new Wrong(
                        2,
                        "--json: expects a file in an existing folder, but FOLDER/none does not"
                                + " exist; mkdir -p it first",
                        "compare",
                        "--json",
                        "FOLDER/none/report.json"),
                new Wrong(
                        2,
                        "--json: expects a file, but FOLDER is a folder; add a file name",
                        "compare",
                        "--json",
                        "FOLDER"),
                new Wrong(
                        2,
                        "--backend: expects one of vector, native, but got fast; leave it out to"
                                + " take vector",
                        "compare",
                        "--backend",
                        "fast"),
                new Wrong(
                        2,
                        "--svg: expects a file in an existing folder, but FOLDER/none does not"
                                + " exist; mkdir -p it first",
                        "roofline",
                        "--svg",
                        "FOLDER/none/roofline.svg"),
                new Wrong(
                        2,
                        "--backends: expects two of vector, native, but got fast; check the name",
                        "gemm",
                        "--backends",
                        "vector,fast"),
                new Wrong(
                        2,
                        "gemm: expects two backends and at least 1 round, but got vector and 21; as"
                                + " in --backends vector,native --rounds 21",
                        "gemm",
                        "--backends",
                        "vector"),
                new Wrong(
                        3,
                        "mnist: expects --data with the folder of the data set, but there is none;"
                                + " get the four files from"
                                + " https://ossci-datasets.s3.amazonaws.com/mnist/ (or with"
                                + " torchvision.datasets.MNIST) and give their folder",
                        "compare",
                        "mnist"),
                new Wrong(
                        3,
                        "mnist: expects a folder, but FOLDER/none does not exist; get the four"
                                + " files from https://ossci-datasets.s3.amazonaws.com/mnist/ (or with"
                                + " torchvision.datasets.MNIST) and give their folder",
                        "compare",
                        "add4",
                        "mnist",
                        "--data",
                        "FOLDER/none"),
                new Wrong(
                        3,
                        "verify: expects the launcher, which finds a JDK and Maven, but was called"
                                + " in Java; run ./bench verify in the project's folder",
                        "verify"),
                new Wrong(
                        3,
                        "conformance: expects a readable folder of golden cases, but FOLDER/none is"
                                + " not; check the path",
                        "conformance",
                        "golden",
                        "FOLDER/none"));
    }

    @ParameterizedTest
    @MethodSource("wrongCommandLines")
    void oneLineSaysWhatIsWrong(Wrong wrong) {
        String[] args =
                Stream.of(wrong.args())
                        .map(arg -> arg.replace("FOLDER", folder.toString()))
                        .toArray(String[]::new);
        assertEquals(wrong.exitCode(), run(args), message());
        assertEquals(wrong.message(), message());
        assertEquals("", out.toString());
    }

    @Test
    void anUnknownModeIsAnsweredInOneLine() {
        assertEquals(2, run("conformance", "golden", folder.toString(), "--mode", "fast"));
        assertEquals(
                "--mode: expects eager, traced or traced-unoptimized, but got fast; choose one of"
                        + " these",
                message());
    }

    @Test
    void aFolderWithoutCasesIsNoSuccess() {
        assertEquals(3, run("conformance", "golden", folder.toString(), "--mode", "eager"));
        assertEquals(
                "conformance: expects a folder of golden cases, but FOLDER holds no case.json;"
                        + " check the path",
                message());
    }

    @Test
    void anUnknownOptionIsAnsweredInOneLine() {
        assertEquals(2, run("compare", "--thraeds", "1"));
        assertEquals(1, message().lines().count(), message());
        assertTrue(message().contains("--thraeds"), message());
        assertTrue(message().contains("see bench compare --help"), message());
    }

    @Test
    void anUnknownCommandIsAnsweredInOneLine() {
        assertEquals(2, run("comapre"));
        assertEquals(1, message().lines().count(), message());
        assertTrue(message().contains("comapre"), message());
    }

    @Test
    void verboseShowsWhereAnErrorArose() {
        assertEquals(3, run("compare", "mnist", "-v"));
        assertTrue(message().contains("\tat org.gemel.bench."), message());
        assertTrue(message().lines().toList().getLast().startsWith("mnist: expects"), message());
    }

    @ParameterizedTest
    @ValueSource(strings = {"compare", "conformance golden", ""})
    void helpListsTheExitCodes(String command) {
        assertEquals(0, run((command + " --help").strip().split(" ")));
        String help = out.toString();
        assertTrue(help.contains("Exit codes:"), help);
        for (int code = 0; code <= 3; code++) {
            assertTrue(help.contains("  " + code + "   "), help);
        }
        help.lines().forEach(line -> assertTrue(line.length() <= 100, line));
    }

    @Test
    void withoutACommandSaysWhatThereIs() {
        assertEquals(0, run());
        for (String command : new String[] {"compare", "list", "verify", "conformance"}) {
            assertTrue(out.toString().contains("  " + command + " "), out.toString());
        }
    }

    @Test
    void listNamesEveryWorkload() {
        assertEquals(0, run("list"));
        assertEquals(
                "add4 chain20 mlp-infer mlp-train logreg-train mnist",
                String.join(" ", out.toString().lines().map(line -> line.split(" ")[0]).toList()));
    }

    @Test
    void comparesAndWritesTheReport() throws IOException {
        Path json = folder.resolve("report.json");
        int code =
                run(
                        "compare",
                        "add4",
                        "add4",
                        "--quick",
                        "--rounds",
                        "3",
                        "--threads",
                        "1",
                        "--json",
                        json.toString());
        assertEquals(0, code, err.toString());
        assertTrue(out.toString().contains("add4"), out.toString());
        JsonNode root = new JsonMapper().readTree(json.toFile());
        assertEquals(1, root.get("machine").get("threads").asInt());
        assertEquals(1, root.get("workloads").size());
        JsonNode add4 = root.get("workloads").get(0);
        assertEquals("ok", add4.get("status").asText());
        assertTrue(add4.get("bitsEqual").asBoolean());
        assertEquals(1, add4.get("eager").get("kernelsPerStep").asDouble());
        assertTrue(add4.get("traced").get("medianNs").asDouble() > 0);
        out.toString().lines().forEach(line -> assertTrue(line.length() <= 100, line));
        assertFalse(out.toString().contains("\u001b"));
    }

    @Test
    void aRatioBelowTheBoundIsAnExitCode() {
        int code = run("compare", "add4", "--quick", "--rounds", "1", "--fail-below", "1000000");
        assertEquals(4, code, err.toString());
    }

    @Test
    void aDamagedDataSetIsNamedBeforeAnythingRuns() throws IOException {
        for (String name :
                new String[] {
                    "train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                    "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
                }) {
            Files.write(folder.resolve(name), new byte[] {0, 0, 8});
        }
        assertEquals(3, run("compare", "add4", "mnist", "--data", folder.toString()));
        assertTrue(message().startsWith("idx: expects magic number 0x00000803"), message());
        assertEquals("", out.toString());
    }
}
