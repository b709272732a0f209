package org.gemel.compiler;

import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.List;
import org.gemel.backend.Backend;
import org.gemel.backend.Kernel;

/// Writes the class of a plan: one call after the other, each kernel a constant, each address a
/// constant or a sum of a base and a constant.
///
/// ```
/// run(bases, frame):
///     k = frame[0]; k[0] = bases[1] + 64; k[2] = bases[4]; KERNEL_0.run(k)
///     k = frame[1]; k[1] = bases[0];                       KERNEL_1.run(k)
///     k = frame[2]; k[0] = bases[3];
///     k = frame[3]; k[1] = bases[5];                       SIDE_BY_SIDE.run(frame)
/// ```
///
/// The arrays of a frame keep the addresses that never change: those in its arena. A plan without
/// an arena, whose kernels run one after the other, has no frame; it makes its arrays anew, which
/// costs less than taking one.
final class PlanCode {
    // The JIT compiles no method beyond 8,000 bytes: one address takes at most 15.
    private static final int ADDRESSES_PER_METHOD = 256;

    private static final ClassDesc LAUNCHER = ClassDesc.of(Launcher.class.getName());
    private static final ClassDesc SELF = ClassDesc.of(Launcher.class.getPackageName(), "Plan$Run");
    private static final ClassDesc KERNEL = ClassDesc.of(Kernel.class.getName());
    private static final ClassDesc SIDE_BY_SIDE = ClassDesc.of(SideBySide.class.getName());
    private static final ClassDesc LONGS = CD_long.arrayType();
    private static final MethodTypeDesc RUN = MethodTypeDesc.of(CD_void, LONGS, LONGS.arrayType());
    private static final MethodTypeDesc RUN_KERNEL = MethodTypeDesc.of(CD_void, LONGS);
    private static final MethodTypeDesc RUN_LANES = MethodTypeDesc.of(CD_void, LONGS.arrayType());

    private static final int BASES = 1;
    private static final int FRAME = 2;
    private static final int OPERANDS = 3;

    /// What the generated class is.
    abstract static class Launcher {
        /// Runs all kernels.
        ///
        /// @param bases where each input and each output begins; what is constant is not read
        /// @param frame for each kernel its addresses, with those in the arena set; of a plan that
        ///   needs no frame, empty
        abstract void run(long[] bases, long[][] frame);
    }

    private final Plan plan;
    private final long[] constants;
    // For each group, if its lanes run side by side: where what runs them is in the class's data.
    private final List<Integer> lanes;

    private PlanCode(Plan plan, long[] constants, List<Integer> lanes) {
        this.plan = plan;
        this.constants = constants;
        this.lanes = lanes;
    }

    /// The code of `plan`.
    ///
    /// @param kernels one for each launch
    /// @param backend whose threads they run on
    /// @param constants where each constant begins, for as long as the code is used
    static Launcher generate(Plan plan, List<Kernel> kernels, Backend backend, long[] constants) {
        List<Object> data = new ArrayList<>(kernels);
        List<Integer> lanes = new ArrayList<>();
        for (Schedule.Group group : plan.groups()) {
            lanes.add(data.size());
            if (group.parallel()) {
                data.add(SideBySide.of(group, kernels, backend));
            }
        }
        byte[] bytes = ClassFile.of().build(SELF, new PlanCode(plan, constants, lanes)::build);
        try {
            MethodHandles.Lookup lookup =
                    MethodHandles.lookup().defineHiddenClassWithClassData(bytes, data, true);
            return (Launcher) lookup.lookupClass().getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException("the generated plan cannot be loaded", impossible);
        }
    }

    private void build(ClassBuilder builder) {
        builder.withFlags(ClassFile.ACC_FINAL);
        builder.withSuperclass(LAUNCHER);
        builder.withMethodBody(
                ConstantDescs.INIT_NAME,
                ConstantDescs.MTD_void,
                0,
                code ->
                        code.aload(0)
                                .invokespecial(
                                        LAUNCHER, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                                .return_());
        part(builder, 0);
    }

    // Each part ends with a call of the next one, if there is more to do.
    private void part(ClassBuilder builder, int first) {
        builder.withMethodBody(
                first == 0 ? "run" : "run" + first,
                RUN,
                0,
                code -> {
                    int next = first;
                    int written = 0;
                    while (next < plan.groups().size() && written < ADDRESSES_PER_METHOD) {
                        written += group(code, next++);
                    }
                    if (next < plan.groups().size()) {
                        part(builder, next);
                        code.aload(0)
                                .aload(BASES)
                                .aload(FRAME)
                                .invokevirtual(SELF, "run" + next, RUN);
                    }
                    code.return_();
                });
    }

    private int group(CodeBuilder code, int number) {
        Schedule.Group group = plan.groups().get(number);
        int written = 0;
        for (int[] lane : group.lanes()) {
            for (int launch : lane) {
                // The call itself counts as one.
                written += 1 + operands(code, launch);
                if (!group.parallel()) {
                    data(code, KERNEL, launch);
                    code.aload(OPERANDS).invokeinterface(KERNEL, "run", RUN_KERNEL);
                }
            }
        }
        if (group.parallel()) {
            data(code, SIDE_BY_SIDE, lanes.get(number));
            code.aload(FRAME).invokevirtual(SIDE_BY_SIDE, "run", RUN_LANES);
        }
        return written;
    }

    // Leaves the addresses of a launch in OPERANDS; returns how many had to be written.
    private int operands(CodeBuilder code, int number) {
        Plan.Launch launch = plan.launches().get(number);
        boolean fresh = !plan.framed();
        int count = launch.memories().length;
        int written = 0;
        if (fresh) {
            code.loadConstant(count).newarray(TypeKind.LONG);
        } else {
            code.aload(FRAME).loadConstant(number).aaload();
        }
        code.astore(OPERANDS);
        for (int i = 0; i < count; i++) {
            int memory = launch.memories()[i];
            if (memory != plan.arena() && (fresh || !plan.isConstant(memory))) {
                code.aload(OPERANDS).loadConstant(i);
                address(code, memory, launch.offsets()[i]);
                code.lastore();
                written++;
            }
        }
        return written;
    }

    private void address(CodeBuilder code, int memory, long offset) {
        if (plan.isConstant(memory)) {
            code.loadConstant(constants[plan.constant(memory)] + offset);
            return;
        }
        code.aload(BASES).loadConstant(memory).laload();
        if (offset != 0) {
            code.loadConstant(offset).ladd();
        }
    }

    private static void data(CodeBuilder code, ClassDesc type, int number) {
        code.loadConstant(
                DynamicConstantDesc.ofNamed(
                        ConstantDescs.BSM_CLASS_DATA_AT, ConstantDescs.DEFAULT_NAME, type, number));
    }
}
