package org.gemel.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.gemel.bench.stats.Interval;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonReportTest {
    @TempDir Path folder;

    private static final ConformanceResult CONFORMANCE =
            new ConformanceResult(
                    "traced",
                    List.of(
                            new ConformanceResult.Case(
                                    "unary/neg/f32", ConformanceResult.Status.PASSED, ""),
                            new ConformanceResult.Case(
                                    "conv/conv2d/f32",
                                    ConformanceResult.Status.UNSUPPORTED,
                                    "no conv2d yet")));

    private JsonNode written(Report report) throws IOException {
        Path file = folder.resolve("report.json");
        JsonReport.write(report, file);
        return new JsonMapper().readTree(file.toFile());
    }

    private static Report everything() {
        var plain = Samples.measured("mlp-train", 812_000, 431_000);
        var training = Optional.of(new Training(0.9771, 60_000, List.of(1_000_000L, 1_000_000L)));
        var mnist =
                new WorkloadResult.Measured(
                        "mnist",
                        plain.title(),
                        Samples.mode(2000, training),
                        Samples.mode(1000, training),
                        new Interval(2, 1.9, 2.1),
                        plain.breakEvenCalls(),
                        plain.agreement(),
                        plain.compared());
        return new Report(
                Samples.MACHINE,
                List.of(plain, Samples.measured("slow", 1, 2), Samples.failed(), mnist),
                Optional.of(CONFORMANCE));
    }

    @Test
    void holdsTheDocumentedFields() throws IOException {
        JsonNode root = written(everything());
        assertEquals(1, root.get("version").asInt());
        JsonNode machine = root.get("machine");
        assertEquals("Some CPU", machine.get("cpu").asText());
        assertEquals(2, machine.get("cores").asInt());
        assertEquals("A VM 25", machine.get("jvm").asText());
        assertEquals("-Xmx1g", machine.get("flags").get(0).asText());
        assertEquals(2, machine.get("threads").asInt());
        assertEquals("vector", machine.get("backend").asText());

        JsonNode workload = root.get("workloads").get(0);
        assertEquals("mlp-train", workload.get("name").asText());
        assertEquals("ok", workload.get("status").asText());
        JsonNode eager = workload.get("eager");
        assertEquals(812_000, eager.get("medianNs").asDouble());
        assertEquals(812_000 * 0.9, eager.get("lowNs").asDouble());
        assertEquals(812_000 * 1.1, eager.get("highNs").asDouble());
        assertEquals(38_000_000, eager.get("firstCallNs").asLong());
        assertEquals(41, eager.get("kernelsPerStep").asDouble());
        assertEquals(6_400_000, eager.get("bytesPerStep").asLong());
        assertEquals(3_565_158, eager.get("peakBytes").asLong());
        assertEquals(431_000, workload.get("traced").get("medianNs").asDouble());
        assertEquals(812.0 / 431, workload.get("ratio").get("median").asDouble(), 1e-12);
        assertTrue(workload.get("ratio").get("low").asDouble() < 812.0 / 431);
        assertTrue(workload.get("ratio").get("high").asDouble() > 812.0 / 431);
        assertEquals(92, workload.get("breakEvenCalls").asLong());
        assertTrue(workload.get("bitsEqual").asBoolean());
        assertEquals(0, workload.get("maxUlp").asLong());
    }

    @Test
    void breakEvenIsNullIfTracingNeverPays() throws IOException {
        assertTrue(written(everything()).get("workloads").get(1).get("breakEvenCalls").isNull());
    }

    @Test
    void aFailedWorkloadHasAReasonAndNoFigures() throws IOException {
        JsonNode workload = written(everything()).get("workloads").get(2);
        assertEquals("failed", workload.get("status").asText());
        assertEquals("eager: expects -2.5 at step 1, but got 1.0", workload.get("reason").asText());
        for (String absent : List.of("eager", "traced", "ratio", "breakEvenCalls")) {
            assertTrue(workload.get(absent).isNull(), absent);
        }
        assertEquals(3, workload.get("maxUlp").asLong());
    }

    @Test
    void aTrainingRunTellsAccuracyAndSpeed() throws IOException {
        JsonNode traced = written(everything()).get("workloads").get(3).get("traced");
        assertEquals(0.9771, traced.get("accuracy").asDouble());
        assertEquals(60_000, traced.get("imagesPerSecond").asDouble());
        assertEquals(2, traced.get("epochBytes").size());
    }

    @Test
    void conformanceTellsCountsAndCases() throws IOException {
        JsonNode conformance = written(everything()).get("conformance");
        assertEquals("traced", conformance.get("mode").asText());
        assertEquals(1, conformance.get("passed").asInt());
        assertEquals(0, conformance.get("failed").asInt());
        assertEquals(1, conformance.get("unsupported").asInt());
        JsonNode second = conformance.get("cases").get(1);
        assertEquals("conv/conv2d/f32", second.get("id").asText());
        assertEquals("unsupported", second.get("status").asText());
        assertEquals("no conv2d yet", second.get("reason").asText());
        assertTrue(conformance.get("cases").get(0).get("reason").isNull());
        var without = new Report(Samples.MACHINE, List.of(), Optional.empty());
        assertTrue(written(without).get("conformance").isNull());
    }

    /// The guide names every field that is written, and writes an example of every field it names.
    @Test
    void theGuideAndTheFileAgree() throws IOException {
        String guide = Files.readString(Path.of("..", "docs", "guide", "report-format.md"));
        var block = Pattern.compile("```json\n(.*?)```", Pattern.DOTALL).matcher(guide);
        assertTrue(block.find(), "the guide holds an example");
        JsonNode example = new JsonMapper().readTree(block.group(1));
        Set<String> documented = new TreeSet<>();
        collect("", example, documented);
        Set<String> written = new TreeSet<>();
        collect("", written(everything()), written);
        assertEquals(String.join("\n", written), String.join("\n", documented));
        for (String path : written) {
            String name = path.substring(path.lastIndexOf('.') + 1);
            assertTrue(guide.contains("`" + name + "`"), "the guide explains " + name);
        }
    }

    private static void collect(String path, JsonNode node, Set<String> paths) {
        node.properties()
                .forEach(entry -> {
                    String below = path + "." + entry.getKey();
                    paths.add(below);
                    collect(below, entry.getValue(), paths);
                });
        if (node.isArray()) {
            node.forEach(element -> collect(path, element, paths));
        }
    }
}
