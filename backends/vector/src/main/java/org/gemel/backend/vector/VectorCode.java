package org.gemel.backend.vector;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import org.gemel.DType;

/// Writes Vector API calls: each method appends one to the code and names its result.
///
/// All vectors have the same number of lanes, whatever their type. `bool` values are masks, made
/// for the lanes of one type and cast when they meet another. Constants are broadcast where
/// [#constantsHere] was called, before the loop: that needs to know them, so a body is emitted
/// twice, the first time into nothing.
final class VectorCode {
    /// A vector or mask in a local variable.
    ///
    /// @param slot the local variable
    /// @param type the type of the lanes; `bool` for a mask
    /// @param lanes for a mask, the type whose lanes it was made for
    record Value(int slot, DType type, DType lanes) {}

    private record Constant(DType type, long bits) {}

    static final ClassDesc MATH = ClassDesc.of(Math.class.getName());
    static final ClassDesc MASK = ClassDesc.of(VectorMask.class.getName());
    static final ClassDesc VECTOR = ClassDesc.of("jdk.incubator.vector.Vector");
    static final ClassDesc OPERATORS = ClassDesc.of(VectorOperators.class.getName());
    private static final ClassDesc UNARY = operators("Unary");
    static final ClassDesc BINARY = operators("Binary");
    private static final ClassDesc COMPARISON = operators("Comparison");
    private static final ClassDesc CONVERSION = operators("Conversion");

    private final Optional<CodeBuilder> code;
    private final int lanes;
    private final Map<Constant, Value> constants = new LinkedHashMap<>();
    private boolean dry;
    private int emitted;
    private boolean spilled;
    private boolean single;

    VectorCode(CodeBuilder code, int lanes) {
        this.code = Optional.of(code);
        this.lanes = lanes;
    }

    // Emits into nothing, to be counted.
    private VectorCode(int lanes) {
        this.code = Optional.empty();
        this.lanes = lanes;
        this.dry = true;
    }

    /// One that writes nothing and counts.
    static VectorCode counting() {
        return new VectorCode(lanes(Long.BYTES));
    }

    /// How many operations were emitted.
    int emitted() {
        return emitted;
    }

    /// Whether some of them go through memory.
    boolean spilled() {
        return spilled;
    }

    /// Notes that what is emitted goes through memory.
    void spill() {
        spilled = true;
    }

    private static ClassDesc operators(String name) {
        return ClassDesc.of(VectorOperators.class.getName() + "$" + name);
    }

    /// Lanes that all vectors have if `widest` is the widest element, in bytes.
    static int lanes(int widest) {
        return VectorShape.preferredShape().vectorBitSize() / 8 / widest;
    }

    int lanes() {
        return lanes;
    }

    /// Says that all lanes hold the same number: the divider takes one then, not a vector of them.
    void single() {
        single = true;
    }

    CodeBuilder code() {
        return code.orElseThrow();
    }

    /// Whether what is emitted goes nowhere, only to learn of its constants.
    boolean dry() {
        return dry;
    }

    /// Emits `body` for its constants alone, then those.
    void constantsHere(Runnable body) {
        dry = true;
        body.run();
        dry = false;
        for (Map.Entry<Constant, Value> entry : constants.entrySet()) {
            Constant constant = entry.getKey();
            species(constant.type);
            switch (constant.type) {
                case F32, F16, BF16 ->
                        code().loadConstant((float) Double.longBitsToDouble(constant.bits));
                case F64 -> code().loadConstant(Double.longBitsToDouble(constant.bits));
                case I32, I8, U8 -> code().loadConstant((int) constant.bits);
                case I64, BOOL -> code().loadConstant(constant.bits);
            }
            broadcast(constant.type);
            keep(entry.getValue());
        }
    }

    /// A constant in every lane; `bits` are those of a `double`, or an integer.
    private Value constant(DType type, long bits) {
        return constants.computeIfAbsent(
                new Constant(type, bits),
                _ -> {
                    if (!dry) {
                        throw new IllegalStateException("a constant nobody announced");
                    }
                    int slot = code.map(c -> c.allocateLocal(TypeKind.REFERENCE)).orElse(-1);
                    return new Value(slot, type, type == DType.BOOL ? maskType() : type);
                });
    }

    /// The number in every lane, rounded to `type`; one of a narrow type in lanes of the wide one.
    Value constant(DType type, double value) {
        return switch (type) {
            case F32 -> constant(type, Double.doubleToRawLongBits((float) value));
            case F64 -> constant(type, Double.doubleToRawLongBits(value));
            case F16, BF16, I8, U8 -> constant(type.wide(), type.round(value));
            case I32 -> constant(type, (long) (int) value);
            case I64 -> constant(type, (long) value);
            case BOOL -> constant(type, value != 0 ? -1L : 0L);
        };
    }

    /// The integer in every lane.
    Value integer(DType type, long value) {
        return constant(type, type == DType.I32 ? (int) value : value);
    }

