package org.gemel.backend.vector;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntConsumer;
import org.gemel.DType;
import org.gemel.backend.vector.Body.Fold;
import org.gemel.backend.vector.Body.Operand;
import org.gemel.backend.vector.Body.Stage;
import org.gemel.backend.vector.Body.Step;
import org.gemel.backend.vector.Body.Store;
import org.gemel.backend.vector.VectorCode.Value;
import org.gemel.backend.vector.VectorMemory.Masks;
import org.gemel.op.Reduce;

/// Writes one method of one stage of a [Body].
final class StageCode {
    // Vectors of accumulators that a loop holds in registers: those of one reduction with the
    // longest
    // vectors. With two, C2 takes the vectors of other methods of the class for objects now and
    // then
    // (a fused cross entropy was six times slower).
    private static final int MOST_KEPT = 4;

    private final CodeBuilder code;
    private final Stage stage;
    private final VectorCode c;
    private final VectorMemory memory;
    private final Body body;
    private final int lanes;
    private final Map<Integer, Integer> addresses = new HashMap<>();
    private final Map<Integer, Value> outside = new HashMap<>();
    private final List<Integer> loaded = new ArrayList<>();

    StageCode(Body body, CodeBuilder code, Stage stage, int lanes) {
        this.body = body;
        this.code = code;
        this.stage = stage;
        this.lanes = lanes;
        this.c = new VectorCode(code, lanes);
        this.memory = new VectorMemory(c);
    }

    private int address(int operand) {
        return Objects.requireNonNull(addresses.get(operand), "an operand without an address");
    }

    private void pushAddresses() {
        Set<Integer> used = new LinkedHashSet<>(reads());
        stage.stores().forEach(store -> used.add(store.operand()));
        stage.folds().forEach(fold -> used.add(fold.lanes()));
        for (Step step : stage.steps()) {
            if (OpCode.spills(step.op(), step.dtype())) {
                used.add(spillOperand());
            }
        }
        for (int operand : used) {
            int slot = code.allocateLocal(TypeKind.LONG);
            LoopCode.pushAddress(code, operand);
            code.lstore(slot);
            addresses.put(operand, slot);
        }
    }

    private int spillOperand() {
        return body.operands().size() - 1;
    }

    // Operands with values that are not computed in this stage.
    private List<Integer> reads() {
        Set<Integer> made = new LinkedHashSet<>();
        Set<Integer> reads = new LinkedHashSet<>();
        for (Step step : stage.steps()) {
            step.inputs().forEach(value -> read(value, made, reads));
            made.add(step.value());
        }
        stage.folds().forEach(fold -> read(fold.value(), made, reads));
        stage.stores().forEach(store -> read(store.value(), made, reads));
        return List.copyOf(reads);
    }

    private void read(int value, Set<Integer> made, Set<Integer> reads) {
        boolean constant = body.constants().stream().anyMatch(k -> k.value() == value);
        if (!made.contains(value) && !constant) {
            reads.add(home(value));
        }
    }

    private int home(int value) {
        for (int i = 0; i < body.operands().size(); i++) {
            if (body.operands().get(i).value() == value) {
                return i;
            }
        }
        throw new IllegalStateException("value " + value + " has no place");
    }

    private void splats(boolean all) {
        for (int operand : reads()) {
            Operand what = body.operands().get(operand);
            if (all || what.single()) {
                outside.put(what.value(), memory.splat(what.dtype(), address(operand)));
            } else {
                loaded.add(operand);
            }
        }
    }

    void once() {
        c.single();
        pushAddresses();
        splats(true);
        c.constantsHere(() -> compute(Map.of()));
        Map<Integer, Value> values = compute(Map.of());
        for (Store store : stage.stores()) {
            DType type = body.operands().get(store.operand()).dtype();
            memory.storeOne(type, value(values, store.value()), address(store.operand()));
        }
        code.return_();
    }

    void loop() {
        Masks all = memory.masks(List.of(), -1);
        pushAddresses();
        splats(false);
        c.constantsHere(() -> element(-1, -1, -1, all));
        int i = code.allocateLocal(TypeKind.LONG);
        int n = code.parameterSlot(1);
        int lane = LoopCode.hasRowFolds(stage) ? code.allocateLocal(TypeKind.LONG) : -1;
        code.lconst_0().lstore(i);
        singles(i, n, lane, all);
        code.return_();
    }

