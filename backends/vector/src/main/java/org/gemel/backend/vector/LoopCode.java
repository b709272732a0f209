package org.gemel.backend.vector;

import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import org.gemel.DType;
import org.gemel.backend.vector.Body.Fold;
import org.gemel.backend.vector.Body.Operand;
import org.gemel.backend.vector.Body.Stage;
import org.gemel.backend.vector.Body.Step;
import org.gemel.backend.vector.VectorCode.Value;
import org.gemel.op.Reduce;

/// Writes the class for a [Body]: for each stage a method with the loop over whole vectors, one for
/// the last elements, under masks, and one that combines the lanes of its reductions.
///
/// Methods stay small: the JIT compiles none beyond 8,000 bytes, and gives up on many accesses to
/// memory in one method.
final class LoopCode {
    private static final ClassDesc ADDRESSES = CD_long.arrayType();
    private static final MethodTypeDesc RUN = MethodTypeDesc.of(CD_void, ADDRESSES, CD_long);
    private static final MethodTypeDesc ONCE = MethodTypeDesc.of(CD_void, ADDRESSES);
    private static final MethodTypeDesc TAIL =
            MethodTypeDesc.of(CD_void, ADDRESSES, CD_long, CD_long);

    private final Body body;
    private final ClassDesc self;
    private final int lanes;

    private LoopCode(Body body, String name) {
        this.self = HiddenClass.named(name);
        this.lanes = VectorCode.lanes(widest(body));
        this.body = OneByOne.of(body, lanes);
    }

    /// The class for `body`.
    static Loop generate(Body body, String name) {
        LoopCode loop = new LoopCode(body, name);
        return HiddenClass.define(Loop.class, loop.self, loop::methods);
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

    private void methods(ClassBuilder builder) {
        builder.withMethodBody("run", RUN, 0, this::run);
        for (int i = 0; i < body.stages().size(); i++) {
            stage(builder, i);
        }
    }

    private void run(CodeBuilder code) {
        int addresses = code.parameterSlot(0);
        int n = code.parameterSlot(1);
        for (int i = 0; i < body.stages().size(); i++) {
            Stage stage = body.stages().get(i);
            if (stage.once()) {
                code.aload(addresses).invokestatic(self, "once" + i, ONCE);
            } else if (StageCode.keepsLanes(stage, lanes)) {
                code.aload(addresses).lload(n).invokestatic(self, "whole" + i, RUN);
            } else {
                if (hasRowFolds(stage)) {
                    code.aload(addresses).invokestatic(self, "begin" + i, ONCE);
                }
                int whole = code.allocateLocal(TypeKind.LONG);
                code.lload(n).loadConstant(-(long) lanes).land().lstore(whole);
                Label small = code.newLabel();
                code.lload(whole).lconst_0().lcmp().ifeq(small);
                code.aload(addresses).lload(whole).invokestatic(self, "loop" + i, RUN);
                code.labelBinding(small);
                rest(code, i, whole);
            }
        }
        code.return_();
    }

    // The elements of stage `i` from local `whole` on, and the end of its reductions.
    private void rest(CodeBuilder code, int i, int whole) {
        int addresses = code.parameterSlot(0);
        int n = code.parameterSlot(1);
        Label none = code.newLabel();
        code.lload(n).lload(whole).lcmp().ifeq(none);
        code.aload(addresses).lload(whole);
        code.lload(n).lload(whole).lsub();
        code.invokestatic(self, "tail" + i, TAIL);
        code.labelBinding(none);
        if (hasRowFolds(body.stages().get(i))) {
            code.aload(addresses).invokestatic(self, "end" + i, ONCE);
        }
    }

    static boolean hasRowFolds(Stage stage) {
        return stage.folds().stream().anyMatch(fold -> fold.result() >= 0);
    }

    private void stage(ClassBuilder builder, int i) {
        Stage stage = body.stages().get(i);
        int flags = ClassFile.ACC_STATIC | ClassFile.ACC_PRIVATE;
        if (stage.once()) {
            builder.withMethodBody(
                    "once" + i,
                    ONCE,
                    flags,
                    code -> new StageCode(body, code, stage, lanes).once());
            return;
        }
        boolean keeps = StageCode.keepsLanes(stage, lanes);
        if (keeps) {
            builder.withMethodBody(
                    "whole" + i,
                    RUN,
                    flags,
                    code ->
                            new StageCode(body, code, stage, lanes)
                                    .wholeLanes(whole -> rest(code, i, whole)));
        } else {
            builder.withMethodBody(
                    "loop" + i, RUN, flags, code -> new StageCode(body, code, stage, lanes).loop());
        }
        builder.withMethodBody(
                "tail" + i, TAIL, flags, code -> new StageCode(body, code, stage, lanes).tail());
        if (hasRowFolds(stage)) {
            if (!keeps) {
                builder.withMethodBody("begin" + i, ONCE, flags, code -> begin(code, stage));
            }
            builder.withMethodBody("end" + i, ONCE, flags, code -> end(code, stage));
        }
    }

    static void pushAddress(CodeBuilder code, int operand) {
        code.aload(code.parameterSlot(0)).loadConstant(operand).laload();
    }

    /// Fills the accumulators with what changes nothing.
    private void begin(CodeBuilder code, Stage stage) {
        for (Fold fold : stage.folds()) {
            if (fold.result() >= 0) {
                int address = code.allocateLocal(TypeKind.LONG);
                pushAddress(code, fold.lanes());
                code.lstore(address);
                VectorCode own = new VectorCode(code, lanes);
                own.constantsHere(() -> identity(own, fold));
                Value start = identity(own, fold);
                for (int l = 0; l < Reduce.LANES; l += lanes) {
                    new VectorMemory(own).spill(start, address, l * fold.dtype().bytes());
                }
            }
        }
        code.return_();
    }

    /// What changes nothing, in every lane.
    static Value identity(VectorCode c, Fold fold) {
        DType type = fold.dtype();
        boolean real = type.isFloating();
        return switch (fold.kind()) {
            case SUM -> c.constant(type, 0);
            case PROD -> c.constant(type, 1);
            case MAX ->
                    real
                            ? c.constant(type, Double.NEGATIVE_INFINITY)
                            : c.integer(
                                    type, type == DType.I32 ? Integer.MIN_VALUE : Long.MIN_VALUE);
            case MIN ->
                    real
                            ? c.constant(type, Double.POSITIVE_INFINITY)
                            : c.integer(
                                    type, type == DType.I32 ? Integer.MAX_VALUE : Long.MAX_VALUE);
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

    /// Combines the accumulators.
    private void end(CodeBuilder code, Stage stage) {
        VectorCode own = new VectorCode(code, lanes);
        VectorMemory memory = new VectorMemory(own);
        for (Fold fold : stage.folds()) {
            if (fold.result() >= 0) {
                int address = code.allocateLocal(TypeKind.LONG);
                pushAddress(code, fold.lanes());
                code.lstore(address);
                Value[] all = new Value[Reduce.LANES / lanes];
                for (int v = 0; v < all.length; v++) {
                    int offset = v * lanes * fold.dtype().bytes();
                    all[v] = memory.unspill(fold.dtype(), address, offset);
                }
                new LaneCode(own).combine(fold, all);
            }
        }
        code.return_();
    }
}
