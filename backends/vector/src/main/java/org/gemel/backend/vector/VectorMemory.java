package org.gemel.backend.vector;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.gemel.DType;
import org.gemel.backend.vector.VectorCode.Value;

/// Writes what moves vectors between memory and local variables of a [VectorCode].
final class VectorMemory {
    static final ClassDesc MEMORY = ClassDesc.of(Memory.class.getName());
    private static final ClassDesc BOOLS = ClassDesc.of(Bools.class.getName());
    private static final ClassDesc NARROW = ClassDesc.of(Narrow.class.getName());
    private static final ClassDesc SEGMENT = ClassDesc.of("java.lang.foreign.MemorySegment");
    private static final ClassDesc ORDER = ClassDesc.of("java.nio.ByteOrder");
    private static final MethodTypeDesc STORE = MethodTypeDesc.of(CD_void, SEGMENT, CD_long, ORDER);

    private final VectorCode c;

    VectorMemory(VectorCode c) {
        this.c = c;
    }

    /// The one element at the address in local `address`, in every lane.
    Value splat(DType type, int address) {
        if (type.isNarrow()) {
            DType wide = type.wide();
            MethodTypeDesc get = MethodTypeDesc.of(VectorCode.scalar(wide), CD_long);
            return c.result(
                    wide,
                    () -> {
                        c.species(wide);
                        c.code().lload(address).invokestatic(NARROW, "get" + type.name(), get);
                        c.broadcast(wide);
                    });
        }
        return c.result(
                type,
                type == DType.BOOL ? c.maskType() : type,
                () -> {
                    c.species(type);
                    c.code().lload(address);
                    if (type == DType.BOOL) {
                        c.code().invokestatic(BOOLS, "every", MethodTypeDesc.of(CD_long, CD_long));
                    } else {
                        c.code()
                                .invokestatic(
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
        if (type.isNarrow()) {
            Value raw =
                    fitsLong(type, count)
                            ? few(type, base, index, count)
                            : elements(type, base, index, count, masks);
            return new NarrowCode(c, type).decode(c.convert(raw, DType.I32));
        }
        if (type == DType.BOOL) {
            DType own = c.maskType();
            return c.result(
                    type,
                    own,
                    () -> {
                        c.species(own);
                        c.code().lload(base).lload(index).ladd();
                        lanesOrCount(count);
                        c.code()
                                .invokestatic(
                                        BOOLS, "load", MethodTypeDesc.of(CD_long, CD_long, CD_int));
                        c.broadcast(DType.BOOL);
                    });
        }
        return elements(type, base, index, count, masks);
    }

    // Whether elements of a narrow type go through a `long`: whole vectors too short for a vector
    // of their own, and tails, which would need masks that processors may lack.
    private boolean fitsLong(DType type, int count) {
        int bytes = c.lanes() * type.bytes();
        return bytes < Long.BYTES || (bytes == Long.BYTES && count >= 0);
    }

    private Value few(DType type, int base, int index, int count) {
        return c.result(
                type,
                () -> {
                    c.code()
                            .getstatic(
                                    VectorCode.vector(DType.I64), "SPECIES_64", GemmCode.SPECIES);
                    address(type, base, index);
                    bytes(type, count);
                    c.code()
                            .invokestatic(
                                    NARROW, "load", MethodTypeDesc.of(CD_long, CD_long, CD_int));
                    c.broadcast(DType.I64);
                    int bits = c.code().allocateLocal(TypeKind.REFERENCE);
                    c.code().astore(bits);
                    ExactClass.tellVector(c.code(), DType.I64, Long.SIZE, bits);
                    c.code().aload(bits);
                    c.code()
                            .invokevirtual(
                                    VectorCode.VECTOR,
                                    "reinterpretAs" + VectorCode.scalarName(type) + "s",
                                    MethodTypeDesc.of(VectorCode.vector(type)));
                });
    }

    private void bytes(DType type, int count) {
        lanesOrCount(count);
        c.code().loadConstant(type.bytes()).imul();
    }

    private Value elements(DType type, int base, int index, int count, Masks masks) {
        return c.result(
                type,
                () -> {
                    c.species(type);
                    c.code().getstatic(MEMORY, "ALL", SEGMENT);
                    address(type, base, index);
                    c.code().getstatic(MEMORY, "ORDER", ORDER);
                    c.code()
                            .invokestatic(
                                    VectorCode.vector(type),
                                    "fromMemorySegment",
                                    masked(type, count, masks, loading(type)));
                });
    }

    private static MethodTypeDesc loading(DType type) {
        return MethodTypeDesc.of(
                VectorCode.vector(type), GemmCode.SPECIES, SEGMENT, CD_long, ORDER);
    }

    // `whole`, or, for fewer lanes, with a mask as the last argument.
    private MethodTypeDesc masked(DType type, int count, Masks masks, MethodTypeDesc whole) {
        if (count < 0) {
            return whole;
        }
        c.code().aload(masks.of(type));
        return whole.insertParameterTypes(whole.parameterCount(), VectorCode.MASK);
    }

    /// Stores elements as `type`, whose wide type the value has; see [#load].
    void store(DType type, Value wide, int base, int index, int count, Masks masks) {
        Value value =
                type.isNarrow() ? c.convert(new NarrowCode(c, type).encode(wide), type) : wide;
        if (c.dry()) {
            return;
        }
        if (type.isNarrow() && fitsLong(type, count)) {
            address(type, base, index);
            c.code().aload(value.slot());
            c.code()
                    .invokevirtual(
                            VectorCode.VECTOR,
                            "reinterpretAsLongs",
                            MethodTypeDesc.of(VectorCode.vector(DType.I64)));
            c.code().iconst_0();
            c.code()
                    .invokevirtual(
                            VectorCode.vector(DType.I64),
                            "lane",
                            MethodTypeDesc.of(CD_long, CD_int));
            bytes(type, count);
            c.code()
                    .invokestatic(
                            NARROW, "store", MethodTypeDesc.of(CD_void, CD_long, CD_long, CD_int));
            return;
        }
        if (type == DType.BOOL) {
            c.code().lload(base).lload(index).ladd();
            c.code().aload(value.slot());
            c.code().invokevirtual(VectorCode.MASK, "toLong", MethodTypeDesc.of(CD_long));
            lanesOrCount(count);
            c.code()
                    .invokestatic(
                            BOOLS, "store", MethodTypeDesc.of(CD_void, CD_long, CD_long, CD_int));
            return;
        }
        c.code().aload(value.slot());
        c.code().getstatic(MEMORY, "ALL", SEGMENT);
        address(type, base, index);
        c.code().getstatic(MEMORY, "ORDER", ORDER);
        c.code()
                .invokevirtual(
                        VectorCode.vector(type),
                        "intoMemorySegment",
                        masked(type, count, masks, STORE));
    }

    /// Stores the first lane as `type` at the address in local `address`.
    void storeOne(DType type, Value value, int address) {
        if (c.dry()) {
            return;
        }
        c.code().lload(address);
        if (value.type() == DType.BOOL) {
            c.code().aload(value.slot());
            c.code().invokevirtual(VectorCode.MASK, "toLong", MethodTypeDesc.of(CD_long));
            c.code().loadConstant(1);
            c.code()
                    .invokestatic(
                            BOOLS, "store", MethodTypeDesc.of(CD_void, CD_long, CD_long, CD_int));
            return;
        }
        ClassDesc scalar = VectorCode.scalar(value.type());
        c.pushLane(value, 0);
        c.code()
                .invokestatic(
                        type.isNarrow() ? NARROW : MEMORY,
                        "set"
                                + (type.isNarrow()
                                        ? type.name()
                                        : VectorCode.scalarName(value.type())),
                        MethodTypeDesc.of(CD_void, CD_long, scalar));
    }

    /// Stores all lanes of a number vector at the address in local `address` plus `offset` bytes.
    void spill(Value value, int address, int offset) {
        if (c.dry()) {
            return;
        }
        GemmCode.storeVector(
                c.code(), VectorCode.vector(value.type()), value.slot(), address, offset);
    }

    /// Loads all lanes of a number vector; see [#spill].
    Value unspill(DType type, int address, int offset) {
        return c.result(type, () -> loadAt(type, address, offset));
    }

    /// What `Lanes.name` makes of the operands, by way of memory at the address in local `address`.
    Value onLanes(String name, List<Value> operands, int address) {
        c.spill();
        DType type = operands.getFirst().type();
        for (int i = 0; i < operands.size(); i++) {
            spill(operands.get(i), address, i * Lanes.SECOND);
        }
        if (!c.dry()) {
            c.code().lload(address);
            c.code().loadConstant(c.lanes());
            c.code()
                    .invokestatic(
                            ClassDesc.of(Lanes.class.getName()),
                            name + VectorCode.scalarName(type),
                            MethodTypeDesc.of(CD_void, CD_long, CD_int));
        }
        return unspill(type, address, 0);
    }

    /// `y` where `good` holds, elsewhere what `Lanes.name` makes of the operands: an element's
    /// result does not depend on its neighbours.
    Value unless(Value good, Value y, String name, List<Value> operands, int address) {
        Value result = c.fresh(y.type(), y.lanes());
        if (c.dry()) {
            c.blend(good, y, onLanes(name, operands, address));
            return result;
        }
        c.code().aload(y.slot()).astore(result.slot());
        c.code().aload(good.slot());
        c.code()
                .invokevirtual(
                        VectorCode.MASK, "allTrue", MethodTypeDesc.of(ConstantDescs.CD_boolean));
        Label done = c.code().newLabel();
        c.code().ifne(done);
        Value all = c.blend(good, y, onLanes(name, operands, address));
        c.code().aload(all.slot()).astore(result.slot());
        c.code().labelBinding(done);
        return result;
    }

    private void lanesOrCount(int count) {
        if (count < 0) {
            c.code().loadConstant(c.lanes());
        } else {
            c.code().lload(count).l2i();
        }
    }

    private void address(DType type, int base, int index) {
        c.code().lload(base);
        if (index >= 0) {
            c.code().lload(index).loadConstant((long) type.bytes()).lmul().ladd();
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
                boolean masked = type.isNarrow() ? !fitsLong(type, count) : type != DType.BOOL;
                if (masked && !slots.containsKey(type)) {
                    int slot = c.code().allocateLocal(TypeKind.REFERENCE);
                    c.species(type);
                    c.code().lconst_0().lload(count);
                    c.code()
                            .invokeinterface(
                                    GemmCode.SPECIES,
                                    "indexInRange",
                                    MethodTypeDesc.of(VectorCode.MASK, CD_long, CD_long));
                    c.code().astore(slot);
                    slots.put(type, slot);
                }
            }
        }

        int of(DType type) {
            return Objects.requireNonNull(slots.get(type), "a type without a mask");
        }
    }

    private void loadAt(DType type, int address, int at) {
        c.species(type);
        c.code().getstatic(MEMORY, "ALL", SEGMENT);
        c.code().lload(address).loadConstant((long) at).ladd();
        c.code().getstatic(MEMORY, "ORDER", ORDER);
        c.code().invokestatic(VectorCode.vector(type), "fromMemorySegment", loading(type));
    }
}
