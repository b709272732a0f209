package org.gemel.tracer;

import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Instruction;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.*;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the instructions of one method take from the operand stack, and which instructions put it
/// there.
///
/// Instructions go by their place among the elements of the code.
final class StackFlow {
    /// One value on the stack.
    ///
    /// @param makers the instructions that may have pushed it
    /// @param wide whether it is a `long` or `double`
    /// @param stale whether a variable that it was loaded from has been set since
    record Entry(Set<Integer> makers, boolean wide, boolean stale) {
        private static Entry of(int maker, TypeKind kind) {
            return new Entry(Set.of(maker), kind.slotSize() == 2, false);
        }

        private Entry or(Entry other) {
            Set<Integer> all = new HashSet<>(makers);
            all.addAll(other.makers);
            return new Entry(Set.copyOf(all), wide, stale || other.stale);
        }

        /// The one instruction that pushed it, if there is one.
        Optional<Integer> maker() {
            return makers.size() == 1 ? Optional.of(makers.iterator().next()) : Optional.empty();
        }
    }

    private static final int CAUGHT = -1;

    private final List<CodeElement> elements;
    private final Map<Label, Integer> places = new HashMap<>();
    private final @Nullable List<Entry>[] before;
    private final Map<Integer, List<Integer>> handlers = new HashMap<>();
    private final Deque<Integer> changed = new ArrayDeque<>();

    private StackFlow(CodeModel code) {
        this.elements = code.elementList();
        @SuppressWarnings({"unchecked", "rawtypes"})
        @Nullable List<Entry>[] none = new List[elements.size()];
        this.before = none;
        for (int i = 0; i < elements.size(); i++) {
            if (elements.get(i) instanceof LabelTarget target) {
                places.put(target.label(), i);
            }
        }
        for (ExceptionCatch caught : code.exceptionHandlers()) {
            int handler = place(caught.handler());
            for (int i = place(caught.tryStart()); i < place(caught.tryEnd()); i++) {
                handlers.computeIfAbsent(i, _ -> new ArrayList<>()).add(handler);
            }
        }
    }

    /// Follows `code`, or finds nothing where it has subroutines (before Java 7).
    static Optional<StackFlow> of(CodeModel code) {
        StackFlow flow = new StackFlow(code);
        for (CodeElement element : flow.elements) {
            if (element instanceof DiscontinuedInstruction) {
                return Optional.empty();
            }
        }
        flow.follow();
        return Optional.of(flow);
    }

    /// The elements of the code.
    List<CodeElement> elements() {
        return elements;
    }

    /// Whether control can reach an element.
    boolean reaches(int place) {
        return before[place] != null;
    }

    /// What an instruction takes from the stack, the deepest first.
    List<Entry> taken(int place) {
        List<Entry> stack = stack(place);
        return stack.subList(stack.size() - takes(place), stack.size());
    }

    /// What an instruction leaves on the stack, its own result not included.
    List<Entry> left(int place) {
        List<Entry> stack = stack(place);
        return stack.subList(0, stack.size() - takes(place));
    }

    private List<Entry> stack(int place) {
        List<Entry> stack = before[place];
        if (stack == null) {
            throw new IllegalArgumentException("no control reaches element " + place);
        }
        return stack;
    }

    /// Where control may go after an element, handlers of exceptions included.
    List<Integer> next(int place) {
        List<Integer> all = new ArrayList<>(ahead(place));
        all.addAll(handlers(place));
        return all;
    }

    /// Where an exception that an element throws may be caught.
    List<Integer> handlers(int place) {
        return handlers.getOrDefault(place, List.of());
    }

    private int place(Label label) {
        Integer place = places.get(label);
        if (place == null) {
            throw new IllegalArgumentException("a label that is not in the code");
        }
        return place;
    }