    // Vector by vector from local `i` to local `n`; reductions take them in by way of memory.
    private void singles(int i, int n, int lane, Masks all) {
        Label turn = code.newBoundLabel();
        Label end = code.newLabel();
        code.lload(i).lload(n).lcmp().ifge(end);
        lane(lane, i);
        element(i, lane, -1, all);
        code.lload(i).loadConstant((long) lanes).ladd().lstore(i);
        code.goto_(turn);
        code.labelBinding(end);
    }

    /// Whether the accumulators fit into registers and the code for all lanes into a method.
    static boolean keepsLanes(Stage stage, int lanes) {
        int vectors = Reduce.LANES / lanes;
        return LoopCode.hasRowFolds(stage)
                && vectors * rowFolds(stage).size() <= MOST_KEPT
                && vectors * weight(stage) <= Planner.LARGEST;
    }

    /// Vector operations for one vector of the run.
    static int weight(Stage stage) {
        int weight = stage.folds().size();
        for (Step step : stage.steps()) {
            weight += OpCode.weight(step.op(), step.dtype());
        }
        return weight;
    }

    /// The reductions of the whole row.
    static List<Fold> rowFolds(Stage stage) {
        return stage.folds().stream().filter(fold -> fold.result() >= 0).toList();
    }

    /// As many turns as take in one element for each of the 64 lanes, with the lanes in registers
    /// from the first to the result; what is left over goes by way of memory.
    void wholeLanes(IntConsumer rest) {
        Masks all = memory.masks(List.of(), -1);
        List<Fold> folds = rowFolds(stage);
        pushAddresses();
        splats(false);
        c.constantsHere(() -> {
            element(-1, -1, -1, all);
            folds.forEach(fold -> LoopCode.identity(c, fold));
        });
        Value[][] kept = new Value[folds.size()][Reduce.LANES / lanes];
        for (int f = 0; f < kept.length; f++) {
            Value identity = LoopCode.identity(c, folds.get(f));
            for (int v = 0; v < kept[f].length; v++) {
                kept[f][v] = c.result(identity.type(), () -> code.aload(identity.slot()));
            }
        }
        int i = code.allocateLocal(TypeKind.LONG);
        int n = code.parameterSlot(1);
        code.lconst_0().lstore(i);
        turns(kept, i, n, all);
        for (Value[] vectors : kept) {
            for (Value vector : vectors) {
                c.tell(vector);
            }
        }
        Label more = code.newLabel();
        code.lload(i).lload(n).lcmp().ifne(more);
        LaneCode lane = new LaneCode(c);
        for (int f = 0; f < kept.length; f++) {
            lane.combine(folds.get(f), kept[f]);
        }
        code.return_();
        code.labelBinding(more);
        for (int f = 0; f < kept.length; f++) {
            Fold fold = folds.get(f);
            for (int v = 0; v < kept[f].length; v++) {
                memory.spill(kept[f][v], address(fold.lanes()), v * lanes * fold.dtype().bytes());
            }
        }
        int whole = code.allocateLocal(TypeKind.LONG);
        code.lload(n).loadConstant(-(long) lanes).land().lstore(whole);
        singles(i, whole, code.allocateLocal(TypeKind.LONG), all);
        rest.accept(whole);
        code.return_();
    }

