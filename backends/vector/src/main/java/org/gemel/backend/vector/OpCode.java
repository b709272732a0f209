package org.gemel.backend.vector;

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

    /// Roughly how many vector operations `op` takes.
    static int weight(Pointwise op) {
        return switch (op) {
            case Unary unary ->
                    switch (unary) {
                        case NEG, ABS, SQUARE, SQRT, RECIPROCAL -> 1;
                        case RELU, RSQRT -> 2;
                        case SIGN -> 4;
                        case FLOOR, CEIL, ROUND -> 10;
                        case EXP, EXPM1 -> 24;
                        case LOG -> 32;
                        case SIGMOID, TANH -> 30;
                        case LOG1P, SIN, COS -> 45;
                        case ERF -> 60;
                    };
            case Binary binary -> binary == Binary.POW ? 100 : 1;
            case Compare _, Logical _, Cast _ -> 1;
            case Select _ -> 1;
        };
    }

    /// Whether `op` on `type` computes lane by lane, at least sometimes.
    static boolean spills(Pointwise op, DType type) {
        return op == Unary.SIN
                || op == Unary.COS
                || op == Binary.POW
                || (op == Binary.DIV && type.isInteger());
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
            case SIN -> far(x, math(type).sin(x), "sin");
            case COS -> far(x, math(type).cos(x), "cos");
            case TANH -> math(type).tanh(x);
            case SIGMOID -> math(type).sigmoid(x);
            case ERF -> math(type).erf(x);
            case FLOOR -> math(type).floor(x);
            case CEIL -> math(type).ceil(x);
            case ROUND -> math(type).round(x);
        };
    }

    private VectorMath math(DType type) {
        return new VectorMath(c, type);
    }

    // Arguments that are too large for the vector code, and those that are no numbers.
    private Value far(Value x, Value y, String name) {
        Value near = c.compare("LE", c.unary("ABS", x), math(x.type()).circularLimit());
        String method = name + (x.type() == DType.F32 ? "Float" : "Double");
        return memory.unlessAll(near, x, y, method, spill);
    }

    private Value binary(Binary op, Value a, Value b) {
        return switch (op) {
            case ADD -> c.add(a, b);
            case SUB -> c.sub(a, b);
            case MUL -> c.mul(a, b);
            case MAX -> c.binary("MAX", a, b);
            case MIN -> c.binary("MIN", a, b);
            case DIV ->
                    switch (a.type()) {
                        case I32 -> onLanes("divideInt", a, b);
                        case I64 -> onLanes("divideLong", a, b);
                        case F32, F64, BOOL -> c.div(a, b);
                    };
            case POW -> onLanes(a.type() == DType.F32 ? "powFloat" : "powDouble", a, b);
        };
    }

    private Value onLanes(String name, Value a, Value b) {
        memory.spill(a, spill, 0);
        memory.spill(b, spill, 64);
        memory.callOnLanes(name, spill);
        return memory.unspill(a.type(), spill, 0);
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
        if (x.type() == to) {
            return x;
        }
        if (to == DType.BOOL) {
            return c.compare("NE", x, c.constant(x.type(), 0));
        }
        if (x.type() == DType.BOOL) {
            return c.blend(x, c.constant(to, 1), c.constant(to, 0));
        }
        return c.convert(x, to);
    }
}
