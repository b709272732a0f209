package org.gemel.backend.vector;

import java.util.Collections;
import java.util.List;
import org.gemel.DType;
import org.gemel.backend.vector.VectorCode.Value;
import org.gemel.op.Binary;
import org.gemel.op.Cast;
import org.gemel.op.Compare;
import org.gemel.op.Logical;
import org.gemel.op.Pointwise;
import org.gemel.op.Select;
import org.gemel.op.Unary;

/// Point-wise operations as vector code.
///
/// @param c where the code goes
/// @param memory the same, for what is computed lane by lane
/// @param spill a local variable with the address of 128 bytes to compute lane by lane in
record OpCode(VectorCode c, VectorMemory memory, int spill) {
    /// As an operation with a result of `type`: one of a narrow type is rounded to it at once, so
    /// that it is the same whether it goes through memory or not.
    Value emit(Pointwise op, List<Value> in, DType type) {
        Value result = emit(op, in);
        return switch (op) {
            case Unary _, Binary _, Cast _ -> new NarrowCode(c, type).round(result);
            case Compare _, Logical _, Select _ -> result;
        };
    }

    Value emit(Pointwise op, List<Value> in) {
        return switch (op) {
            case Unary unary -> unary(unary, in.getFirst());
            case Binary binary -> binary(binary, in.get(0), in.get(1));
            case Compare compare -> compare(compare, in.get(0), in.get(1));
            case Logical logical -> logical(logical, in.get(0), in.get(1));
            case Select _ -> select(in.get(0), in.get(1), in.get(2));
            case Cast(var to) -> cast(in.getFirst(), to);
        };
    }

    /// Roughly how many vector operations `op` with a result of `type` takes: as many as its code
    /// has.
    static int weight(Pointwise op, DType type) {
        return weight(op) + rounding(type);
    }

    private static int rounding(DType type) {
        VectorCode counting = VectorCode.counting();
        DType wide = type.wide();
        new NarrowCode(counting, type).round(new Value(-1, wide, wide));
        return counting.emitted();
    }

    private static int weight(Pointwise op) {
        return switch (op) {
            case Unary unary ->
                    counted(op, unary.accepts(DType.F32) ? DType.F32 : DType.I32).emitted();
            case Binary binary ->
                    counted(op, binary.accepts(DType.F32) ? DType.F32 : DType.I32).emitted();
            case Compare _, Logical _, Cast _, Select _ -> 1;
        };
    }

    /// Whether `op` on `type` computes lane by lane, at least sometimes.
    static boolean spills(Pointwise op, DType type) {
        return switch (op) {
            case Unary _, Binary _ -> counted(op, type.wide()).spilled();
            case Compare _, Logical _, Cast _, Select _ -> false;
        };
    }

    private static VectorCode counted(Pointwise op, DType type) {
        VectorCode counting = VectorCode.counting();
        List<Value> inputs = Collections.nCopies(op.arity(), new Value(-1, type, type));
        new OpCode(counting, new VectorMemory(counting), -1).emit(op, inputs);
        return counting;
    }

    private Value unary(Unary op, Value x) {
        DType type = x.type();
        Value zero = c.constant(type, 0);
        return switch (op) {
            case NEG -> c.unary("NEG", x);
            case ABS -> c.unary("ABS", x);
            case SIGN -> {
                Value up = c.blend(c.compare("GT", x, zero), c.constant(type, 1), x);
                yield c.blend(c.compare("LT", x, zero), c.constant(type, -1), up);
            }
            case RECIPROCAL -> c.div(c.constant(type, 1), x);
            case SQUARE -> c.mul(x, x);
            case SQRT -> c.unary("SQRT", x);
            case RSQRT -> c.div(c.constant(type, 1), c.unary("SQRT", x));
            case RELU -> c.blend(c.compare("LE", x, zero), zero, x);
            case EXP -> math(type).exp(x);
            case EXPM1 -> math(type).expm1(x);
            case LOG -> math(type).log(x);
            case LOG1P -> math(type).log1p(x);
            case SIN -> circular(type).sin(x);
            case COS -> circular(type).cos(x);
            case TANH -> math(type).tanh(x);
            case SIGMOID -> math(type).sigmoid(x);
            case ERF -> new VectorErrorFunction(math(type)).erf(x);
            case FLOOR -> math(type).floor(x);
            case CEIL -> math(type).ceil(x);
            case ROUND -> math(type).round(x);
            case TRUNC -> math(type).trunc(x);
            case EXP2 -> math(type).exp2(x);
            case LOG2 -> math(type).log2(x);
            case LOG10 -> math(type).log10(x);
            case CBRT -> power(type).cbrt(x);
            case TAN -> circular(type).tan(x);
            case ASIN -> circular(type).asin(x);
            case ACOS -> circular(type).acos(x);
            case ATAN -> circular(type).atan(x);
            case SINH -> new VectorHyperbolic(math(type)).sinh(x);
            case COSH -> new VectorHyperbolic(math(type)).cosh(x);
            case ASINH -> new VectorHyperbolic(math(type)).asinh(x);
            case ACOSH -> new VectorHyperbolic(math(type)).acosh(x);
            case ATANH -> new VectorHyperbolic(math(type)).atanh(x);
            case ERFC -> new VectorErrorFunction(math(type)).erfc(x);
        };
    }

