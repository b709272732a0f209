package org.gemel.testkit;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.op.Binary;
import org.gemel.op.Unary;
import org.gemel.testkit.GoldenOps.Table;

/// Point-wise golden operations.
final class GoldenPointwise {
    // Rows that take more, put by hand or with the reductions.
    private static final Set<String> SPECIAL = Set.of("add", "sub", "div", "round", "max", "min");

    // Of two types the one that holds more, as PyTorch and NumPy have it.
    private static final List<DType> ASCENDING =
            List.of(
                    DType.BOOL,
                    DType.U8,
                    DType.I8,
                    DType.I32,
                    DType.I64,
                    DType.F16,
                    DType.BF16,
                    DType.F32,
                    DType.F64);

    private GoldenPointwise() {}

    static void fill(Table ops) {
        for (Unary row : Unary.values()) {
            if (!SPECIAL.contains(row.label())) {
                ops.put(
                        row.label(),
                        c -> {
                            Tensor x = c.in("x");
                            return (row.accepts(x.dtype()) ? x : c.real(x)).apply(row);
                        });
            }
        }
        unary(ops, "absolute", Tensor::abs);
        unary(ops, "log_sigmoid", Tensor::logSigmoid);
        unary(ops, "isnan", Tensor::isNan);
        unary(ops, "isinf", Tensor::isInf);
        unary(ops, "isfinite", Tensor::isFinite);
        unary(ops, "isposinf", x -> x.eq(Double.POSITIVE_INFINITY));
        unary(ops, "isneginf", x -> x.eq(Double.NEGATIVE_INFINITY));
        unary(ops, "isreal", x -> x.eq(x).or(x.ne(x)));
        unary(ops, "signbit", Tensor::signBit);
        unary(ops, "lgamma", Tensor::lgamma);
        unary(ops, "digamma", Tensor::digamma);
        unary(ops, "frac", Tensor::frac);
        unary(ops, "erfinv", Tensor::erfinv);
        unary(ops, "sgn", Tensor::sign);
        for (String name : List.of("positive", "real", "conj", "conj_physical", "resolve_conj")) {
            unary(ops, name, x -> x);
        }
        unary(ops, "angle", GoldenPointwise::angle);
        unary(ops, "sinc", Tensor::sinc);
        unary(ops, "bitwise_not", Tensor::not);
        unary(ops, "deg2rad", x -> x.mul(Math.PI / 180));
        unary(ops, "rad2deg", x -> x.mul(180 / Math.PI));
        unary(ops, "logical_not", x -> truth(x).not());
        for (Binary row : Binary.values()) {
            if (!SPECIAL.contains(row.label())) {
                binary(ops, row.label(), (a, b) -> Tensor.apply(row, List.of(a, b)).getFirst());
            }
        }
        // which of the rows take more
        ops.put("add", c -> together(c, (a, b) -> a.add(scaled(c, b))));
        ops.put("sub", c -> together(c, (a, b) -> a.sub(scaled(c, b))));
        ops.put("rsub", c -> c.in("b").sub(c.in("a").mul(c.number("alpha", 1))));
        ops.put("div", GoldenPointwise::quotient);
        ops.put("round", GoldenPointwise::rounded);
        ops.put("logit", GoldenPointwise::logit);
        ops.put("ldexp", c -> c.in("a").mul(c.in("b").to(c.in("a").dtype()).exp2()));
        binary(ops, "power", Tensor::pow);
        binary(ops, "float_power", Tensor::pow);
        ops.put("true_divide", c -> c.real(c.in("a")).div(c.real(c.in("b"))));
        binary(ops, "maximum", Tensor::maximum);
        binary(ops, "minimum", Tensor::minimum);
        binary(ops, "eq", Tensor::eq);
        binary(ops, "ne", Tensor::ne);
        binary(ops, "lt", Tensor::lt);
        binary(ops, "le", Tensor::le);
        binary(ops, "gt", Tensor::gt);
        binary(ops, "ge", Tensor::ge);
        binary(ops, "logical_and", (a, b) -> truth(a).and(truth(b)));
        binary(ops, "logical_or", (a, b) -> truth(a).or(truth(b)));
        binary(ops, "logical_xor", (a, b) -> truth(a).xor(truth(b)));
        binary(ops, "bitwise_and", Tensor::and);
        binary(ops, "bitwise_or", Tensor::or);
        binary(ops, "bitwise_xor", Tensor::xor);
        binary(ops, "bitwise_left_shift", Tensor::shiftLeft);
        binary(ops, "bitwise_right_shift", Tensor::shiftRight);
        binary(ops, "left_shift", Tensor::shiftLeft);
        binary(ops, "right_shift", Tensor::shiftRight);
        binary(ops, "floor_divide", Tensor::floorDivide);
        binary(ops, "logaddexp", Tensor::logAddExp);
        binary(ops, "logaddexp2", Tensor::logAddExp2);
        binary(ops, "xlogy", Tensor::xlogy);
        binary(ops, "fmax", Tensor::fmax);
        binary(ops, "fmin", Tensor::fmin);
        binary(ops, "heaviside", Tensor::heaviside);
        ops.put("isclose", GoldenPointwise::isClose);
        ops.put("allclose", c -> isClose(c).all());
        ops.put("pow_scalar", c -> c.in("x").pow(c.number("exponent")));
        ops.put("cast", c -> c.in("x").to(dtype(c)));
        ops.put("clamp", GoldenPointwise::clamp);
        ops.put("clamp_min", GoldenPointwise::clamp);
        ops.put("clamp_max", GoldenPointwise::clamp);
        ops.put("clamp_tensor", GoldenPointwise::clampTensor);
        ops.put("lerp", GoldenPointwise::lerp);
        ops.put("addcmul", c -> c.in("x").addcmul(c.in("a"), c.in("b"), c.number("value", 1)));
        ops.put("addcdiv", c -> c.in("x").addcdiv(c.in("a"), c.in("b"), c.number("value", 1)));
        ops.put("nan_to_num", GoldenPointwise::nanToNum);
    }

