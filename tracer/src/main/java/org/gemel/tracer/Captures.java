package org.gemel.tracer;

import java.util.ArrayList;
import java.util.List;
import org.gemel.Slot;

/// Says in words what a trace took from outside.
final class Captures {
    private static final int NAMED = 4;

    private Captures() {}

    /// Short texts, none if nothing was taken.
    ///
    /// @param full slots that have a content
    /// @param updated those that get another of the same type
    /// @param filled slots that get another tensor
    /// @param tensors the number of tensors from outside
    static List<String> text(List<Slot> full, List<Slot> updated, List<Slot> filled, int tensors) {
        List<Slot> read = new ArrayList<>(full);
        read.removeAll(updated);
        read.removeAll(filled);
        List<String> lines = new ArrayList<>();
        add(lines, updated, "updated in place");
        add(lines, filled, "assigned");
        add(lines, read, "read");
        if (tensors > 0) {
            lines.add(tensors == 1 ? "1 tensor" : tensors + " tensors");
        }
        return lines;
    }

    private static void add(List<String> lines, List<Slot> slots, String what) {
        if (!slots.isEmpty()) {
            String names = String.join(", ", slots.stream().limit(NAMED).map(Slot::name).toList());
            lines.add(
                    "%d %s (%s%s)"
                            .formatted(
                                    slots.size(),
                                    what,
                                    names,
                                    slots.size() > NAMED ? ", ..." : ""));
        }
    }
}
