package org.gemel.tracer;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.StackInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.gemel.Temporary;
import org.gemel.tracer.StackFlow.Entry;

/// Where one method uses its tensors for the last time, and the code that gives them back there.
///
/// Beside each variable with tensors of the method's [own][Ownership] there is another, its owner
/// (see [Temporary]): the same handle, or null once the tensor has gone elsewhere: to a field,
/// another method, a lambda, a second variable. What is owned is given back when its variable is
/// set again, when nothing can read the variable any more, or when the method returns; what never
/// is in a variable, after the one operation that takes it. A method that throws gives back
/// nothing: the collector will find it.
final class LastUses {
    private static final ClassDesc HELPER = ClassDesc.of(Temporary.class.getName());
    private static final ClassDesc TENSOR = Operation.TENSOR;

    private final StackFlow flow;
    private final List<CodeElement> elements;
    private final Ownership ownership;
    private final boolean hands;

    // New variables: the owner of each old one, and what one of some instructions pushed and its
    // owner.
    private final Map<Integer, Integer> owners = new TreeMap<>();
    private final Map<Set<Integer>, Integer> pushed = new HashMap<>();
    private final Map<Set<Integer>, Integer> pushedOwners = new HashMap<>();
    private int variables;

    private final Map<Integer, List<Consumer<CodeBuilder>>> before = new HashMap<>();
    private final Map<Integer, List<Consumer<CodeBuilder>>> after = new HashMap<>();

    private LastUses(StackFlow flow, Ownership ownership, boolean hands, int variables) {
        this.flow = flow;
        this.elements = flow.elements();
        this.ownership = ownership;
        this.hands = hands;
        this.variables = variables;
        for (int place : ownership.owned()) {
            pushedOwners.computeIfAbsent(makers(place), _ -> this.variables++);
            Optional<CodeElement> taker = ownership.taker(place).map(elements::get);
            if (taker.orElse(null) instanceof StoreInstruction store) {
                owners.computeIfAbsent(store.slot(), _ -> this.variables++);
            }
        }
        ownership.live();
        for (int i = 0; i < elements.size(); i++) {
            if (flow.reaches(i)) {
                write(i);
            }
        }
    }

    /// What there is to do in `code`, if anything.
    ///
    /// @param hands whether the code belongs to one of the `helpers` that give a tensor
    static Optional<LastUses> of(CodeModel code, Helpers helpers, boolean hands) {
        Optional<StackFlow> flow = StackFlow.of(code);
        if (flow.isEmpty() || !(code instanceof CodeAttribute attribute)) {
            return Optional.empty();
        }
        Ownership ownership = new Ownership(flow.get(), helpers, hands);
        return ownership.owned().isEmpty() && !hands
                ? Optional.empty()
                : Optional.of(new LastUses(flow.get(), ownership, hands, attribute.maxLocals()));
    }

    /// Writes what comes before the code.
    void begin(CodeBuilder code) {
        owners.values().forEach(owner -> code.aconst_null().astore(owner));
    }

    /// Writes what comes before an element.
    void before(int place, CodeBuilder code) {
        before.getOrDefault(place, List.of()).forEach(part -> part.accept(code));
    }

    /// Writes what comes after an element.
    void after(int place, CodeBuilder code) {
        after.getOrDefault(place, List.of()).forEach(part -> part.accept(code));
    }

    // ---- variables

    private Set<Integer> makers(int maker) {
        return ownership.value(maker).map(Entry::makers).orElse(Set.of(maker));
    }

    // The variable with the owner of a value, if it may have one.
    private Optional<Integer> owner(Entry entry) {
        return entry.stale()
                ? Optional.empty()
                : Optional.ofNullable(
                        ownership
                                .variable(entry)
                                .map(owners::get)
                                .orElseGet(() -> pushedOwners.get(entry.makers())));
    }

    // The variable with a value.
    private int name(Entry entry) {
        return ownership.variable(entry).orElseGet(() -> named(entry.makers()));
    }

    private int named(Set<Integer> makers) {
        return pushed.computeIfAbsent(
                makers,
                _ -> {
                    int slot = variables++;
                    for (int maker : makers) {
                        after.computeIfAbsent(maker, _ -> new ArrayList<>())
                                .addFirst(code -> code.dup().astore(slot));
                    }
                    return slot;
                });
    }

    // ---- code

    private void write(int place) {
        CodeElement element = elements.get(place);
        if (!ownership.owned().contains(place)) {
            // One of several instructions that may push the same value.
            Optional.ofNullable(pushedOwners.get(makers(place)))
                    .ifPresent(owner -> forget(owner, place));
        }
        if (ownership.operation(place).isPresent()) {
            operation(place);
        } else if (element instanceof LoadInstruction load) {
            Integer owner = owners.get(load.slot());
            if (owner != null && ownership.escapes(place)) {
                forget(owner, place);
            }
        } else if (element instanceof StoreInstruction store) {
            Integer owner = owners.get(store.slot());
            if (owner != null && store.typeKind() == TypeKind.REFERENCE) {
                store(place, store.slot(), owner);
            }
        } else if (element instanceof ReturnInstruction) {
            back(place);
        } else if (element instanceof StackInstruction) {
            giveBack(place);
        }
    }

