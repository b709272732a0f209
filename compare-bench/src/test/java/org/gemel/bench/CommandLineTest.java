package org.gemel.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
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

    private static final String WORKLOADS =
            "compare: expects workloads out of add4, chain20, mlp-infer, mlp-train, logreg-train,"
                    + " hmc, lenet-infer, lenet-train, gpt-next, gpt-infer, gpt-train, lstm-infer,"
                    + " lstm-train, lstm-loop-infer, lstm-loop-train, resnet18-infer,"
                    + " resnet18-train, mnist";

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
                        WORKLOADS + ", but got mlp-trian; did you mean mlp-train?",
                        "compare",
                        "mlp-trian"),
                new Wrong(
                        2,
                        WORKLOADS + ", but got resnet50; choose one of these",
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
                        "--threads: expects at most 1024, but got 100000; leave it out to use all"
                                + " cores",
                        "compare",
                        "--threads",
                        "100000"),
                new Wrong(
                        2,
                        WORKLOADS + ", but got an empty name; choose one of these",
                        "compare",
                        ""),
                new Wrong(
                        2,
                        "--data: expects a workload that reads a data set, but none is named; run"
                                + " bench compare mnist --data FOLDER",
                        "compare",
                        "add4",
                        "--data",
                        "FOLDER"),
                new Wrong(
                        2,
                        "--fail-below: expects a ratio above 0, but got NaN; 1.4 asks that tracing"
                                + " be 1.4 times as fast as eager",
                        "compare",
                        "--fail-below",
                        "NaN"),
                new Wrong(
                        2,
                        "--fail-below: expects a ratio above 0, but got Infinity; 1.4 asks that"
                                + " tracing be 1.4 times as fast as eager",
                        "compare",
                        "--fail-below",
                        "Infinity"),
                new Wrong(
                        2,
                        "--json: expects a file, but got an empty name; name one",
                        "compare",
                        "--json",
                        ""),
                new Wrong(
                        2,
                        "bench compare: expects commands and options that there are, but got"
                                + " --thraeds; did you mean --threads?",
                        "compare",
                        "--thraeds",
                        "1"),
                new Wrong(
                        2,
                        "bench: expects commands and options that there are, but got mlp-train; see"
                                + " bench --help",
                        "mlp-train"),
                new Wrong(
                        2,
                        "jmh: expects a pattern that names a benchmark, but got Gem2 -f 1; bench jmh"
                                + " -l lists them",
                        "jmh",
                        "Gem2",
                        "-f",
                        "1"),
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
    void bitsOfOneRunAreComparedWithThoseOfAnother() throws IOException {
        Path file = folder.resolve("digests");
        String[] compare = {"conformance", "programs", "--same-as", file.toString()};
        assertEquals(3, run(compare));
        assertEquals(
                "--same-as: expects a file that --digests wrote, but FOLDER/digests is not there;"
                        + " write it first",
                message());
        assertEquals(
                0,
                run(
                        "conformance",
                        "programs",
                        "--seeds",
                        "2",
                        "--from",
                        "31",
                        "--digests",
                        file.toString()));
        assertEquals(0, run(compare));
        assertTrue(out.toString().contains("2 programs: the same bits as in"), out.toString());
        Files.writeString(file, Files.readString(file).replaceFirst("traced 0=\\w", "traced 0=x"));
        assertEquals(1, run(compare));
        assertTrue(out.toString().contains("seed 31: traced 0 differs from"), out.toString());
        Files.writeString(file, "something else");
        assertEquals(2, run(compare));
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

    // Which command can end with which code.
    private enum ExitCodes {
        OK(0, "", "compare", "list", "verify", "conformance", "conformance golden", "jmh"),
        FAILED(1, "", "compare", "verify", "conformance", "conformance golden", "jmh"),
        USAGE(2, "", "compare", "list", "verify", "conformance", "conformance golden", "jmh"),
        MISSING(3, "", "compare", "list", "verify", "conformance", "conformance golden", "jmh"),
        BELOW(4, "", "compare");

        final int code;
        final Set<String> commands;

        ExitCodes(int code, String... commands) {
            this.code = code;
            this.commands = Set.of(commands);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"compare", "list", "verify", "conformance", "conformance golden", "jmh", ""})
    void helpListsTheExitCodes(String command) {
        assertEquals(0, run((command + " --help").strip().split(" ")));
        String help = out.toString();
        assertTrue(help.contains("Exit codes:"), help);
        for (ExitCodes codes : ExitCodes.values()) {
            boolean listed = help.contains("  " + codes.code + "   ");
            assertEquals(codes.commands.contains(command), listed, codes + ": " + help);
        }
        help.lines().forEach(line -> assertTrue(line.length() <= 100, line));
    }

    @Test
    void withoutACommandSaysWhatThereIs() {
        assertEquals(0, run());
        for (String command : new String[] {"compare", "list", "verify", "conformance", "jmh"}) {
            assertTrue(out.toString().contains("  " + command + " "), out.toString());
        }
    }

    @Test
    void listNamesEveryWorkload() {
        assertEquals(0, run("list"));
        assertEquals(
                "add4 chain20 mlp-infer mlp-train logreg-train hmc lenet-infer lenet-train"
                        + " gpt-next gpt-infer gpt-train lstm-infer lstm-train lstm-loop-infer"
                        + " lstm-loop-train resnet18-infer resnet18-train mnist",
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
        for (String mode : new String[] {"eager", "traced"}) {
            // Three vectors of 16 bytes: nothing but the blocks they lie in, and no garbage.
            long peak = add4.get(mode).get("peakBytes").asLong();
            assertTrue(peak > 0 && peak < 64 << 10, mode + " " + peak);
        }
        out.toString().lines().forEach(line -> assertTrue(line.length() <= 100, line));
        assertFalse(out.toString().contains("\u001b"));
    }

    @Test
    void aReportThatCannotBeWrittenIsAnExitCode() {
        assumeTrue(Files.isWritable(Path.of("/dev/full")), "a file that takes nothing");
        int code = run("compare", "add4", "--quick", "--rounds", "1", "--json", "/dev/full");
        assertEquals(1, code, err.toString());
        String last = message().lines().toList().getLast();
        assertTrue(last.startsWith("--json: expects to write /dev/full, but failed: "), last);
        assertTrue(last.endsWith("; the results are above"), last);
    }

    @Test
    void aFailedCaseIsAnExitCodeAndIsShown() throws IOException {
        Path place = Files.createDirectories(folder.resolve("unary/neg__one__float32"));
        Files.writeString(
                place.resolve("case.json"),
                """
                {"op": "neg",
                 "inputs": [{"name": "x", "file": "x.npy", "dtype": "float32"}],
                 "outputs": [{"name": "y", "file": "y.npy", "dtype": "float32"}],
                 "tolerance": {"forward": {"rtol": 0, "atol": 0}}}
                """);
        Files.write(place.resolve("x.npy"), npy(1));
        Files.write(place.resolve("y.npy"), npy(Math.nextUp(-1f)));
        assertEquals(1, run("conformance", "golden", folder.toString(), "--mode", "eager"));
        assertEquals(
                """
                  operation                      passed   failed  unsupported
                  neg                                 0        1            0
                    failed  unary/neg__one__float32: y: element 0: expects -0.9999999403953552, but\
                 got -1.0 (1 ulp away); 1 of 1 differ

                eager: 0 passed, 1 failed, 0 unsupported
                """,
                out.toString());
        assertEquals("", message());
    }

    // A file of one f32, as NumPy writes it.
    private static byte[] npy(float value) {
        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }";
        String padded = header + " ".repeat(127 - 10 - header.length()) + "\n";
        return ByteBuffer.allocate(128 + 4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
                .putShort((short) padded.length())
                .put(padded.getBytes(StandardCharsets.US_ASCII))
                .putFloat(value)
                .array();
    }

    @Test
    void aRatioBelowTheBoundIsAnExitCode() {
        int code = run("compare", "add4", "--quick", "--rounds", "1", "--fail-below", "1000000");
        assertEquals(4, code, err.toString());
    }

    /// A file of the data set that is not as it should be, and what is told of it.
    record Damage(String message, String file, byte[] content) {
        @Override
        public String toString() {
            return message;
        }
    }

    private static final int PIXELS = 28 * 28;

    static Stream<Damage> damages() {
        String images = "train-images-idx3-ubyte";
        String labels = "train-labels-idx1-ubyte";
        return Stream.of(
                new Damage(
                        "idx: expects magic number 0x00000803 (unsigned bytes of rank 3), but FILE"
                                + " starts with 0x00000801; is it the right file? images have rank"
                                + " 3, labels rank 1",
                        images,
                        idx(new byte[PIXELS], 1)),
                new Damage(
                        "idx: expects magic number 0x00000803 (unsigned bytes of rank 3), but FILE"
                                + " starts with 0x3c68746d; is it the right file? images have rank"
                                + " 3, labels rank 1",
                        images,
                        "<html>not found</html>".getBytes(StandardCharsets.US_ASCII)),
                new Damage(
                        "idx: expects magic number 0x00000803 (unsigned bytes of rank 3), but FILE"
                                + " holds only 0 bytes; is it the right file? images have rank 3,"
                                + " labels rank 1",
                        images,
                        new byte[0]),
                new Damage(
                        "idx: expects 1568 bytes of data, but FILE is truncated after 784; download"
                                + " it again",
                        images,
                        idx(new byte[PIXELS], 2, 28, 28)),
                new Damage(
                        "idx: expects 2 bytes of data, as the header says, but FILE holds more;"
                                + " download it again",
                        labels,
                        idx(new byte[3], 2)),
                new Damage(
                        "idx: expects intact gzip data, but FILE is corrupt (it ends inside the gzip"
                                + " header); download it again",
                        labels,
                        new byte[] {0x1f, (byte) 0x8b, 8}),
                new Damage(
                        "mnist: expects one label per image and at least one image, but IMAGES holds"
                                + " 2 and FILE 1; do they belong together?",
                        labels,
                        idx(new byte[1], 1)),
                new Damage(
                        "mnist: expects labels 0 to 9, but FILE has 10 at position 1; is it MNIST?",
                        labels,
                        idx(new byte[] {0, 10}, 2)));
    }

    // Unsigned bytes with their dimensions.
    private static byte[] idx(byte[] bytes, int... dims) {
        ByteBuffer file = ByteBuffer.allocate(4 + 4 * dims.length + bytes.length);
        file.putInt(0x800 + dims.length);
        for (int dim : dims) {
            file.putInt(dim);
        }
        return file.put(bytes).array();
    }

    @ParameterizedTest
    @MethodSource("damages")
    void aDamagedDataSetIsNamedBeforeAnythingRuns(Damage damage) throws IOException {
        for (String part : new String[] {"train", "t10k"}) {
            Files.write(
                    folder.resolve(part + "-images-idx3-ubyte"),
                    idx(new byte[2 * PIXELS], 2, 28, 28));
            Files.write(folder.resolve(part + "-labels-idx1-ubyte"), idx(new byte[2], 2));
        }
        Path file = folder.resolve(damage.file());
        Files.write(file, damage.content());
        assertEquals(3, run("compare", "add4", "mnist", "--data", folder.toString()));
        assertEquals(
                damage.message(),
                message()
                        .replace("FOLDER/" + damage.file(), "FILE")
                        .replace("FOLDER/train-images-idx3-ubyte", "IMAGES"));
        assertEquals("", out.toString());
    }
}
