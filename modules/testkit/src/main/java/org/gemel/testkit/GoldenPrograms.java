package org.gemel.testkit;

import java.util.Optional;
import org.gemel.Convolution;
import org.gemel.Grad;
import org.gemel.Pooling;
import org.gemel.Tensor;
import org.gemel.testkit.GoldenOps.Table;

/// Golden programs: several operations together.
final class GoldenPrograms {
    private GoldenPrograms() {}

    static void fill(Table ops) {
        ops.put("mlp_ce", GoldenPrograms::classifier);
        ops.put("mlp_tanh_mse", GoldenPrograms::regression);
        ops.put("convnet", GoldenPrograms::convolutional);
        ops.put("branch", GoldenPrograms::branch);
        ops.put("while_halve", GoldenPrograms::halve);
        ops.put("grad_penalty", GoldenPrograms::gradientPenalty);
        ops.put("hessian_rosenbrock", c -> rosenbrock(c.in("x")));
        ops.put("power_iteration", GoldenPrograms::powerIteration);
        ops.put("newton_sqrt", c -> newtonRoot(c.in("a"), c.integer("iterations", 6)));
        ops.put("shared_use", c -> sharedUse(c.in("x"), c.in("y")));
        ops.put("detach", c -> detached(c.in("x"), c.in("y")));
    }

    private static Tensor classifier(Call call) {
        Tensor hidden =
                GoldenLayers.linear(call.in("x"), call.in("w1"), Optional.of(call.in("b1"))).relu();
        return GoldenLayers.linear(hidden, call.in("w2"), Optional.of(call.in("b2")))
                .crossEntropy(call.in("target"));
    }

    private static Tensor convolutional(Call call) {
        Tensor h =
                normal(
                        call.in("x").conv2d(call.in("w1"), Convolution.of().padding(1)),
                        call.optional("g1"),
                        call.optional("b1"));
        Tensor pooled = h.relu().maxPool2d(Pooling.of(2));
        Tensor features = pooled.conv2d(call.in("w2"), call.in("c2"), Convolution.of()).relu();
        return GoldenLayers.linear(features.mean(2, 3), call.in("w3"), Optional.of(call.in("b3")))
                .crossEntropy(call.in("target"));
    }

    static Tensor normal(Tensor x, Optional<Tensor> weight, Optional<Tensor> bias) {
        return x.batchNorm(weight, bias, 1e-5).output();
    }

    private static Tensor regression(Call call) {
        return regression(
                call.in("x"),
                call.in("y"),
                call.in("w1"),
                call.in("b1"),
                call.in("w2"),
                call.in("b2"));
    }

    static Tensor regression(Tensor x, Tensor y, Tensor w1, Tensor b1, Tensor w2, Tensor b2) {
        Tensor hidden = x.matmul(w1).add(b1).tanh();
        return hidden.matmul(w2).add(b2).sub(y).square().mean();
    }

    private static Tensor branch(Call call) {
        Tensor x = call.in("x");
        Tensor w = call.in("w");
        Tensor y = x.mean().gt(0).toBoolean() ? x.exp() : x.neg().mul(x);
        return y.mul(w).sum();
    }

    private static Tensor halve(Call call) {
        Tensor x = call.in("x");
        Tensor b = call.in("b");
        while (x.square().sum().sqrt().gt(1).toBoolean()) {
            x = x.mul(0.5).add(b);
        }
        return x;
    }

    private static Tensor gradientPenalty(Call call) {
        Tensor w1 = call.in("W1");
        Tensor w2 = call.in("w2");
        Tensor slopes =
                Grad.grad(z -> z.matmul(w1).softplus().matmul(w2).sum()).apply(call.in("x"));
        return slopes.square().sum(1).sqrt().sub(1).square().mean();
    }

    private static Tensor rosenbrock(Tensor x) {
        int n = x.shape().dim(0);
        Tensor head = x.slice(0, 0, n - 1, 1);
        Tensor tail = x.slice(0, 1, n, 1);
        return tail.sub(head.square()).square().mul(100).add(head.rsub(1).square()).sum();
    }

    private static Tensor powerIteration(Call call) {
        Tensor a = call.in("A");
        Tensor v = call.in("v");
        for (int i = 0; i < call.integer("iterations", 8); i++) {
            Tensor image = a.matmul(v);
            v = image.div(image.square().sum().sqrt());
        }
        return v.matmul(a.matmul(v));
    }

    private static Tensor newtonRoot(Tensor a, int iterations) {
        Tensor y = a;
        for (int i = 0; i < iterations; i++) {
            y = y.add(a.div(y)).mul(0.5);
        }
        return y;
    }

    private static Tensor sharedUse(Tensor x, Tensor y) {
        Tensor cube = x.add(y).square().mul(x.add(y));
        return x.mul(x).add(x.sin().mul(y)).add(cube.div(x)).sum();
    }

    private static Tensor detached(Tensor x, Tensor y) {
        return x.mul(x.mul(y).detach()).add(y).sum();
    }
}