    // The type whose lanes masks from memory are made for.
    DType maskType() {
        return 8 * lanes * 4 == VectorShape.preferredShape().vectorBitSize()
                ? DType.I32
                : DType.I64;
    }

    Value fresh(DType type, DType lanesOf) {
        emitted++;
        // What is emitted into nothing needs no place.
        return new Value(dry ? -1 : code().allocateLocal(TypeKind.REFERENCE), type, lanesOf);
    }

    /// The class of vectors of elements as memory holds them.
    static ClassDesc vector(DType type) {
        return switch (type) {
            case F32 -> ClassDesc.of("jdk.incubator.vector.FloatVector");
            case F64 -> ClassDesc.of("jdk.incubator.vector.DoubleVector");
            case I32 -> ClassDesc.of("jdk.incubator.vector.IntVector");
            case I64 -> ClassDesc.of("jdk.incubator.vector.LongVector");
            case F16, BF16 -> ClassDesc.of("jdk.incubator.vector.ShortVector");
            case I8, U8 -> ClassDesc.of("jdk.incubator.vector.ByteVector");
            case BOOL -> MASK;
        };
    }

    /// The class of the numbers that are computed with.
    static ClassDesc scalar(DType type) {
        return switch (type) {
            case F32, F16, BF16 -> CD_float;
            case F64 -> CD_double;
            case I32, I8, U8 -> CD_int;
            case I64, BOOL -> CD_long;
        };
    }

    static String scalarName(DType type) {
        return switch (type) {
            case F32 -> "Float";
            case F64 -> "Double";
            case I32 -> "Int";
            case I64 -> "Long";
            case F16, BF16 -> "Short";
            case I8, U8, BOOL -> "Byte";
        };
    }

    void species(DType type) {
        species(type == DType.BOOL ? maskType() : type, lanes);
    }

    void species(DType type, int count) {
        code().getstatic(vector(type), "SPECIES_" + bits(type, count), GemmCode.SPECIES);
    }

    // Species and scalar are on the stack.
    void broadcast(DType type) {
        if (type == DType.BOOL) {
            code().invokestatic(
                            MASK, "fromLong", MethodTypeDesc.of(MASK, GemmCode.SPECIES, CD_long));
        } else {
            code().invokestatic(
                            vector(type),
                            "broadcast",
                            MethodTypeDesc.of(vector(type), GemmCode.SPECIES, scalar(type)));
        }
    }

    private void keep(Value value) {
        code().astore(value.slot);
        tell(value);
    }

    /// Tells the JIT the class of a value that a loop carries from turn to turn; of all others it
    /// is told where they are made.
    void tell(Value value) {
        if (value.type == DType.BOOL) {
            ExactClass.tellMask(code(), value.lanes, bits(value.lanes, lanes), value.slot);
        } else {
            ExactClass.tellVector(code(), value.type, bits(value.type, lanes), value.slot);
        }
    }

    // Narrow elements may leave the upper part of the smallest vector unused.
    private static int bits(DType type, int count) {
        return Math.max(Long.SIZE, count * type.bytes() * Byte.SIZE);
    }

    // The local variable exists in the first emission too, only nothing is written.
    Value result(DType type, Runnable push) {
        return result(type, type, push);
    }

    Value result(DType type, DType lanesOf, Runnable push) {
        Value value = fresh(type, lanesOf);
        if (!dry) {
            push.run();
            keep(value);
        }
        return value;
    }

    /// A named operation of one vector.
    Value unary(String operator, Value x) {
        if (single && operator.equals("SQRT")) {
            return broadcast(x.type, () -> root(x));
        }
        return result(
                x.type,
                () -> {
                    code().aload(x.slot);
                    code().getstatic(OPERATORS, operator, UNARY);
                    code().invokevirtual(
                                    vector(x.type),
                                    "lanewise",
                                    MethodTypeDesc.of(vector(x.type), UNARY));
                });
    }

    /// A named operation of two vectors.
    Value binary(String operator, Value a, Value b) {
        if (single && operator.equals("DIV")) {
            return broadcast(a.type, () -> quotient(a, b));
        }
        return result(
                a.type,
                () -> {
                    code().aload(a.slot);
                    // ADD, MUL, OR and their like declare themselves as what they are
                    code().getstatic(OPERATORS, operator, operatorType(operator));
                    code().aload(b.slot);
                    code().invokevirtual(
                                    vector(a.type),
                                    "lanewise",
                                    MethodTypeDesc.of(vector(a.type), BINARY, VECTOR));
                });
    }

    private Value broadcast(DType type, Runnable scalar) {
        return result(
                type,
                () -> {
                    species(type);
                    scalar.run();
                    broadcast(type);
                });
    }

    private void quotient(Value a, Value b) {
        pushLane(a, 0);
        pushLane(b, 0);
        if (a.type == DType.F32) {
            code().fdiv();
        } else {
            code().ddiv();
        }
    }