    private static void unary(Table ops, String name, UnaryOperator<Tensor> op) {
        ops.put(name, call -> op.apply(call.in("x")));
    }

    private static void binary(Table ops, String name, BinaryOperator<Tensor> op) {
        ops.put(name, call -> together(call, op));
    }

    private static Tensor together(Call call, BinaryOperator<Tensor> op) {
        Tensor a = call.in("a");
        Tensor b = call.in("b");
        int most = Math.max(ASCENDING.indexOf(a.dtype()), ASCENDING.indexOf(b.dtype()));
        return op.apply(a.to(ASCENDING.get(most)), b.to(ASCENDING.get(most)));
    }

    // The angle of a number in the complex plane.
    private static Tensor angle(Tensor x) {
        Tensor left = x.zerosLike().add(Math.PI);
        Tensor known = Tensor.where(x.lt(0), left, x.zerosLike());
        return Tensor.where(x.eq(x), known, x.zerosLike().add(Double.NaN));
    }

    private static Tensor truth(Tensor x) {
        return x.to(DType.BOOL);
    }

    private static Tensor isClose(Call call) {
        double relative = call.number("rtol", 1e-5);
        double absolute = call.number("atol", 1e-8);
        return call.in("a").isClose(call.in("b"), relative, absolute, call.flag("equal_nan"));
    }

    private static Tensor scaled(Call call, Tensor b) {
        double alpha = call.number("alpha", 1);
        return alpha == 1 ? b : b.mul(alpha);
    }

    private static Tensor quotient(Call call) {
        Tensor a = call.in("a");
        Tensor b = call.in("b");
        return switch (call.oneOf("rounding_mode", "none", "floor", "trunc")) {
            case "floor" -> a.floorDivide(b);
            case "trunc" -> a.dtype().isFloating() ? a.div(b).trunc() : a.div(b);
            default -> call.real(a).div(call.real(b));
        };
    }

    private static Tensor rounded(Call call) {
        double scale = Math.pow(10, Math.abs(call.integer("decimals", 0)));
        Tensor x = call.in("x");
        if (scale == 1) {
            return x.round();
        }
        return call.integer("decimals") > 0
                ? x.mul(scale).round().div(scale)
                : x.div(scale).round().mul(scale);
    }

    private static Tensor logit(Call call) {
        Tensor x = call.in("x");
        double eps = call.number("eps", -1);
        return eps < 0 ? x.logit() : x.clamp(eps, 1 - eps).logit();
    }

    private static DType dtype(Call call) {
        String to = call.word("to", "");
        return switch (to) {
            case "float32" -> DType.F32;
            case "float64" -> DType.F64;
            case "float16" -> DType.F16;
            case "bfloat16" -> DType.BF16;
            case "int8" -> DType.I8;
            case "uint8" -> DType.U8;
            case "int32" -> DType.I32;
            case "int64" -> DType.I64;
            case "bool" -> DType.BOOL;
            default -> throw new Unsupported("attribute to = " + to);
        };
    }

    private static Tensor bound(Call call, String name, double otherwise) {
        Tensor x = call.in("x");
        return call.optional(name)
                .orElseGet(() -> Tensor.full(x.type().with(Shape.SCALAR), otherwise));
    }

    private static Tensor clampTensor(Call call) {
        Tensor low = bound(call, "lo", Double.NEGATIVE_INFINITY);
        return call.in("x").clamp(low, bound(call, "hi", Double.POSITIVE_INFINITY));
    }

    private static Tensor clamp(Call call) {
        return call.in("x")
                .clamp(
                        call.number("min", Double.NEGATIVE_INFINITY),
                        call.number("max", Double.POSITIVE_INFINITY));
    }

    private static Tensor lerp(Call call) {
        Optional<Tensor> weight = call.optional("w");
        return weight.isPresent()
                ? call.in("a").lerp(call.in("b"), weight.get())
                : call.in("a").lerp(call.in("b"), call.number("weight"));
    }

    private static Tensor nanToNum(Call call) {
        Optional<Double> high = limit(call, "posinf");
        return call.in("x").nanToNum(call.number("nan", 0), high, limit(call, "neginf"));
    }

    private static Optional<Double> limit(Call call, String name) {
        return call.has(name) ? Optional.of(call.number(name)) : Optional.empty();
    }
}
