package org.gemel.bench.roofline;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.gemel.bench.report.Machine;

/// What the machine can do, and how much of it each kernel reaches.
///
/// @param machine where it was measured
/// @param ceilings for each number of threads
/// @param standings kernel by kernel, each with every number of threads
public record Roofline(Machine machine, List<Ceilings> ceilings, List<Standing> standings) {
    private static final String ROW = "  %-28s %7s  %10s  %7s  %s";

    /// Copies the lists.
    public Roofline {
        ceilings = List.copyOf(ceilings);
        standings = List.copyOf(standings);
    }

    /// The report, line by line.
    public String text() {
        StringBuilder text = new StringBuilder();
        for (Ceilings one : ceilings) {
            line(
                    text,
                    "%s: %s GFLOP/s f32; bytes streamed per second: %s",
                    threads(one.threads()),
                    number(one.flops() / 1e9),
                    levels(one));
        }
        line(text, "");
        line(text, ROW, "kernel", "threads", "time", "reached", "of");
        for (Standing one : standings) {
            line(
                    text,
                    ROW,
                    one.kernel().name(),
                    one.threads(),
                    number(one.seconds() * 1e6) + " us",
                    "%.0f %%".formatted(one.share() * 100),
                    limit(one));
        }
        return text.toString();
    }

    private static String levels(Ceilings ceilings) {
        StringBuilder text = new StringBuilder();
        for (Ceilings.Level level : ceilings.levels()) {
            text.append(text.isEmpty() ? "" : ", ")
                    .append(level.name())
                    .append(' ')
                    .append(number(level.bandwidth() / 1e9))
                    .append(" GB");
        }
        return text.toString();
    }

    /// What holds a kernel back, in its own unit.
    private static String limit(Standing one) {
        double seconds = one.bound().seconds();
        return one.bound().by().equals("arithmetic")
                ? "arithmetic, %s of %s GFLOP/s"
                        .formatted(
                                number(one.kernel().operations() / one.seconds() / 1e9),
                                number(one.kernel().operations() / seconds / 1e9))
                : "%s, %s of %s GB/s"
                        .formatted(
                                one.bound().by(),
                                number(one.kernel().bytes() / one.seconds() / 1e9),
                                number(one.kernel().bytes() / seconds / 1e9));
    }

    static String threads(int count) {
        return count == 1 ? "1 thread" : count + " threads";
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 100 ? "%.1f" : "%,.0f", value);
    }

    /// Writes all figures as JSON, in seconds, bytes and operations.
    public void writeJson(Path file) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode root = json.createObjectNode();
        root.put("version", 1);
        root.put("cpu", machine.cpu());
        root.put("jvm", machine.jvm());
        root.put("backend", machine.backend());
        ArrayNode peaks = root.putArray("ceilings");
        for (Ceilings one : ceilings) {
            ObjectNode node = peaks.addObject();
            node.put("threads", one.threads());
            node.put("flopsPerSecond", one.flops());
            ArrayNode levels = node.putArray("levels");
            for (Ceilings.Level level : one.levels()) {
                ObjectNode entry = levels.addObject();
                entry.put("name", level.name());
                entry.put("bytesPerSecond", level.bandwidth());
            }
        }
        ArrayNode kernels = root.putArray("kernels");
        for (Standing one : standings) {
            ObjectNode node = kernels.addObject();
            node.put("name", one.kernel().name());
            node.put("threads", one.threads());
            node.put("seconds", one.seconds());
            node.put("operations", one.kernel().operations());
            node.put("bytes", one.kernel().bytes());
            node.put("boundSeconds", one.bound().seconds());
            node.put("boundBy", one.bound().by());
            node.put("share", one.share());
        }
        json.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), root);
    }
}
