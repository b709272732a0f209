package org.gemel.testkit;

import org.gemel.Tensor;
import org.gemel.testkit.GoldenOps.Table;

/// Golden activation functions.
final class GoldenActivations {
    private GoldenActivations() {}

    static void fill(Table ops) {
        ops.put("celu", c -> c.in("x").celu(c.number("alpha", 1)));
        ops.put("elu", c -> c.in("x").elu(c.number("alpha", 1)));
        ops.put("selu", c -> c.in("x").selu());
        ops.put("gelu", GoldenActivations::gelu);
        ops.put("gelu_tanh", c -> c.in("x").geluTanh());
        ops.put("silu", c -> c.in("x").silu());
        ops.put("mish", c -> c.in("x").mish());
        ops.put("softplus", GoldenActivations::softplus);
        ops.put("softsign", c -> c.in("x").softsign());
        ops.put("hardtanh", c -> c.in("x").hardtanh(c.number("min", -1), c.number("max", 1)));
        ops.put("relu6", c -> c.in("x").relu6());
        ops.put("hardsigmoid", c -> c.in("x").hardSigmoid());
        ops.put("hardswish", c -> c.in("x").hardSwish());
        ops.put("leaky_relu", c -> c.in("x").leakyRelu(c.number("negative_slope", 0.01)));
        ops.put("leaky_relu_slope", c -> c.in("x").leakyRelu(c.number("negative_slope", 0.01)));
        ops.put("prelu", c -> c.in("x").prelu(c.in("weight")));
        ops.put("rrelu", GoldenActivations::rrelu);
        ops.put("glu", c -> c.in("x").glu(c.integer("dim", -1)));
        ops.put("hardshrink", c -> c.in("x").hardShrink(c.number("lambd", 0.5)));
        ops.put("softshrink", c -> c.in("x").softShrink(c.number("lambd", 0.5)));
        ops.put("tanhshrink", c -> c.in("x").tanhShrink());
        ops.put("threshold", c -> c.in("x").threshold(c.number("threshold"), c.number("value")));
        ops.put("softmax", c -> c.in("x").softmax(c.integer("dim")));
        ops.put("softmin", c -> c.in("x").neg().softmax(c.integer("dim")));
        ops.put("log_softmax", c -> c.in("x").logSoftmax(c.integer("dim")));
    }

    private static Tensor gelu(Call call) {
        boolean exact = call.oneOf("approximate", "none", "tanh").equals("none");
        return exact ? call.in("x").gelu() : call.in("x").geluTanh();
    }

    private static Tensor softplus(Call call) {
        return call.in("x").softplus(call.number("beta", 1), call.number("threshold", 20));
    }

    // Outside of training the slope is the mean of its bounds.
    private static Tensor rrelu(Call call) {
        if (call.flag("training")) {
            throw new Unsupported("attribute training = true");
        }
        double slopes = call.number("lower", 1.0 / 8) + call.number("upper", 1.0 / 3);
        return call.in("x").leakyRelu(slopes / 2);
    }
}
