package org.gemel.bench.roofline;

import static org.gemel.Gemel.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.gemel.Convolution;
import org.gemel.Tensor;

/// A kernel as users call it, and the least it has to do.
///
/// @param name as in `exp 4M`
/// @param operations multiplications and additions; 0 where memory alone is the bound
/// @param bytes what its operations read and write at least, each at its own
/// @param held bytes that are in use at once: where they fit is where it runs from
/// @param call runs it eagerly
public record Family(
        String name, double operations, double bytes, double held, Supplier<Tensor> call) {
    private static final int MILLION = 1 << 20;

    /// All that are measured.
    public static List<Family> all() {
        List<Family> all = new ArrayList<>();
        for (int size : new int[] {256, 512, 1024, 2048}) {
            all.add(product("gemm " + size, size, size, size));
        }
        all.add(product("gemm 64x784x256", 64, 784, 256));
        all.add(convolution());
        Tensor x = random(4 * MILLION);
        Tensor y = random(4 * MILLION);
        all.add(streams("add 4M", x, 3, () -> x.add(y)));
        all.add(streams("exp 4M", x, 2, x::exp));
        all.add(streams("gelu 4M", x, 2, x::gelu));
        Tensor small = random(64 << 10);
        // Five operations, each of which reads and writes for itself.
        all.add(
                streams(
                        "gelu(x*w+b)*y+r 64K",
                        small,
                        14,
                        () -> small.mul(small).add(small).gelu().mul(small).add(small)));
        Tensor rows = random(4096, 1024);
        all.add(streams("softmax 4096x1024", rows, 2, () -> rows.softmax(-1)));
        Tensor features = random(4096, 768);
        all.add(
                streams(
                        "layer norm 4096x768",
                        features,
                        2,
                        () -> features.layerNorm(1, Optional.empty(), Optional.empty(), 1e-5)));
        all.add(streams("sum of rows 4096x1024", rows, 1, () -> rows.sum(1)));
        all.add(streams("sum of columns 4096x1024", rows, 1, () -> rows.sum(0)));
        Tensor square = random(2048, 2048);
        all.add(streams("transpose 2048", square, 2, () -> square.transpose().reshape(-1)));
        return all;
    }

    private static Family product(String name, int m, int k, int n) {
        Tensor a = random(m, k);
        Tensor b = random(k, n);
        double elements = (double) m * k + (double) k * n + (double) m * n;
        return new Family(
                name,
                2.0 * m * n * k,
                elements * Float.BYTES,
                elements * Float.BYTES,
                () -> a.matmul(b));
    }

    private static Family convolution() {
        int batch = 8;
        int channels = 64;
        int size = 56;
        int window = 3 * 3;
        Tensor images = random(batch, channels, size, size);
        Tensor weight = random(channels, channels, 3, 3);
        double pixels = (double) batch * channels * size * size;
        double bytes = (2 * pixels + channels * channels * window) * Float.BYTES;
        return new Family(
                "conv3x3 64ch 56x56, batch 8",
                2 * pixels * channels * window,
                bytes,
                bytes,
                () -> images.conv2d(weight, Convolution.of().padding(1, 1)));
    }

    private static Family streams(String name, Tensor like, int count, Supplier<Tensor> call) {
        double bytes = like.type().bytes();
        // One operation at a time: two operands and a result at most.
        return new Family(name, 0, bytes * count, bytes * Math.min(count, 3), call);
    }

    private static Tensor random(int... dims) {
        int size = 1;
        for (int dim : dims) {
            size *= dim;
        }
        SplittableRandom random = new SplittableRandom(size);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return tensor(values, dims);
    }
}