    private VectorMath math(DType type) {
        return new VectorMath(c, type);
    }

    private VectorCircular circular(DType type) {
        return new VectorCircular(math(type), memory, spill);
    }

    private VectorPower power(DType type) {
        return new VectorPower(math(type), memory, spill);
    }

    private Value binary(Binary op, Value a, Value b) {
        boolean reals = a.type().isFloating();
        return switch (op) {
            case ADD -> c.add(a, b);
            case SUB -> c.sub(a, b);
            case MUL -> c.mul(a, b);
            case MAX -> c.binary("MAX", a, b);
            case MIN -> c.binary("MIN", a, b);
            case DIV -> reals ? c.div(a, b) : new VectorDivision(c).quotient(a, b);
            case POW ->
                    reals ? power(a.type()).pow(a, b) : memory.onLanes("pow", List.of(a, b), spill);
            case ATAN2 -> circular(a.type()).atan2(a, b);
            case HYPOT -> power(a.type()).hypot(a, b);
            case FMOD -> reals ? power(a.type()).fmod(a, b) : new VectorDivision(c).fmod(a, b);
            case REMAINDER ->
                    reals ? power(a.type()).remainder(a, b) : new VectorDivision(c).remainder(a, b);
            case COPYSIGN -> math(a.type()).withSign(c.unary("ABS", a), b);
            case SHIFT_LEFT -> {
                Value zero = c.constant(a.type(), 0);
                yield c.blend(place(b), c.binary("LSHL", a, b), zero);
            }
            case SHIFT_RIGHT -> {
                Value signs = c.shift("ASHR", a, 8 * a.type().bytes() - 1);
                yield c.blend(place(b), c.binary("ASHR", a, b), signs);
            }
        };
    }

    // Whether b is a place of a bit.
    private Value place(Value b) {
        Value bits = c.constant(b.type(), 8 * b.type().bytes());
        Value low = c.compare("GE", b, c.constant(b.type(), 0));
        return c.logic("and", low, c.compare("LT", b, bits));
    }

    private Value compare(Compare op, Value a, Value b) {
        if (a.type() != DType.BOOL) {
            return c.compare(op.name(), a, b);
        }
        return switch (op) {
            case EQ -> c.not(c.logic("xor", a, b));
            case NE -> c.logic("xor", a, b);
            case LT -> c.logic("and", c.not(a), b);
            case LE -> c.logic("or", c.not(a), b);
            case GT -> c.logic("and", a, c.not(b));
            case GE -> c.logic("or", a, c.not(b));
        };
    }

    private Value logical(Logical op, Value a, Value b) {
        if (a.type() != DType.BOOL) {
            return c.binary(op.name(), a, b);
        }
        return switch (op) {
            case AND -> c.logic("and", a, b);
            case OR -> c.logic("or", a, b);
            case XOR -> c.logic("xor", a, b);
        };
    }

    private Value select(Value condition, Value a, Value b) {
        if (a.type() != DType.BOOL) {
            return c.blend(condition, a, b);
        }
        return c.logic("or", c.logic("and", condition, a), c.logic("and", c.not(condition), b));
    }

    private Value cast(Value x, DType to) {
        if (x.type() == to.wide()) {
            return x;
        }
        if (to == DType.BOOL) {
            return c.compare("NE", x, c.constant(x.type(), 0));
        }
        if (x.type() == DType.BOOL) {
            return c.blend(x, c.constant(to, 1), c.constant(to, 0));
        }
        return c.convert(x, to.wide());
    }
}
