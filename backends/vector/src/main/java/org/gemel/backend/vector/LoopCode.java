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
        this.body = body;
        this.self = HiddenClass.named(name);
        this.lanes = VectorCode.lanes(widest(body));
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
        builder.withMethodBody(
                "loop" + i, RUN, flags, code -> new StageCode(body, code, stage, lanes).loop());
        builder.withMethodBody(
                "tail" + i, TAIL, flags, code -> new StageCode(body, code, stage, lanes).tail());
        if (hasRowFolds(stage)) {
            builder.withMethodBody("begin" + i, ONCE, flags, code -> begin(code, stage));
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

    /// Combines the accumulators pairwise: lane l takes in lane l + s for s = 32 down to 1.
    private void end(CodeBuilder code, Stage stage) {
        VectorMemory memory = new VectorMemory(new VectorCode(code, lanes));
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
                    memory.fold(
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
                    VectorMemory.MEMORY, "get" + name, MethodTypeDesc.of(scalar, CD_long));
            code.invokestatic(
                    VectorMemory.MEMORY, "set" + name, MethodTypeDesc.of(CD_void, CD_long, scalar));
        }
        code.return_();
    }
}