    private void root(Value x) {
        pushLane(x, 0);
        // Rounding the root twice is rounding it once: a double has more than twice the bits.
        if (x.type == DType.F32) {
            code().f2d();
        }
        code().invokestatic(MATH, "sqrt", MethodTypeDesc.of(CD_double, CD_double));
        if (x.type == DType.F32) {
            code().d2f();
        }
    }

    /// Pushes the number in lane `lane` of a vector.
    void pushLane(Value x, int lane) {
        code().aload(x.slot).loadConstant(lane);
        code().invokevirtual(vector(x.type), "lane", MethodTypeDesc.of(scalar(x.type), CD_int));
    }

    static ClassDesc operatorType(String operator) {
        return switch (operator) {
            case "ADD", "MUL", "MAX", "MIN", "AND", "OR", "XOR" -> operators("Associative");
            default -> BINARY;
        };
    }

    /// A shift by the same distance in all lanes.
    Value shift(String operator, Value a, int distance) {
        return result(
                a.type,
                () -> {
                    code().aload(a.slot);
                    code().getstatic(OPERATORS, operator, BINARY);
                    if (a.type == DType.I64) {
                        code().loadConstant((long) distance);
                    } else {
                        code().loadConstant(distance);
                    }
                    code().invokevirtual(
                                    vector(a.type),
                                    "lanewise",
                                    MethodTypeDesc.of(vector(a.type), BINARY, scalar(a.type)));
                });
    }

    Value add(Value a, Value b) {
        return binary("ADD", a, b);
    }

    Value sub(Value a, Value b) {
        return binary("SUB", a, b);
    }

    Value mul(Value a, Value b) {
        return binary("MUL", a, b);
    }

    Value div(Value a, Value b) {
        return binary("DIV", a, b);
    }

    /// `a b + c`, rounded once.
    Value fma(Value a, Value b, Value c) {
        return result(
                a.type,
                () -> {
                    code().aload(a.slot);
                    GemmCode.pushFma(code());
                    code().aload(b.slot).aload(c.slot);
                    GemmCode.invokeTernary(code(), vector(a.type));
                });
    }

    /// A mask of where `a operator b` holds.
    Value compare(String operator, Value a, Value b) {
        return result(
                DType.BOOL,
                a.type,
                () -> {
                    code().aload(a.slot);
                    code().getstatic(OPERATORS, operator, COMPARISON);
                    code().aload(b.slot);
                    code().invokevirtual(
                                    vector(a.type),
                                    "compare",
                                    MethodTypeDesc.of(MASK, COMPARISON, VECTOR));
                });
    }

    /// `mask ? a : b`.
    Value blend(Value mask, Value a, Value b) {
        return result(
                a.type,
                () -> {
                    code().aload(b.slot).aload(a.slot);
                    pushMask(mask, a.type);
                    code().invokevirtual(
                                    vector(a.type),
                                    "blend",
                                    MethodTypeDesc.of(vector(a.type), VECTOR, MASK));
                });
    }

    private void pushMask(Value mask, DType lanesOf) {
        code().aload(mask.slot);
        if (mask.lanes != lanesOf) {
            species(lanesOf);
            code().invokevirtual(MASK, "cast", MethodTypeDesc.of(MASK, GemmCode.SPECIES));
        }
    }

    /// `and`, `or` or `xor` of two masks.
    Value logic(String method, Value a, Value b) {
        return result(
                DType.BOOL,
                a.lanes,
                () -> {
                    code().aload(a.slot);
                    pushMask(b, a.lanes);
                    code().invokevirtual(MASK, method, MethodTypeDesc.of(MASK, MASK));
                });
    }

    Value not(Value mask) {
        return result(
                DType.BOOL,
                mask.lanes,
                () -> {
                    code().aload(mask.slot);
                    code().invokevirtual(MASK, "not", MethodTypeDesc.of(MASK));
                });
    }

    /// Converts numbers as a Java cast does.
    Value convert(Value x, DType to) {
        return result(
                to,
                () -> {
                    code().aload(x.slot);
                    code().getstatic(
                                    OPERATORS,
                                    scalarName(x.type).charAt(0) + "2" + scalarName(to).charAt(0),
                                    CONVERSION);
                    species(to);
                    code().iconst_0();
                    code().invokevirtual(
                                    VECTOR,
                                    "convertShape",
                                    MethodTypeDesc.of(
                                            VECTOR, CONVERSION, GemmCode.SPECIES, CD_int));
                    code().checkcast(vector(to));
                });
    }

    /// The same bits as lanes of another type of the same size.
    Value reinterpret(Value x, DType to) {
        return result(
                to,
                () -> {
                    code().aload(x.slot);
                    code().invokevirtual(
                                    VECTOR,
                                    "reinterpretAs" + scalarName(to) + "s",
                                    MethodTypeDesc.of(vector(to)));
                });
    }
}
