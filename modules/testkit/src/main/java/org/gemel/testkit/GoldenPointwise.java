package org.gemel.testkit;

import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.gemel.DType;
import org.gemel.Tensor;
import org.gemel.op.Unary;
import org.gemel.testkit.GoldenOps.Table;

/// Point-wise golden operations.
final class GoldenPointwise {
    private GoldenPointwise() {}

    static void fill(Table ops) {
        for (Unary row : Unary.values()) {
            unary(ops, row.label(), x -> x.apply(row));
        }
        unary(ops, "log2", x -> x.log().mul(1 / Math.log(2)));
        unary(ops, "log10", x -> x.log().mul(1 / Math.log(10)));
        unary(ops, "erfc", x -> x.erf().rsub(1));
        unary(ops, "trunc", GoldenPointwise::trunc);
        unary(ops, "log_sigmoid", x -> x.neg().softplus().neg());
        unary(ops, "isnan", x -> x.ne(x));
        unary(ops, "isinf", x -> x.abs().eq(Double.POSITIVE_INFINITY));
        unary(ops, "isfinite", x -> x.abs().lt(Double.POSITIVE_INFINITY));
        unary(ops, "logical_not", Tensor::not);
        binary(ops, "add", Tensor::add);
        binary(ops, "sub", Tensor::sub);
        binary(ops, "mul", Tensor::mul);
        binary(ops, "div", Tensor::div);
        binary(ops, "pow", Tensor::pow);
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
        binary(ops, "floor_divide", GoldenPointwise::floorDivide);
        binary(ops, "fmod", (a, b) -> a.sub(times(b, quotient(a, b))));
        binary(ops, "remainder", (a, b) -> a.sub(times(b, floorDivide(a, b))));
        binary(ops, "hypot", (a, b) -> a.square().add(b.square()).sqrt());
        binary(ops, "logaddexp", GoldenPointwise::logAddExp);
        ops.put("pow_scalar", c -> c.in("x").pow(c.number("exponent")));
        ops.put("cast", c -> c.in("x").to(dtype(c)));
        ops.put("where", c -> Tensor.where(c.in("cond"), c.in("a"), c.in("b")));
        ops.put("masked_fill", GoldenPointwise::maskedFill);
        ops.put("clamp", GoldenPointwise::clamp);
        ops.put("clamp_tensor", c -> clamped(c.in("x"), bound(c, "lo"), bound(c, "hi")));
        ops.put("lerp", c -> c.in("a").add(c.in("w").mul(c.in("b").sub(c.in("a")))));
        ops.put("addcmul", c -> c.in("x").add(c.in("a").mul(c.in("b")).mul(c.number("value", 1))));
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
            case "int32" -> DType.I32;
            case "int64" -> DType.I64;
            case "bool" -> DType.BOOL;
            default -> throw new Unsupported("attribute to = " + to);
        };
    }

    private static Tensor trunc(Tensor x) {
        return Tensor.where(x.lt(0), x.ceil(), x.floor());
    }

    // Rounded toward zero, as integer division is already.
    private static Tensor quotient(Tensor a, Tensor b) {
        return a.dtype().isFloating() ? trunc(a.div(b)) : a.div(b);
    }

    private static Tensor floorDivide(Tensor a, Tensor b) {
        if (a.dtype().isFloating()) {
            return floorDivideReals(a, b);
        }
        Tensor quotient = a.div(b);
        Tensor rest = a.sub(quotient.mul(b));
        Tensor below = rest.eq(0).not().and(rest.lt(0).xor(b.lt(0)));
        return quotient.sub(below.to(a.dtype()));
    }

    // As Python has it: a quotient that vanishes from below is -1, an infinite one has no floor.
    private static Tensor floorDivideReals(Tensor a, Tensor b) {
        Tensor zero = a.zerosLike();
        Tensor floor = a.div(b).floor();
        Tensor below = a.lt(zero).xor(b.lt(0)).and(a.ne(zero)).and(floor.eq(0));
        Tensor endless = a.abs().eq(Double.POSITIVE_INFINITY).and(b.eq(0).not());
        Tensor rounded = Tensor.where(below, floor.zerosLike().sub(1), floor);
        return Tensor.where(endless, floor.zerosLike().add(Double.NaN), rounded);
    }

    // No times an infinite divisor is nothing.
    private static Tensor times(Tensor b, Tensor quotient) {
        Tensor product = b.mul(quotient);
        return Tensor.where(quotient.eq(0), product.zerosLike(), product);
    }

    private static Tensor logAddExp(Tensor a, Tensor b) {
        Tensor distance = a.sub(b);
        // two equal infinities have no difference
        Tensor apart = Tensor.where(a.eq(b), distance.zerosLike(), distance);
        return a.maximum(b).add(apart.abs().neg().exp().log1p());
    }

    private static Tensor maskedFill(Call call) {
        Tensor x = call.in("x");
        return Tensor.where(call.in("mask"), Tensor.full(x.type(), call.number("value")), x);
    }

    private static Optional<Tensor> bound(Call call, String name) {
        return call.optional(name);
    }

    private static Tensor clamp(Call call) {
        Tensor x = call.in("x");
        return clamped(x, constant(call, "min", x), constant(call, "max", x));
    }

    private static Optional<Tensor> constant(Call call, String name, Tensor like) {
        return call.has(name)
                ? Optional.of(like.zerosLike().add(call.number(name)))
                : Optional.empty();
    }

    // Not maximum and minimum: at a bound the whole cotangent goes to x.
    static Tensor clamped(Tensor x, Optional<Tensor> low, Optional<Tensor> high) {
        Tensor y = x;
        if (low.isPresent()) {
            y = Tensor.where(x.lt(low.get()), low.get(), y);
        }
        if (high.isPresent()) {
            y = Tensor.where(y.gt(high.get()), high.get(), y);
        }
        return y;
    }
}
