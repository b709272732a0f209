package org.gemel.backend.vector;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.gemel.DType;
import org.gemel.backend.vector.VectorCode.Value;

/// Writes what moves vectors between memory and local variables of a [VectorCode].
final class VectorMemory {
    static final ClassDesc MEMORY = ClassDesc.of(Memory.class.getName());
    private static final ClassDesc BOOLS = ClassDesc.of(Bools.class.getName());
    private static final ClassDesc SEGMENT = ClassDesc.of("java.lang.foreign.MemorySegment");
    private static final ClassDesc ORDER = ClassDesc.of("java.nio.ByteOrder");

    private final VectorCode c;
    private final CodeBuilder code;

    VectorMemory(VectorCode c) {
        this.c = c;
        this.code = c.code();
    }

    /// The one element at the address in local `address`, in every lane.
    Value splat(DType type, int address) {
        return c.result(
                type,
                type == DType.BOOL ? c.maskType() : type,
                () -> {
                    c.species(type);
                    code.lload(address);
                    if (type == DType.BOOL) {
                        code.invokestatic(BOOLS, "every", MethodTypeDesc.of(CD_long, CD_long));
                    } else {
                        code.invokestatic(
                                MEMORY,
                                "get" + VectorCode.scalarName(type),
                                MethodTypeDesc.of(VectorCode.scalar(type), CD_long));
                    }
                    c.broadcast(type);
                });
    }

    /// The elements at the address in local `base` plus the element index in local `index`.
    ///
    /// @param count the local with the number of elements, or -1 for all lanes
    Value load(DType type, int base, int index, int count, Masks masks) {
        if (type == DType.BOOL) {
            DType own = c.maskType();
            return c.result(
                    type,
                    own,
                    () -> {
                        c.species(own);
                        code.lload(base).lload(index).ladd();
                        lanesOrCount(count);
                        code.invokestatic(
                                BOOLS, "load", MethodTypeDesc.of(CD_long, CD_long, CD_int));
                        c.broadcast(DType.BOOL);
                    });
        }
        return c.result(
                type,
                () -> {
                    c.species(type);
                    code.getstatic(MEMORY, "ALL", SEGMENT);
                    address(type, base, index);
                    code.getstatic(MEMORY, "ORDER", ORDER);
                    if (count < 0) {
                        code.invokestatic(
                                VectorCode.vector(type),
                                "fromMemorySegment",
                                MethodTypeDesc.of(
                                        VectorCode.vector(type),
                                        GemmCode.SPECIES,
                                        SEGMENT,
                                        CD_long,
                                        ORDER));
                    } else {
                        code.aload(masks.of(type));
                        code.invokestatic(
                                VectorCode.vector(type),
                                "fromMemorySegment",
                                MethodTypeDesc.of(
                                        VectorCode.vector(type),
                                        GemmCode.SPECIES,
                                        SEGMENT,
                                        CD_long,
                                        ORDER,
                                        VectorCode.MASK));
                    }
                });
    }

    /// Stores elements; see [#load].
    void store(Value value, int base, int index, int count, Masks masks) {
        if (c.dry()) {
            return;
        }
        DType type = value.type();
        if (type == DType.BOOL) {
            code.lload(base).lload(index).ladd();
            code.aload(value.slot());
            code.invokevirtual(VectorCode.MASK, "toLong", MethodTypeDesc.of(CD_long));
            lanesOrCount(count);
            code.invokestatic(BOOLS, "store", MethodTypeDesc.of(CD_void, CD_long, CD_long, CD_int));
            return;
        }
        code.aload(value.slot());
        GemmCode.pin(code, VectorCode.vector(type));
        code.getstatic(MEMORY, "ALL", SEGMENT);
        address(type, base, index);
        code.getstatic(MEMORY, "ORDER", ORDER);
        if (count < 0) {
            code.invokevirtual(
                    VectorCode.vector(type),
                    "intoMemorySegment",
                    MethodTypeDesc.of(CD_void, SEGMENT, CD_long, ORDER));
        } else {
            code.aload(masks.of(type));
            code.invokevirtual(
                    VectorCode.vector(type),
                    "intoMemorySegment",
                    MethodTypeDesc.of(CD_void, SEGMENT, CD_long, ORDER, VectorCode.MASK));
        }
    }

    /// Stores the first lane at the address in local `address`.
    void storeOne(Value value, int address) {
        if (c.dry()) {
            return;
        }
        code.lload(address);
        code.aload(value.slot());
        if (value.type() == DType.BOOL) {
            code.invokevirtual(VectorCode.MASK, "toLong", MethodTypeDesc.of(CD_long));
            code.loadConstant(1);
            code.invokestatic(BOOLS, "store", MethodTypeDesc.of(CD_void, CD_long, CD_long, CD_int));
            return;
        }
        ClassDesc scalar = VectorCode.scalar(value.type());
        code.iconst_0();
        code.invokevirtual(
                VectorCode.vector(value.type()), "lane", MethodTypeDesc.of(scalar, CD_int));
        code.invokestatic(
                MEMORY,
                "set" + VectorCode.scalarName(value.type()),
                MethodTypeDesc.of(CD_void, CD_long, scalar));
    }

