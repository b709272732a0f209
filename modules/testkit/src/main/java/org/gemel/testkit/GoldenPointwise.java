package org.gemel.testkit;

import java.util.List;
import java.util.Optional;
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
    private GoldenPointwise() {}

    static void fill(Table ops) {
        for (Unary row : Unary.values()) {
            unary(ops, row.label(), x -> x.apply(row));
        }
        unary(ops, "absolute", Tensor::abs);
        unary(ops, "log_sigmoid", Tensor::logSigmoid);
        unary(ops, "isnan", Tensor::isNan);
        unary(ops, "isinf", Tensor::isInf);
        unary(ops, "isfinite", Tensor::isFinite);
        unary(ops, "signbit", Tensor::signBit);
        unary(ops, "lgamma", Tensor::lgamma);
        unary(ops, "digamma", Tensor::digamma);
        unary(ops, "frac", Tensor::frac);
        unary(ops, "logit", Tensor::logit);
        unary(ops, "sinc", Tensor::sinc);
        unary(ops, "bitwise_not", Tensor::not);
        unary(ops, "deg2rad", x -> x.mul(Math.PI / 180));
        unary(ops, "rad2deg", x -> x.mul(180 / Math.PI));
        unary(ops, "logical_not", Tensor::not);
        for (Binary row : Binary.values()) {
            binary(ops, row.label(), (a, b) -> Tensor.apply(row, List.of(a, b)).getFirst());
        }
        binary(ops, "power", Tensor::pow);
        binary(ops, "float_power", Tensor::pow);
        binary(ops, "true_divide", Tensor::div);
        binary(ops, "maximum", Tensor::maximum);
        binary(ops, "minimum", Tensor::minimum);
        binary(ops, "eq", Tensor::eq);
        binary(ops, "ne", Tensor::ne);
        binary(ops, "lt", Tensor::lt);
        binary(ops, "le", Tensor::le);
        binary(ops, "gt", Tensor::gt);
        binary(ops, "ge", Tensor::ge);
        binary(ops, "logical_and", Tensor::and);
        binary(ops, "logical_or", Tensor::or);
        binary(ops, "logical_xor", Tensor::xor);
        binary(ops, "bitwise_and", Tensor::and);
        binary(ops, "bitwise_or", Tensor::or);
        binary(ops, "bitwise_xor", Tensor::xor);
        binary(ops, "bitwise_left_shift", Tensor::shiftLeft);
        binary(ops, "bitwise_right_shift", Tensor::shiftRight);
        binary(ops, "left_shift", Tensor::shiftLeft);
        binary(ops, "right_shift", Tensor::shiftRight);
        binary(ops, "floor_divide", Tensor::floorDivide);
        binary(ops, "logaddexp", Tensor::logAddExp);
        binary(ops, "logaddexp2", (a, b) -> logAddExp2(a, b));
        binary(ops, "xlogy", Tensor::xlogy);
        binary(ops, "xlog1py", (a, b) -> a.mul(b.log1p()));
        binary(ops, "fmax", Tensor::fmax);
        binary(ops, "fmin", Tensor::fmin);
        binary(ops, "heaviside", Tensor::heaviside);
        ops.put("pow_scalar", c -> c.in("x").pow(c.number("exponent")));
        ops.put("cast", c -> c.in("x").to(dtype(c)));
        ops.put("where", c -> Tensor.where(c.in("cond"), c.in("a"), c.in("b")));
        ops.put("clamp", GoldenPointwise::clamp);
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
        ops.put(name, call -> op.apply(call.in("a"), call.in("b")));
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

    private static Tensor logAddExp2(Tensor a, Tensor b) {
        double base = Math.log(2);
        return a.mul(base).logAddExp(b.mul(base)).div(base);
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
