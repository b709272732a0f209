package org.gemel.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gemel.Context;
import org.gemel.Tensor;
import org.gemel.testkit.Conformance.Outcome;
import org.gemel.testkit.Conformance.Result;
import org.gemel.testkit.Conformance.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ConformanceTest {
    // As of the first version; more may pass, fewer may not.
    private static final int PASSED = 515;

    private static Path golden() {
        Path folder = Path.of(System.getProperty("gemel.shared", "shared"), "conformance/golden");
        assumeTrue(Files.isDirectory(folder), "no golden cases: there is no folder " + folder);
        return folder;
    }

    private static void assertNoneFails(Result result) {
        List<Outcome> failed =
                result.cases().stream().filter(c -> c.status() == Status.FAILED).toList();
        assertEquals(List.of(), failed);
        long passed = result.count(Status.PASSED);
        assertTrue(passed >= PASSED, () -> "only %d cases passed".formatted(passed));
    }

    @ParameterizedTest
    @EnumSource
    void noCaseFails(Modes mode) {
        assertNoneFails(Conformance.run(golden(), mode));
    }

    @Test
    void theReferenceOfEveryOperationMeetsTheCasesToo() {
        Path folder = golden();
        new Context(new ReferenceInterpreter(), true, null)
                .run(() -> assertNoneFails(Conformance.run(folder, Modes.EAGER)));
    }

    @Test
    void allModesGiveTheSameBits() {
        List<String> different = new ArrayList<>();
        for (Path place : GoldenCase.find(golden())) {
            try {
                List<Tensor> eager = Conformance.results(place, Modes.EAGER);
                for (Modes mode : List.of(Modes.TRACED_UNOPTIMIZED, Modes.TRACED)) {
                    List<Tensor> traced = Conformance.results(place, mode);
                    for (int i = 0; i < eager.size(); i++) {
                        if (!Arrays.equals(
                                HostTensors.bits(eager.get(i)), HostTensors.bits(traced.get(i)))) {
                            different.add(place.getFileName() + " result " + i + " " + mode);
                        }
                    }
                }
            } catch (Unsupported skipped) {
                continue;
            }
        }
        assertEquals(List.of(), different);
    }

    // ---- what a case may ask for, on cases of our own

    private static final String CASE =
            """
            {"op": "%s", "dtype": "float32", "attrs": {%s},
             "inputs": [{"name": "x", "file": "x.npy", "dtype": "%s"}],
             "outputs": [{"name": "y", "file": "y.npy", "dtype": "float32"}],
             "tolerance": {"forward": {"rtol": 0, "atol": 0}}}
            """;

    private static Outcome outcome(Path folder, String op, String attributes, String dtype)
            throws IOException {
        Path place = Files.createDirectories(folder.resolve("some/case"));
        Files.writeString(place.resolve("case.json"), CASE.formatted(op, attributes, dtype));
        Files.write(place.resolve("x.npy"), npy(1, -2));
        Files.write(place.resolve("y.npy"), npy(1, 2));
        return Conformance.run(folder, Modes.EAGER).cases().getFirst();
    }

    static byte[] npy(float... values) {
        String header =
                "{'descr': '<f4', 'fortran_order': False, 'shape': (%d,), }"
                        .formatted(values.length);
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer all =
                ByteBuffer.allocate(10 + text.length + 4 * values.length)
                        .order(ByteOrder.LITTLE_ENDIAN);
        all.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.UTF_8));
        all.put((byte) 1).put((byte) 0).putShort((short) text.length).put(text);
        for (float value : values) {
            all.putFloat(value);
        }
        return all.array();
    }

    @Test
    void aCaseThatIsMetPasses(@TempDir Path folder) throws IOException {
        Outcome met = outcome(folder, "abs", "", "float32");
        assertEquals(new Outcome("some/case", Status.PASSED, ""), met);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "absolute | ``",
                "Absolute | ``",
                "torch.abs | ``",
                "threshold | \"threshold\": 0, \"value\": 2",
                "threshold | \"threshold\": 0, \"fill_value\": 2"
            })
    void otherSpellingsAreUnderstood(String op, String attributes, @TempDir Path folder)
            throws IOException {
        assertEquals(Status.PASSED, outcome(folder, op, attributes, "float32").status());
    }

    @Test
    void nullSaysThatNothingIsGiven(@TempDir Path folder) throws IOException {
        Outcome met = outcome(folder, "abs", "\"slope\": null", "float32");
        assertEquals(new Outcome("some/case", Status.PASSED, ""), met);
    }

    @Test
    void aWrongValueFails(@TempDir Path folder) throws IOException {
        Outcome wrong = outcome(folder, "neg", "", "float32");
        assertEquals(Status.FAILED, wrong.status());
        assertEquals(
                "y: element 0: expects 1.0, but got -1.0 (2130706433 ulp away); 1 of 2 differ",
                wrong.reason());
    }

    @Test
    void whatIsNotUnderstoodIsUnsupported(@TempDir Path folder) throws IOException {
        Outcome operation = outcome(folder, "fourier", "", "float32");
        Outcome attribute = outcome(folder, "abs", "\"slope\": 2", "float32");
        Outcome value = outcome(folder, "cast", "\"to\": \"float8\"", "float32");
        Outcome dtype = outcome(folder, "abs", "", "float8");
        assertEquals(unsupported("no operation fourier"), operation);
        assertEquals(unsupported("attributes or inputs [slope]"), attribute);
        assertEquals(unsupported("attribute to = float8"), value);
        assertEquals(unsupported("dtype float8"), dtype);
    }

    @Test
    void oneInputMayHaveAnyName(@TempDir Path folder) throws IOException {
        Path place = Files.createDirectories(folder.resolve("some/case"));
        Files.writeString(
                place.resolve("case.json"),
                CASE.formatted("abs", "", "float32").replace("\"x\"", "\"matrix\""));
        Files.write(place.resolve("x.npy"), npy(1, -2));
        Files.write(place.resolve("y.npy"), npy(1, 2));
        Outcome met = Conformance.run(folder, Modes.EAGER).cases().getFirst();
        assertEquals(new Outcome("some/case", Status.PASSED, ""), met);
    }

    private static Outcome unsupported(String reason) {
        return new Outcome("some/case", Status.UNSUPPORTED, reason);
    }

    @Test
    void aBrokenFileFailsWithItsName(@TempDir Path folder) throws IOException {
        outcome(folder, "abs", "", "float32");
        Path x = folder.resolve("some/case/x.npy");
        byte[] whole = Files.readAllBytes(x);
        Files.write(x, Arrays.copyOf(whole, whole.length - 3));
        Outcome cut = Conformance.run(folder, Modes.EAGER).cases().getFirst();
        assertEquals(Status.FAILED, cut.status());
        assertTrue(cut.reason().startsWith("npy: expects 8 bytes of elements"), cut.reason());
    }

    @Test
    void elementsAreReadAsTheyLie() throws IOException {
        Path file = Files.createTempFile("array", ".npy");
        Files.write(file, npy(1.5f, Float.NaN, -0.0f));
        assertArrayEquals(
                new float[] {1.5f, Float.NaN, -0.0f}, Npy.read(file).tensor().toFloatArray());
        Files.delete(file);
    }
}