    private void follow() {
        reach(0, List.of());
        while (!changed.isEmpty()) {
            int place = changed.remove();
            List<Entry> after = after(place);
            ahead(place).forEach(next -> reach(next, after));
            for (int handler : handlers(place)) {
                reach(handler, List.of(Entry.of(CAUGHT, TypeKind.REFERENCE)));
            }
        }
    }

    private void reach(int place, List<Entry> stack) {
        List<Entry> known = before[place];
        List<Entry> merged = stack;
        if (known != null) {
            merged = new ArrayList<>();
            for (int i = 0; i < stack.size(); i++) {
                merged.add(known.get(i).or(stack.get(i)));
            }
        }
        if (known == null || !merged.equals(known)) {
            before[place] = List.copyOf(merged);
            changed.add(place);
        }
    }

    private List<Integer> ahead(int place) {
        List<Integer> all = new ArrayList<>();
        boolean falls = true;
        switch (elements.get(place)) {
            case BranchInstruction branch -> {
                all.add(place(branch.target()));
                falls = branch.opcode() != Opcode.GOTO && branch.opcode() != Opcode.GOTO_W;
            }
            case LookupSwitchInstruction choice -> {
                choice.cases().forEach(one -> all.add(place(one.target())));
                all.add(place(choice.defaultTarget()));
                falls = false;
            }
            case TableSwitchInstruction choice -> {
                choice.cases().forEach(one -> all.add(place(one.target())));
                all.add(place(choice.defaultTarget()));
                falls = false;
            }
            case ReturnInstruction _, ThrowInstruction _ -> falls = false;
            default -> {}
        }
        if (falls && place + 1 < elements.size()) {
            all.add(place + 1);
        }
        return all;
    }

    private List<Entry> after(int place) {
        CodeElement element = elements.get(place);
        if (element instanceof StackInstruction stack) {
            return shuffled(stack.opcode(), place);
        }
        List<Entry> stack = new ArrayList<>(left(place));
        if (element instanceof StoreInstruction store) {
            stack.replaceAll(entry -> loads(entry, store.slot()) ? aged(entry) : entry);
        }
        pushes(element).ifPresent(kind -> stack.add(Entry.of(place, kind)));
        return stack;
    }

    private static Entry aged(Entry entry) {
        return new Entry(entry.makers, entry.wide, true);
    }

    /// Whether a value may have been loaded from a variable.
    boolean loads(Entry entry, int slot) {
        return entry.makers.stream()
                .anyMatch(maker ->
                        maker != CAUGHT
                                && elements.get(maker) instanceof LoadInstruction load
                                && load.slot() == slot);
    }

    // What is moved or copied belongs to the instruction that did it.
    private List<Entry> shuffled(Opcode opcode, int place) {
        List<Entry> taken = taken(place);
        List<Entry> stack = new ArrayList<>(left(place));
        int top = taken.size();
        List<Entry> moved =
                switch (opcode) {
                    case POP, POP2 -> List.of();
                    case SWAP -> taken.reversed();
                    case DUP, DUP_X1, DUP_X2 -> inserted(taken, top - 1);
                    default -> inserted(taken, taken.getLast().wide() ? top - 1 : top - 2);
                };
        moved.forEach(entry -> stack.add(new Entry(Set.of(place), entry.wide(), false)));
        return stack;
    }

    // A copy of the entries from `first` on below all.
    private static List<Entry> inserted(List<Entry> taken, int first) {
        List<Entry> all = new ArrayList<>(taken.subList(first, taken.size()));
        all.addAll(taken);
        return all;
    }

    private int takes(int place) {
        return switch (elements.get(place)) {
            case StackInstruction instruction -> shuffles(instruction.opcode(), stack(place));
            case Instruction instruction -> takenBy(instruction);
            default -> 0;
        };
    }

