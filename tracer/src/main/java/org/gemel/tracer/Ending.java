package org.gemel.tracer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.gemel.Slot;
import org.gemel.compiler.Executable;
import org.gemel.ir.Node;

/// The last segment of a way through a function, as it runs.
///
/// @param result how the result is made up
/// @param slots what happens to the slots
/// @param updated the registers of the contents that are updated
/// @param executable its outputs are the tensors of the result, the new contents of the slots that
///   are filled, and the updates
/// @param from the registers of its inputs
record Ending(Pattern result, Slots slots, int[] updated, Executable executable, int[] from) {
    /// What a function leaves in the slots that it touched.
    ///
    /// @param filled slots that get another tensor than they had
    /// @param filling those tensors
    /// @param updatedSlots slots that get another tensor of the type they had
    /// @param updated what stood for their content before
    /// @param updates their content after
    /// @param cleared slots that are emptied
    record Slots(
            List<Slot> filled,
            List<Node> filling,
            List<Slot> updatedSlots,
            List<Node.Input> updated,
            List<Node> updates,
            List<Slot> cleared) {}

    /// Compares what slots hold at the end with what they held.
    static Slots slots(SequencedMap<Slot, TraceRecorder.Place> places) {
        Slots slots =
                new Slots(
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>());
        places.forEach((slot, place) -> compare(slot, place, slots));
        return slots;
    }

    private static void compare(Slot slot, TraceRecorder.Place place, Slots slots) {
        Optional<Node.Input> before = place.entry();
        Optional<Node> after = place.now();
        if (after.isEmpty()) {
            if (before.isPresent()) {
                slots.cleared.add(slot);
            }
            return;
        }
        if (before.isPresent() && before.get() == after.get()) {
            return;
        }
        if (before.isPresent() && before.get().type().equals(after.get().type())) {
            slots.updatedSlots.add(slot);
            slots.updated.add(before.get());
            slots.updates.add(after.get());
        } else {
            slots.filled.add(slot);
            slots.filling.add(after.get());
        }
    }
}
