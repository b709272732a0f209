package org.gemel.testkit;

import java.util.Arrays;
import org.gemel.Tensor;
import org.gemel.testkit.GoldenOps.Table;

/// Golden activation functions.
final class GoldenActivations {
    private static final double SELU_ALPHA = 1.6732632423543772848170429916717;
    private static final double SELU_SCALE = 1.0507009873554804934193349852946;

    private GoldenActivations() {}

    static void fill(Table ops) {
        ops.put("celu", c -> elu(c.in("x"), c.number("alpha", 1), c.number("alpha", 1)));
        ops.put("elu", c -> elu(c.in("x"), c.number("alpha", 1), 1));
        ops.put("selu", c -> elu(c.in("x"), SELU_ALPHA, 1).mul(SELU_SCALE));
        ops.put("gelu", c -> c.in("x").gelu());
        ops.put("gelu_tanh", c -> geluTanh(c.in("x")));
        ops.put("silu", c -> c.in("x").silu());
        ops.put("mish", c -> c.in("x").mul(c.in("x").softplus().tanh()));
        ops.put("softplus", GoldenActivations::softplus);
        ops.put("softsign", c -> c.in("x").div(c.in("x").abs().add(1)));
        ops.put("hardtanh", c -> within(c.in("x"), c.number("min", -1), c.number("max", 1)));
        ops.put("relu6", c -> within(c.in("x"), 0, 6));
        ops.put("hardsigmoid", c -> within(c.in("x").add(3), 0, 6).mul(1.0 / 6));
        ops.put("hardswish", c -> hardSwish(c.in("x")));
        ops.put("leaky_relu", c -> leaky(c.in("x"), c.number("negative_slope", 0.01)));
        ops.put("leaky_relu_slope", c -> leaky(c.in("x"), c.number("negative_slope", 0.01)));
        ops.put("prelu", c -> prelu(c.in("x"), c.in("weight")));
        ops.put("glu", c -> glu(c.in("x"), c.integer("dim", -1)));
        ops.put("softmax", c -> c.in("x").softmax(c.integer("dim")));
        ops.put("log_softmax", c -> c.in("x").logSoftmax(c.integer("dim")));
    }

    // The exponential sees no positive number, so that no infinity leaks into the derivative.
    private static Tensor elu(Tensor x, double alpha, double divisor) {
        Tensor above = x.gt(0);
        Tensor below = Tensor.where(above, x.zerosLike(), x);
        return Tensor.where(above, x, below.div(divisor).expm1().mul(alpha));
    }

    static Tensor geluTanh(Tensor x) {
        Tensor cube = x.mul(x).mul(x);
        Tensor inner = x.add(cube.mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
        return x.mul(0.5).mul(inner.tanh().add(1));
    }

    private static Tensor softplus(Call call) {
        Tensor x = call.in("x");
        double beta = call.number("beta", 1);
        Tensor scaled = x.mul(beta);
        Tensor straight = scaled.gt(call.number("threshold", 20));
        return Tensor.where(straight, x, scaled.softplus().div(beta));
    }

    // Unlike clamp, this one is flat at its bounds.
    private static Tensor within(Tensor x, double low, double high) {
        Tensor floor = x.zerosLike().add(low);
        Tensor ceiling = x.zerosLike().add(high);
        Tensor raised = Tensor.where(x.le(floor), floor, x);
        return Tensor.where(x.ge(ceiling), ceiling, raised);
    }

    private static Tensor hardSwish(Tensor x) {
        Tensor low = x.le(x.zerosLike().sub(3));
        Tensor bent = Tensor.where(x.lt(3), x.mul(x.add(3)).div(6), x);
        return Tensor.where(low, x.mul(0), bent);
    }

    private static Tensor leaky(Tensor x, double slope) {
        return Tensor.where(x.gt(0), x, x.mul(slope));
    }

    private static Tensor prelu(Tensor x, Tensor weight) {
        Tensor slopes = weight;
        if (weight.size() > 1) {
            int[] dims = new int[x.shape().rank()];
            Arrays.fill(dims, 1);
            dims[1] = (int) weight.size();
            slopes = weight.reshape(dims);
        }
        return Tensor.where(x.gt(0), x, x.mul(slopes));
    }

    private static Tensor glu(Tensor x, int dim) {
        int size = x.shape().dim(dim);
        Tensor value = x.slice(dim, 0, size / 2, 1);
        return value.mul(x.slice(dim, size / 2, size, 1).sigmoid());
    }
}