    // How many values an instruction that moves or copies values reads.
    private static int shuffles(Opcode opcode, List<Entry> stack) {
        int first = stack.getLast().wide() ? 1 : 2;
        return switch (opcode) {
            case POP, DUP -> 1;
            case SWAP, DUP_X1 -> 2;
            case DUP_X2 -> stack.get(stack.size() - 2).wide() ? 2 : 3;
            case POP2, DUP2 -> first;
            case DUP2_X1 -> first + 1;
            case DUP2_X2 -> first + (stack.get(stack.size() - 1 - first).wide() ? 1 : 2);
            default -> throw new IllegalArgumentException("no instruction of the stack: " + opcode);
        };
    }

    private static int takenBy(Instruction instruction) {
        return switch (instruction) {
            case StoreInstruction _, ConvertInstruction _, TypeCheckInstruction _ -> 1;
            case MonitorInstruction _, ThrowInstruction _ -> 1;
            case LookupSwitchInstruction _, TableSwitchInstruction _ -> 1;
            case NewPrimitiveArrayInstruction _, NewReferenceArrayInstruction _ -> 1;
            case NewMultiArrayInstruction many -> many.dimensions();
            case ArrayLoadInstruction _ -> 2;
            case ArrayStoreInstruction _ -> 3;
            case ReturnInstruction back -> back.opcode() == Opcode.RETURN ? 0 : 1;
            case OperatorInstruction operator -> operands(operator.opcode());
            case BranchInstruction branch -> compared(branch.opcode());
            case FieldInstruction field ->
                    switch (field.opcode()) {
                        case GETSTATIC -> 0;
                        case PUTFIELD -> 2;
                        default -> 1;
                    };
            case InvokeInstruction call ->
                    call.typeSymbol().parameterCount()
                            + (call.opcode() == Opcode.INVOKESTATIC ? 0 : 1);
            case InvokeDynamicInstruction call -> call.typeSymbol().parameterCount();
            default -> 0;
        };
    }

    private static int operands(Opcode opcode) {
        return switch (opcode) {
            case INEG, LNEG, FNEG, DNEG, ARRAYLENGTH -> 1;
            default -> 2;
        };
    }

    private static int compared(Opcode opcode) {
        return switch (opcode) {
            case GOTO, GOTO_W -> 0;
            case IFEQ, IFNE, IFLT, IFGE, IFGT, IFLE, IFNULL, IFNONNULL -> 1;
            default -> 2;
        };
    }

    private static Optional<TypeKind> pushes(CodeElement element) {
        return switch (element) {
            case LoadInstruction load -> Optional.of(load.typeKind());
            case ConstantInstruction constant -> Optional.of(constant.typeKind());
            case ConvertInstruction convert -> Optional.of(convert.toType());
            case ArrayLoadInstruction load -> Optional.of(load.typeKind());
            case NewObjectInstruction _,
                    NewPrimitiveArrayInstruction _,
                    NewReferenceArrayInstruction _,
                    NewMultiArrayInstruction _ ->
                    Optional.of(TypeKind.REFERENCE);
            case TypeCheckInstruction check ->
                    Optional.of(
                            check.opcode() == Opcode.INSTANCEOF
                                    ? TypeKind.INT
                                    : TypeKind.REFERENCE);
            case OperatorInstruction operator -> Optional.of(result(operator));
            case FieldInstruction field ->
                    switch (field.opcode()) {
                        case GETSTATIC, GETFIELD -> Optional.of(TypeKind.from(field.typeSymbol()));
                        default -> Optional.empty();
                    };
            case InvokeInstruction call -> result(call.typeSymbol());
            case InvokeDynamicInstruction call -> result(call.typeSymbol());
            default -> Optional.empty();
        };
    }

    private static TypeKind result(OperatorInstruction operator) {
        return switch (operator.opcode()) {
            case LCMP, FCMPL, FCMPG, DCMPL, DCMPG, ARRAYLENGTH -> TypeKind.INT;
            default -> operator.typeKind();
        };
    }

    private static Optional<TypeKind> result(MethodTypeDesc type) {
        ClassDesc result = type.returnType();
        return result.equals(ConstantDescs.CD_void)
                ? Optional.empty()
                : Optional.of(TypeKind.from(result));
    }
}