    /// Stores all lanes of a number vector at the address in local `address` plus `offset` bytes.
    void spill(Value value, int address, int offset) {
        if (c.dry()) {
            return;
        }
        code.aload(value.slot());
        GemmCode.pin(code, VectorCode.vector(value.type()));
        code.getstatic(MEMORY, "ALL", SEGMENT);
        code.lload(address).loadConstant((long) offset).ladd();
        code.getstatic(MEMORY, "ORDER", ORDER);
        code.invokevirtual(
                VectorCode.vector(value.type()),
                "intoMemorySegment",
                MethodTypeDesc.of(CD_void, SEGMENT, CD_long, ORDER));
    }

    /// Loads all lanes of a number vector; see [#spill].
    Value unspill(DType type, int address, int offset) {
        return c.result(
                type,
                () -> {
                    c.species(type);
                    code.getstatic(MEMORY, "ALL", SEGMENT);
                    code.lload(address).loadConstant((long) offset).ladd();
                    code.getstatic(MEMORY, "ORDER", ORDER);
                    code.invokestatic(
                            VectorCode.vector(type),
                            "fromMemorySegment",
                            MethodTypeDesc.of(
                                    VectorCode.vector(type),
                                    GemmCode.SPECIES,
                                    SEGMENT,
                                    CD_long,
                                    ORDER));
                });
    }

    /// Calls `Lanes.name(address, lanes)`, which works on what was spilled there.
    void callOnLanes(String name, int address) {
        if (!c.dry()) {
            code.lload(address);
            code.loadConstant(c.lanes());
            code.invokestatic(
                    ClassDesc.of(Lanes.class.getName()),
                    name,
                    MethodTypeDesc.of(CD_void, CD_long, CD_int));
        }
    }

    /// `y`, or if `good` does not hold in every lane what `Lanes.name` makes of `x`.
    Value unlessAll(Value good, Value x, Value y, String name, int address) {
        Value result = c.fresh(y.type(), y.lanes());
        if (c.dry()) {
            return result;
        }
        code.aload(y.slot()).astore(result.slot());
        code.aload(good.slot());
        code.invokevirtual(VectorCode.MASK, "allTrue", MethodTypeDesc.of(ConstantDescs.CD_boolean));
        Label done = code.newLabel();
        code.ifne(done);
        spill(x, address, 0);
        callOnLanes(name, address);
        Value slow = unspill(y.type(), address, 0);
        code.aload(slow.slot()).astore(result.slot());
        code.labelBinding(done);
        return result;
    }

    private void lanesOrCount(int count) {
        if (count < 0) {
            code.loadConstant(c.lanes());
        } else {
            code.lload(count).l2i();
        }
    }

    private void address(DType type, int base, int index) {
        code.lload(base);
        if (index >= 0) {
            code.lload(index).loadConstant((long) type.bytes()).lmul().ladd();
        }
    }

    /// Masks with the first lanes set, as many as local `count` says.
    Masks masks(Iterable<DType> types, int count) {
        return new Masks(types, count);
    }

    /// The masks of a tail, one for each type in use, in local variables.
    final class Masks {
        private final Map<DType, Integer> slots = new LinkedHashMap<>();

        private Masks(Iterable<DType> types, int count) {
            for (DType type : types) {
                if (type != DType.BOOL && !slots.containsKey(type)) {
                    int slot = code.allocateLocal(TypeKind.REFERENCE);
                    c.species(type);
                    code.lconst_0().lload(count);
                    code.invokeinterface(
                            GemmCode.SPECIES,
                            "indexInRange",
                            MethodTypeDesc.of(VectorCode.MASK, CD_long, CD_long));
                    code.astore(slot);
                    slots.put(type, slot);
                }
            }
        }

        int of(DType type) {
            return Objects.requireNonNull(slots.get(type), "a type without a mask");
        }
    }

    /// Combines `count` numbers at local `address` with as many that lie `offset` bytes further.
    void fold(String operator, DType type, int address, int offset, int at, int count) {
        int slot = code.allocateLocal(TypeKind.REFERENCE);
        loadAt(type, address, at + offset, count);
        code.astore(slot);
        loadAt(type, address, at, count);
        code.getstatic(VectorCode.OPERATORS, operator, VectorCode.operatorType(operator));
        code.aload(slot);
        code.invokevirtual(
                VectorCode.vector(type),
                "lanewise",
                MethodTypeDesc.of(VectorCode.vector(type), VectorCode.BINARY, VectorCode.VECTOR));
        GemmCode.pin(code, VectorCode.vector(type));
        code.getstatic(MEMORY, "ALL", SEGMENT);
        code.lload(address).loadConstant((long) at).ladd();
        code.getstatic(MEMORY, "ORDER", ORDER);
        code.invokevirtual(
                VectorCode.vector(type),
                "intoMemorySegment",
                MethodTypeDesc.of(CD_void, SEGMENT, CD_long, ORDER));
    }

    private void loadAt(DType type, int address, int at, int count) {
        c.species(type, count);
        code.getstatic(MEMORY, "ALL", SEGMENT);
        code.lload(address).loadConstant((long) at).ladd();
        code.getstatic(MEMORY, "ORDER", ORDER);
        code.invokestatic(
                VectorCode.vector(type),
                "fromMemorySegment",
                MethodTypeDesc.of(
                        VectorCode.vector(type), GemmCode.SPECIES, SEGMENT, CD_long, ORDER));
    }
}