    private void addBefore(int place, Consumer<CodeBuilder> part) {
        before.computeIfAbsent(place, _ -> new ArrayList<>()).add(part);
    }

    private void addAfter(int place, Consumer<CodeBuilder> part) {
        after.computeIfAbsent(place, _ -> new ArrayList<>()).add(part);
    }

    private static void forget(CodeBuilder code, int owner) {
        code.aconst_null().astore(owner);
    }

    private void forget(int owner, int place) {
        addAfter(place, code -> forget(code, owner));
    }

    private static void release(CodeBuilder code, int owner) {
        code.aload(owner);
        code.invokestatic(HELPER, "release", MethodTypeDesc.of(ConstantDescs.CD_void, TENSOR));
    }

    private static void push(CodeBuilder code, Optional<Integer> owner) {
        owner.ifPresentOrElse(code::aload, code::aconst_null);
    }

    private void store(int place, int slot, int owner) {
        // A value that an instruction to come will take from the stack is not given back.
        if (flow.left(place).stream().noneMatch(entry -> flow.loads(entry, slot))) {
            addBefore(place, code -> release(code, owner));
        }
        Set<Integer> makers = flow.taken(place).getFirst().makers();
        Optional<Integer> from = Optional.ofNullable(pushedOwners.get(makers));
        addBefore(
                place,
                code -> {
                    push(code, from);
                    code.astore(owner);
                });
    }

    private void back(int place) {
        if (hands) {
            Optional<Integer> own = owner(flow.taken(place).getFirst());
            addBefore(
                    place,
                    code -> {
                        code.dup();
                        push(code, own);
                        MethodTypeDesc hand =
                                MethodTypeDesc.of(ConstantDescs.CD_void, TENSOR, TENSOR);
                        code.invokestatic(HELPER, "hand", hand);
                        own.ifPresent(owner -> forget(code, owner));
                    });
        }
        owners.values().forEach(owner -> addBefore(place, code -> release(code, owner)));
    }

    private void operation(int place) {
        Operation operation = ownership.operation(place).orElseThrow();
        List<Entry> inputs = ownership.inputs(place);
        boolean owned = ownership.owned().contains(place);
        boolean passes = inputs.stream().anyMatch(entry -> owner(entry).isPresent());
        if (operation.makes() && (owned || passes)) {
            int result = named(makers(place));
            if (owned) {
                boolean handed = operation.gives() == Operation.Result.HANDED;
                Optional.ofNullable(pushedOwners.get(makers(place)))
                        .ifPresent(owner -> own(place, owner, result, handed, inputs));
            }
            inputs.forEach(entry -> owner(entry).ifPresent(owner -> pass(place, owner, result)));
        }
        giveBack(place);
    }

    private void own(int place, int owner, int result, boolean handed, List<Entry> inputs) {
        List<Integer> names = handed ? List.of() : inputs.stream().map(this::name).toList();
        int count = 1 + 2 * names.size();
        MethodTypeDesc type = MethodTypeDesc.of(TENSOR, Collections.nCopies(count, TENSOR));
        addAfter(
                place,
                code -> {
                    code.aload(result);
                    for (int i = 0; i < names.size(); i++) {
                        code.aload(names.get(i));
                        push(code, owner(inputs.get(i)));
                    }
                    if (handed || !names.isEmpty()) {
                        code.invokestatic(HELPER, handed ? "claimed" : "owner", type);
                    }
                    code.astore(owner);
                });
    }

    // The result may be the input: it has one owner.
    private void pass(int place, int owner, int result) {
        addAfter(
                place,
                code -> {
                    code.aload(owner).aload(result);
                    code.invokestatic(HELPER, "without", MethodTypeDesc.of(TENSOR, TENSOR, TENSOR));
                    code.astore(owner);
                });
    }

    // Releases what an instruction was the last to use.
    private void giveBack(int place) {
        Set<Integer> given = new HashSet<>();
        List<Entry> taken = flow.taken(place);
        for (int at = 0; at < taken.size(); at++) {
            Entry entry = taken.get(at);
            boolean last =
                    ownership.borrows(place, at)
                            && ownership
                                    .variable(entry)
                                    .filter(slot -> !ownership.isDead(slot, place))
                                    .isEmpty();
            owner(entry)
                    .filter(_ -> last)
                    .filter(given::add)
                    .ifPresent(owner -> {
                        addAfter(
                                place,
                                code -> {
                                    release(code, owner);
                                    forget(code, owner);
                                });
                    });
        }
    }
}
