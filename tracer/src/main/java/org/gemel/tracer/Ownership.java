package org.gemel.tracer;

import java.lang.classfile.CodeElement;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.StackInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.gemel.tracer.StackFlow.Entry;

/// Which tensors of a method are its own: an [operation][Operation] gave them, and they go to
/// nothing but operations and local variables.
///
/// Instructions go by their place among the elements of the code.
final class Ownership {
    /// More inputs than an operation has whose result can be its own.
    private static final int MOST_INPUTS = 3;

    private final StackFlow flow;
    private final List<CodeElement> elements;
    private final boolean hands;
    private final Map<Integer, Operation> operations = new TreeMap<>();
    private final Map<Integer, Set<Integer>> takers = new HashMap<>();
    private final Set<Integer> escaping = new HashSet<>();
    private final Set<Integer> owned = new TreeSet<>();
    private final Map<Integer, BitSet> liveAfter = new HashMap<>();

    /// Follows the tensors.
    ///
    /// @param hands whether a result of the method is its caller's if it was the method's own
    Ownership(StackFlow flow, Helpers helpers, boolean hands) {
        this.flow = flow;
        this.elements = flow.elements();
        this.hands = hands;
        for (int i = 0; i < elements.size(); i++) {
            if (flow.reaches(i)) {
                int place = i;
                helpers.operation(elements.get(i)).ifPresent(op -> operations.put(place, op));
            }
        }
        follow();
        operations.forEach((place, operation) -> {
            if (isMade(place, operation)) {
                owned.add(place);
            }
        });
    }

    /// The operation that an instruction is, if it is one.
    Optional<Operation> operation(int place) {
        return Optional.ofNullable(operations.get(place));
    }

    /// Operations whose results are the method's own, unless they are inputs that are not.
    Set<Integer> owned() {
        return owned;
    }

    /// Whether what an instruction pushes also goes elsewhere.
    boolean escapes(int place) {
        return escaping.contains(place);
    }

    /// Whether a variable that is a parameter goes to nothing but operations.
    boolean keeps(int slot) {
        for (int i = 0; i < elements.size(); i++) {
            if (elements.get(i) instanceof LoadInstruction load
                    && load.slot() == slot
                    && (escaping.contains(i) || isReturned(i))) {
                return true;
            }
        }
        return false;
    }

    private boolean isReturned(int place) {
        return takers.getOrDefault(place, Set.of()).stream()
                .anyMatch(taker -> elements.get(taker) instanceof ReturnInstruction);
    }

    private void follow() {
        for (int i = 0; i < elements.size(); i++) {
            List<Entry> taken = flow.reaches(i) ? flow.taken(i) : List.of();
            for (int at = 0; at < taken.size(); at++) {
                Entry entry = taken.get(at);
                for (int maker : entry.makers()) {
                    takers.computeIfAbsent(maker, _ -> new HashSet<>()).add(i);
                    if (!borrows(i, at) || (entry.makers().size() > 1 && isLoad(maker))) {
                        escaping.add(maker);
                    }
                }
            }
        }
    }

    /// Whether an instruction lets go of the value that it takes at a place of its own.
    boolean borrows(int place, int at) {
        Operation operation = operations.get(place);
        return operation != null
                ? operation.inputs().contains(at)
                : switch (elements.get(place)) {
                    case StackInstruction stack -> stack.opcode() == Opcode.POP;
                    case ReturnInstruction _ -> hands;
                    default -> false;
                };
    }

    private boolean isLoad(int place) {
        return place >= 0 && elements.get(place) instanceof LoadInstruction;
    }

    /// Where what an instruction pushes goes, if that is one place.
    Optional<Integer> taker(int maker) {
        Set<Integer> all = takers.getOrDefault(maker, Set.of());
        return all.size() == 1 ? Optional.of(all.iterator().next()) : Optional.empty();
    }

    /// The one value that an instruction makes for one taker; where control flow joins, others may
    /// make it too.
    Optional<Entry> value(int maker) {
        return taker(maker)
                .flatMap(taker -> theOne(maker, taker))
                .filter(entry ->
                        entry.makers().stream()
                                .allMatch(one -> isPlain(one) && taker(one).isPresent()));
    }

    private Optional<Entry> theOne(int maker, int taker) {
        List<Entry> all =
                flow.taken(taker).stream().filter(entry -> entry.makers().contains(maker)).toList();
        return all.size() == 1 ? Optional.of(all.getFirst()) : Optional.empty();
    }

    private boolean isPlain(int maker) {
        return maker >= 0 && !(elements.get(maker) instanceof StackInstruction);
    }

    private boolean isMade(int place, Operation operation) {
        boolean stored =
                taker(place)
                        .map(elements::get)
                        .filter(StoreInstruction.class::isInstance)
                        .isPresent();
        return value(place).isPresent()
                && (stored || !escaping.contains(place))
                && switch (operation.gives()) {
                    case NONE, SHARED -> false;
                    case HANDED -> true;
                    case FRESH ->
                            operation.inputs().size() <= MOST_INPUTS
                                    && inputs(place).stream().allMatch(this::canBeNamed);
                };
    }

    /// The tensors that an operation takes.
    List<Entry> inputs(int place) {
        List<Entry> taken = flow.taken(place);
        return operation(place).stream()
                .flatMap(operation -> operation.inputs().stream())
                .map(taken::get)
                .toList();
    }

    private boolean canBeNamed(Entry entry) {
        return !entry.stale()
                && entry.makers().stream().allMatch(this::isPlain)
                && (entry.makers().size() == 1
                        || entry.makers().stream().allMatch(one -> value(one).isPresent()));
    }

    /// The variable that a value comes from, if it is one.
    Optional<Integer> variable(Entry entry) {
        return entry.maker()
                .filter(this::isLoad)
                .map(place -> ((LoadInstruction) elements.get(place)).slot());
    }

    /// Finds where variables may still be read.
    void live() {
        Map<Integer, BitSet> liveBefore = new HashMap<>();
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int i = elements.size() - 1; i >= 0; i--) {
                if (flow.reaches(i)) {
                    BitSet live = across(i, liveBefore);
                    changed |= !live.equals(liveBefore.put(i, live));
                }
            }
        }
    }

    private BitSet across(int place, Map<Integer, BitSet> liveBefore) {
        BitSet live = new BitSet();
        flow.next(place).forEach(next -> live.or(liveBefore.getOrDefault(next, new BitSet())));
        liveAfter.put(place, (BitSet) live.clone());
        if (elements.get(place) instanceof StoreInstruction store) {
            live.clear(store.slot());
        } else if (elements.get(place) instanceof LoadInstruction load) {
            live.set(load.slot());
        }
        // An instruction that throws has set nothing.
        flow.handlers(place).forEach(next -> live.or(liveBefore.getOrDefault(next, new BitSet())));
        return live;
    }

    /// Whether nothing can read a variable after an instruction, which took its value if any did.
    boolean isDead(int slot, int place) {
        return !liveAfter.getOrDefault(place, new BitSet()).get(slot)
                && flow.left(place).stream().noneMatch(left -> flow.loads(left, slot));
    }
}
