package org.gemel.backend.vector;

import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.gemel.DType;
import org.gemel.backend.vector.Body.Fold;
import org.gemel.backend.vector.Body.Operand;
import org.gemel.backend.vector.Body.Stage;
import org.gemel.backend.vector.Body.Step;
import org.gemel.backend.vector.Body.Store;
import org.gemel.backend.vector.VectorCode.Masks;
import org.gemel.backend.vector.VectorCode.Value;
import org.gemel.op.Reduce;

/// Writes the class for a [Body]: for each stage a method with the loop over whole vectors, one
/// for the last elements, under masks, and one that combines the lanes of its reductions.
///
/// Methods stay small: the JIT compiles none beyond 8,000 bytes, and gives up on many accesses to
/// memory in one method.
final class LoopCode {
    private static final ClassDesc LOOP = ClassDesc.of(Loop.class.getName());
    private static final ClassDesc ADDRESSES = CD_long.arrayType();
    private static final MethodTypeDesc RUN = MethodTypeDesc.of(CD_void, ADDRESSES, CD_long);
    private static final MethodTypeDesc ONCE = MethodTypeDesc.of(CD_void, ADDRESSES);
    private static final MethodTypeDesc TAIL =
            MethodTypeDesc.of(CD_void, ADDRESSES, CD_long, CD_long);

    private final Body body;
    private final ClassDesc self;
    private final int lanes;

    private LoopCode(Body body, String name) {
        this.body = body;
        this.self = ClassDesc.of(Loop.class.getPackageName(), name);
        this.lanes = VectorCode.lanes(widest(body));
    }

    /// The class for `body`.
    static Loop generate(Body body, String name) {
        return new LoopCode(body, name).define();
    }

    private static int widest(Body body) {
        int widest = 4;
        for (Operand operand : body.operands()) {
            widest = Math.max(widest, operand.dtype().bytes());
        }
        for (Stage stage : body.stages()) {
            for (Step step : stage.steps()) {
                widest = Math.max(widest, step.dtype().bytes());
            }
        }
        for (Body.Constant constant : body.constants()) {
            widest = Math.max(widest, constant.dtype().bytes());
        }
        return widest;
    }

