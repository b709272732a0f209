package org.gemel.tracer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import org.gemel.SourceLine;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.Cast;
import org.gemel.op.Fill;
import org.gemel.op.Movement;
import org.gemel.op.Pointwise;

/// Lists the kernels of a program: what each computes, for which lines of the user's, and what kept
/// it apart from the one before.
final class KernelReport {
    private static final int SHOWN = 40;

    private KernelReport() {}

    /// The lines, none for no kernels.
    static List<String> lines(List<Region> regions) {
        List<String> lines = new ArrayList<>();
        if (regions.isEmpty()) {
            return lines;
        }
        lines.add("  kernels");
        for (int i = 0; i < Math.min(SHOWN, regions.size()); i++) {
            lines.add(line(i + 1, regions.get(i)));
        }
        if (regions.size() > SHOWN) {
            lines.add("    %d more".formatted(regions.size() - SHOWN));
        }
        SequencedMap<String, List<Integer>> apart = new LinkedHashMap<>();
        for (int i = 1; i < regions.size(); i++) {
            String reason = apart(regions.get(i - 1), regions.get(i));
            apart.computeIfAbsent(reason, _ -> new ArrayList<>()).add(i);
        }
        if (!apart.isEmpty()) {
            lines.add("  not fused");
            apart.forEach(
                    (reason, where) -> lines.add("    %s: %s".formatted(pairs(where), reason)));
        }
        return lines;
    }

    // Kernels that follow each other, by the number of the first.
    private static String pairs(List<Integer> where) {
        String text =
                where.stream()
                        .limit(5)
                        .map(i -> i + " with " + (i + 1))
                        .collect(Collectors.joining(", "));
        return where.size() > 5 ? text + " and %d more".formatted(where.size() - 5) : text;
    }

    private static List<Node.Apply> operations(Region region) {
        List<Node.Apply> found = new ArrayList<>();
        for (Node node : region.graph().nodes()) {
            if (node instanceof Node.Apply apply
                    && !(apply.op() instanceof Fill)
                    && !(apply.op() instanceof Movement)) {
                found.add(apply);
            }
        }
        return found;
    }

    private static String line(int number, Region region) {
        List<Node.Apply> operations = operations(region);
        Set<String> names = new LinkedHashSet<>();
        Set<String> places = new LinkedHashSet<>();
        for (Node.Apply apply : operations) {
            if (!(apply.op() instanceof Cast)) {
                names.add(apply.op().label());
            }
            apply.source().map(KernelReport::place).ifPresent(places::add);
        }
        String title = names.isEmpty() ? "copy" : shortened(names, " + ");
        String fused =
                operations.size() > 1 ? "fused: %d operations".formatted(operations.size()) : "";
        return "    %-3d %-32s %-14s %-20s %s"
                .formatted(number, title, region.space(), shortened(places, ", "), fused)
                .stripTrailing();
    }

    private static String place(SourceLine line) {
        return line.file() + ":" + line.line();
    }

    private static String shortened(Set<String> all, String separator) {
        String text = String.join(separator, all.stream().limit(3).toList());
        return all.size() > 3 ? text + separator + "..." : text;
    }

    // Why a kernel could not be part of the one before, from what their loops can do.
    private static String apart(Region before, Region after) {
        Optional<Node.Apply> structured =
                operations(after).stream()
                        .filter(apply -> !(apply.op() instanceof Pointwise))
                        .findFirst();
        if (after.loop() == Region.Loop.CALL) {
            return structured
                    .map(apply ->
                            "%s has a loop of its own and reads whole operands"
                                    .formatted(apply.op().label()))
                    .orElse("it has a loop of its own");
        }
        if (!before.space().equals(after.space())) {
            return "their loops run over different shapes";
        }
        if (before.loop() != after.loop()) {
            return "a reduction has to be complete before the other loop begins";
        }
        return "one depends on all that the other computes, or on nothing of it";
    }
}
