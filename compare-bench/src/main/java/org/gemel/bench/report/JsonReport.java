package org.gemel.bench.report;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.gemel.bench.stats.Agreement;
import org.gemel.bench.stats.Interval;

/// The JSON form of a report, field by field as `docs/guide/report-format.md` documents it.
///
/// Written out rather than derived from the records: renaming a component must not change the file.
public final class JsonReport {
    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private JsonReport() {}

    /// Writes `report` to `file`.
    public static void write(Report report, Path file) throws IOException {
        MAPPER.writeValue(file.toFile(), tree(report));
    }

    private static ObjectNode tree(Report report) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("version", Report.VERSION);
        machine(report.machine(), root.putObject("machine"));
        ArrayNode workloads = root.putArray("workloads");
        report.workloads().forEach(result -> workload(result, workloads.addObject()));
        report.conformance()
                .ifPresentOrElse(
                        result -> conformance(result, root.putObject("conformance")),
                        () -> root.putNull("conformance"));
        return root;
    }

    private static void machine(Machine machine, ObjectNode node) {
        node.put("cpu", machine.cpu());
        node.put("cores", machine.cores());
        node.put("jvm", machine.jvm());
        ArrayNode flags = node.putArray("flags");
        machine.flags().forEach(flags::add);
        node.put("threads", machine.threads());
        node.put("backend", machine.backend());
    }

    private static void workload(WorkloadResult result, ObjectNode node) {
        node.put("name", result.name());
        node.put("title", result.title());
        switch (result) {
            case WorkloadResult.Measured measured -> {
                node.put("status", "ok");
                node.putNull("reason");
                mode(measured.eager(), node.putObject("eager"));
                mode(measured.traced(), node.putObject("traced"));
                ObjectNode ratio = node.putObject("ratio");
                ratio.put("median", measured.ratio().median());
                ratio.put("low", measured.ratio().low());
                ratio.put("high", measured.ratio().high());
                measured.breakEvenCalls()
                        .ifPresentOrElse(
                                calls -> node.put("breakEvenCalls", calls),
                                () -> node.putNull("breakEvenCalls"));
                agreement(Optional.of(measured.agreement()), node);
            }
            case WorkloadResult.Failed failed -> {
                node.put("status", "failed");
                node.put("reason", failed.reason());
                for (String absent : new String[] {"eager", "traced", "ratio", "breakEvenCalls"}) {
                    node.putNull(absent);
                }
                agreement(failed.agreement(), node);
            }
        }
    }

    private static void mode(ModeResult mode, ObjectNode node) {
        Interval step = mode.stepNs();
        node.put("medianNs", step.median());
        node.put("lowNs", step.low());
        node.put("highNs", step.high());
        node.put("firstCallNs", mode.firstCallNs());
        node.put("kernelsPerStep", mode.cost().kernelsPerStep());
        node.put("bytesPerStep", mode.cost().bytesPerStep());
        node.put("peakBytes", mode.cost().peakBytes());
        mode.training()
                .ifPresent(training -> {
                    node.put("accuracy", training.accuracy());
                    node.put("imagesPerSecond", training.imagesPerSecond());
                    ArrayNode epochs = node.putArray("epochBytes");
                    training.epochBytes().forEach(epochs::add);
                });
    }

    private static void agreement(Optional<Agreement> agreement, ObjectNode node) {
        agreement.ifPresentOrElse(
                a -> {
                    node.put("bitsEqual", a.bitsEqual());
                    node.put("maxUlp", a.maxUlp());
                },
                () -> {
                    node.putNull("bitsEqual");
                    node.putNull("maxUlp");
                });
    }

    private static void conformance(ConformanceResult result, ObjectNode node) {
        node.put("mode", result.mode());
        for (ConformanceResult.Status status : ConformanceResult.Status.values()) {
            node.put(word(status), result.count(status));
        }
        ArrayNode cases = node.putArray("cases");
        for (ConformanceResult.Case one : result.cases()) {
            ObjectNode entry = cases.addObject();
            entry.put("id", one.id());
            entry.put("status", word(one.status()));
            if (one.reason().isEmpty()) {
                entry.putNull("reason");
            } else {
                entry.put("reason", one.reason());
            }
        }
    }

    private static String word(ConformanceResult.Status status) {
        return status.name().toLowerCase(Locale.ROOT);
    }
}