    private Loop define() {
        byte[] bytes =
                ClassFile.of()
                        .build(
                                self,
                                builder -> {
                                    builder.withFlags(ClassFile.ACC_FINAL);
                                    builder.withSuperclass(LOOP);
                                    builder.withMethodBody(
                                            ConstantDescs.INIT_NAME,
                                            ConstantDescs.MTD_void,
                                            0,
                                            code ->
                                                    code.aload(0)
                                                            .invokespecial(
                                                                    LOOP,
                                                                    ConstantDescs.INIT_NAME,
                                                                    ConstantDescs.MTD_void)
                                                            .return_());
                                    builder.withMethodBody("run", RUN, 0, this::run);
                                    for (int i = 0; i < body.stages().size(); i++) {
                                        stage(builder, i);
                                    }
                                });
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup().defineHiddenClass(bytes, true);
            return (Loop) lookup.lookupClass().getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("generated class " + self + " does not load", e);
        }
    }

    private void run(CodeBuilder code) {
        int addresses = code.parameterSlot(0);
        int n = code.parameterSlot(1);
        int whole = code.allocateLocal(TypeKind.LONG);
        code.lload(n).loadConstant(-(long) lanes).land().lstore(whole);
        for (int i = 0; i < body.stages().size(); i++) {
            Stage stage = body.stages().get(i);
            if (stage.once()) {
                code.aload(addresses).invokestatic(self, "once" + i, ONCE);
                continue;
            }
            if (hasRowFolds(stage)) {
                code.aload(addresses).invokestatic(self, "begin" + i, ONCE);
            }
            Label small = code.newLabel();
            code.lload(whole).lconst_0().lcmp().ifeq(small);
            code.aload(addresses).lload(whole).invokestatic(self, "loop" + i, RUN);
            code.labelBinding(small);
            Label none = code.newLabel();
            code.lload(n).lload(whole).lcmp().ifeq(none);
            code.aload(addresses).lload(whole);
            code.lload(n).lload(whole).lsub();
            code.invokestatic(self, "tail" + i, TAIL);
            code.labelBinding(none);
            if (hasRowFolds(stage)) {
                code.aload(addresses).invokestatic(self, "end" + i, ONCE);
            }
        }
        code.return_();
    }

    private static boolean hasRowFolds(Stage stage) {
        return stage.folds().stream().anyMatch(fold -> fold.result() >= 0);
    }

    private void stage(ClassBuilder builder, int i) {
        Stage stage = body.stages().get(i);
        int flags = ClassFile.ACC_STATIC | ClassFile.ACC_PRIVATE;
        if (stage.once()) {
            builder.withMethodBody("once" + i, ONCE, flags, code -> new Method(code, stage).once());
            return;
        }
        builder.withMethodBody("loop" + i, RUN, flags, code -> new Method(code, stage).loop());
        builder.withMethodBody("tail" + i, TAIL, flags, code -> new Method(code, stage).tail());
        if (hasRowFolds(stage)) {
            builder.withMethodBody("begin" + i, ONCE, flags, code -> begin(code, stage));
            builder.withMethodBody("end" + i, ONCE, flags, code -> end(code, stage));
        }
    }

    private static void pushAddress(CodeBuilder code, int operand) {
        code.aload(code.parameterSlot(0)).loadConstant(operand).laload();
    }

    /// Fills the accumulators with what changes nothing.
    private void begin(CodeBuilder code, Stage stage) {
        VectorCode c = new VectorCode(code, lanes);
        for (Fold fold : stage.folds()) {
            if (fold.result() >= 0) {
                int address = code.allocateLocal(TypeKind.LONG);
                pushAddress(code, fold.lanes());
                code.lstore(address);
                VectorCode own = new VectorCode(code, c.lanes());
                own.constantsHere(() -> identity(own, fold));
                Value start = identity(own, fold);
                for (int l = 0; l < Reduce.LANES; l += lanes) {
                    own.spill(start, address, l * fold.dtype().bytes());
                }
            }
        }
        code.return_();
    }

    private static Value identity(VectorCode c, Fold fold) {
        DType type = fold.dtype();
        boolean real = type.isFloating();
        return switch (fold.kind()) {
            case SUM -> c.constant(type, 0);
            case PROD -> c.constant(type, 1);
            case MAX ->
                    real
                            ? c.constant(type, Double.NEGATIVE_INFINITY)
                            : c.integer(
                                    type,
                                    type == DType.I32 ? Integer.MIN_VALUE : Long.MIN_VALUE);
            case MIN ->
                    real
                            ? c.constant(type, Double.POSITIVE_INFINITY)
                            : c.integer(
                                    type,
                                    type == DType.I32 ? Integer.MAX_VALUE : Long.MAX_VALUE);
        };
    }

    static String operator(Reduce.Kind kind) {
        return switch (kind) {
            case SUM -> "ADD";
            case PROD -> "MUL";
            case MAX -> "MAX";
            case MIN -> "MIN";
        };
    }

    /// Combines the accumulators pairwise: lane l takes in lane l + s for s = 32 down to 1.
    private void end(CodeBuilder code, Stage stage) {
        VectorCode c = new VectorCode(code, lanes);
        for (Fold fold : stage.folds()) {
            if (fold.result() < 0) {
                continue;
            }
            DType type = fold.dtype();
            int address = code.allocateLocal(TypeKind.LONG);
            pushAddress(code, fold.lanes());
            code.lstore(address);
            int most = VectorCode.lanes(type.bytes());
            for (int s = Reduce.LANES / 2; s >= 1; s /= 2) {
                // Two lanes are the fewest a vector has; the second one's result is not used.
                int count = Math.max(2, Math.min(s, most));
                for (int l = 0; l < s; l += count) {
                    c.fold(
                            operator(fold.kind()),
                            type,
                            address,
                            s * type.bytes(),
                            l * type.bytes(),
                            count);
                }
            }
            pushAddress(code, fold.result());
            code.lload(address);
            ClassDesc scalar = VectorCode.scalar(type);
            String name = VectorCode.scalarName(type);
            code.invokestatic(
                    VectorCode.MEMORY, "get" + name, MethodTypeDesc.of(scalar, CD_long));
            code.invokestatic(
                    VectorCode.MEMORY, "set" + name, MethodTypeDesc.of(CD_void, CD_long, scalar));
        }
        code.return_();
    }

    /// One method of one stage.
    private final class Method {
        private final CodeBuilder code;
        private final Stage stage;
        private final VectorCode c;
        private final Map<Integer, Integer> addresses = new HashMap<>();
        private final Map<Integer, Value> outside = new HashMap<>();
        private final List<Integer> loaded = new ArrayList<>();

        Method(CodeBuilder code, Stage stage) {
            this.code = code;
            this.stage = stage;
            this.c = new VectorCode(code, lanes);
        }

        private int address(int operand) {
            return addresses.get(operand);
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
                pushAddress(code, operand);
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
                    outside.put(what.value(), c.splat(what.dtype(), address(operand)));
                } else {
                    loaded.add(operand);
                }
            }
        }

        void once() {
            pushAddresses();
            splats(true);
            c.constantsHere(() -> compute(Map.of()));
            Map<Integer, Value> values = compute(Map.of());
            for (Store store : stage.stores()) {
                c.storeOne(values.get(store.value()), address(store.operand()));
            }
            code.return_();
        }

        void loop() {
            pushAddresses();
            splats(false);
            c.constantsHere(() -> element(-1, -1, -1, null));
            int i = code.allocateLocal(TypeKind.LONG);
            int n = code.parameterSlot(1);
            int lane = hasRowFolds(stage) ? code.allocateLocal(TypeKind.LONG) : -1;
            code.lconst_0().lstore(i);
            Label turn = code.newBoundLabel();
            Label end = code.newLabel();
            code.lload(i).lload(n).lcmp().ifge(end);
            lane(lane, i);
            element(i, lane, -1, null);
            code.lload(i).loadConstant((long) lanes).ladd().lstore(i);
            code.goto_(turn);
            code.labelBinding(end);
            code.return_();
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
            stage.stores().forEach(
                    store -> types.add(body.operands().get(store.operand()).dtype()));
            stage.folds().forEach(fold -> types.add(fold.dtype()));
            Masks masks = c.masks(types, count);
            c.constantsHere(() -> element(i, -1, count, masks));
            int lane = hasRowFolds(stage) ? code.allocateLocal(TypeKind.LONG) : -1;
            lane(lane, i);
            element(i, lane, count, masks);
            code.return_();
        }

        private void element(int i, int lane, int count, Masks masks) {
            Map<Integer, Value> values = new HashMap<>();
            for (int operand : loaded) {
                Operand what = body.operands().get(operand);
                values.put(
                        what.value(), c.load(what.dtype(), address(operand), i, count, masks));
            }
            Map<Integer, Value> all = compute(values);
            for (Fold fold : stage.folds()) {
                int at = fold.result() >= 0 ? lane : i;
                int base = address(fold.lanes());
                Value before = c.load(fold.dtype(), base, at, count, masks);
                Value after =
                        c.binary(operator(fold.kind()), before, all.get(fold.value()));
                c.store(after, base, at, count, masks);
            }
            for (Store store : stage.stores()) {
                c.store(all.get(store.value()), address(store.operand()), i, count, masks);
            }
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
                List<Value> in = step.inputs().stream().map(values::get).toList();
                values.put(step.value(), new OpCode(c, spill).emit(step.op(), in));
            }
            return values;
        }

        private boolean uses(int value) {
            return stage.steps().stream().anyMatch(step -> step.inputs().contains(value))
                    || stage.folds().stream().anyMatch(fold -> fold.value() == value)
                    || stage.stores().stream().anyMatch(store -> store.value() == value);
        }
    }
}