    private void turns(Value[][] kept, int i, int n, Masks all) {
        List<Fold> folds = rowFolds(stage);
        int last = code.allocateLocal(TypeKind.LONG);
        code.lload(n).loadConstant((long) -Reduce.LANES).land().lstore(last);
        int at = code.allocateLocal(TypeKind.LONG);
        Label turn = code.newBoundLabel();
        Label end = code.newLabel();
        code.lload(i).lload(last).lcmp().ifge(end);
        for (int v = 0; v < Reduce.LANES / lanes; v++) {
            code.lload(i).loadConstant((long) v * lanes).ladd().lstore(at);
            Map<Integer, Value> values = values(at, -1, all);
            for (int f = 0; f < kept.length; f++) {
                Fold fold = folds.get(f);
                String operator = LoopCode.operator(fold.kind());
                c.tell(kept[f][v]);
                Value after = c.binary(operator, kept[f][v], value(values, fold.value()));
                code.aload(after.slot()).astore(kept[f][v].slot());
            }
            for (Fold fold : stage.folds()) {
                if (fold.result() < 0) {
                    takeIn(fold, values, at, -1, all);
                }
            }
            stores(values, at, -1, all);
        }
        code.lload(i).loadConstant((long) Reduce.LANES).ladd().lstore(i);
        code.goto_(turn);
        code.labelBinding(end);
    }

    private void lane(int lane, int i) {
        if (lane >= 0) {
            code.lload(i).loadConstant(Reduce.LANES - 1L).land().lstore(lane);
        }
    }

    void tail() {
        pushAddresses();
        splats(false);
        int i = code.parameterSlot(1);
        int count = code.parameterSlot(2);
        Set<DType> types = new LinkedHashSet<>();
        loaded.forEach(operand -> types.add(body.operands().get(operand).dtype()));
        stage.stores().forEach(store -> types.add(body.operands().get(store.operand()).dtype()));
        stage.folds().forEach(fold -> types.add(fold.dtype()));
        Masks masks = memory.masks(types, count);
        c.constantsHere(() -> element(i, -1, count, masks));
        int lane = LoopCode.hasRowFolds(stage) ? code.allocateLocal(TypeKind.LONG) : -1;
        lane(lane, i);
        element(i, lane, count, masks);
        code.return_();
    }

    private Map<Integer, Value> values(int i, int count, Masks masks) {
        Map<Integer, Value> values = new HashMap<>();
        for (int operand : loaded) {
            Operand what = body.operands().get(operand);
            values.put(what.value(), memory.load(what.dtype(), address(operand), i, count, masks));
        }
        return compute(values);
    }

    private void element(int i, int lane, int count, Masks masks) {
        Map<Integer, Value> all = values(i, count, masks);
        for (Fold fold : stage.folds()) {
            takeIn(fold, all, fold.result() >= 0 ? lane : i, count, masks);
        }
        stores(all, i, count, masks);
    }

    private void takeIn(Fold fold, Map<Integer, Value> values, int at, int count, Masks masks) {
        int base = address(fold.lanes());
        Value before = memory.load(fold.dtype(), base, at, count, masks);
        Value after = c.binary(LoopCode.operator(fold.kind()), before, value(values, fold.value()));
        memory.store(fold.dtype(), after, base, at, count, masks);
    }

    private void stores(Map<Integer, Value> values, int i, int count, Masks masks) {
        for (Store store : stage.stores()) {
            DType type = body.operands().get(store.operand()).dtype();
            Value value = value(values, store.value());
            memory.store(type, value, address(store.operand()), i, count, masks);
        }
    }

    private static Value value(Map<Integer, Value> values, int value) {
        return Objects.requireNonNull(values.get(value), "a value that is not there");
    }

    private Map<Integer, Value> compute(Map<Integer, Value> loads) {
        Map<Integer, Value> values = new HashMap<>(outside);
        values.putAll(loads);
        for (Body.Constant constant : body.constants()) {
            if (uses(constant.value())) {
                double number = Double.longBitsToDouble(constant.bits());
                values.put(constant.value(), c.constant(constant.dtype(), number));
            }
        }
        for (Step step : stage.steps()) {
            int spill = OpCode.spills(step.op(), step.dtype()) ? address(spillOperand()) : -1;
            List<Value> in = step.inputs().stream().map(k -> value(values, k)).toList();
            values.put(
                    step.value(), new OpCode(c, memory, spill).emit(step.op(), in, step.dtype()));
        }
        return values;
    }

    private boolean uses(int value) {
        return stage.steps().stream().anyMatch(step -> step.inputs().contains(value))
                || stage.folds().stream().anyMatch(fold -> fold.value() == value)
                || stage.stores().stream().anyMatch(store -> store.value() == value);
    }
}
