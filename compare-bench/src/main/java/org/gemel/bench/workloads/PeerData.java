package org.gemel.bench.workloads;

import static org.gemel.Gemel.tensor;

import java.util.HashSet;
import java.util.Set;
import org.gemel.Parameter;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.nn.BatchNorm;
import org.gemel.nn.Embedding;
import org.gemel.nn.LayerNorm;
import org.gemel.nn.Module;

/// The data and weights that every framework starts from in a comparison: a formula that gives the
/// same numbers in any language.
final class PeerData {
    private PeerData() {}

    /// `count` numbers in `low..high`: with `v = sin(i * 12.9898 + seed * 78.233) * 43758.5453` in
    /// double precision, number `i` is `low + (high - low) * (v - floor(v))`, rounded to f32.
    static float[] uniform(int count, int seed, double low, double high) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            double v = StrictMath.sin(i * 12.9898 + seed * 78.233) * 43758.5453;
            values[i] = (float) (low + (high - low) * (v - Math.floor(v)));
        }
        return values;
    }

    /// `count` class indices below `classes`.
    static long[] labels(int count, int seed, int classes) {
        float[] values = uniform(count, seed, 0, classes);
        long[] labels = new long[count];
        for (int i = 0; i < count; i++) {
            labels[i] = Math.clamp((long) Math.floor(values[i]), 0, classes - 1);
        }
        return labels;
    }

    /// A linear layer's weight of `outputs x inputs`: uniform within one over the root of `inputs`.
    static float[] weight(int outputs, int inputs, int seed) {
        return divided(uniform(outputs * inputs, seed, -1, 1), (float) Math.sqrt(inputs));
    }

    /// A linear layer's bias: uniform within a tenth.
    static float[] bias(int outputs, int seed) {
        return scaled(uniform(outputs, seed, -1, 1), 0.1f);
    }

    /// Every number times `factor`.
    static float[] scaled(float[] values, float factor) {
        float[] result = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = values[i] * factor;
        }
        return result;
    }

    private static float[] divided(float[] values, float divisor) {
        float[] result = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = values[i] / divisor;
        }
        return result;
    }

    /// Class indices as floats.
    static float[] floats(long[] values) {
        float[] result = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = values[i];
        }
        return result;
    }

    /// A tensor of [#uniform] numbers.
    static Tensor tensorOf(int seed, double low, double high, int... dims) {
        return tensor(uniform(Math.toIntExact(Shape.of(dims).size()), seed, low, high), dims);
    }

    /// Gives a model the weights that every framework starts from: parameter number `i`, from 1,
    /// takes seed `i`; normalisations start as the identity, embeddings within 0.05. Running
    /// statistics start anew.
    static <M extends Module> M init(M model) {
        Set<Parameter> ones = new HashSet<>();
        Set<Parameter> zeros = new HashSet<>();
        Set<Parameter> embeddings = new HashSet<>();
        for (Module module : model.modules()) {
            switch (module) {
                case LayerNorm norm -> {
                    ones.add(norm.weight);
                    zeros.add(norm.bias);
                }
                case BatchNorm norm -> {
                    ones.add(norm.weight);
                    zeros.add(norm.bias);
                    norm.mean.assign(Tensor.full(norm.mean.type(), 0));
                    norm.variance.assign(Tensor.full(norm.variance.type(), 1));
                }
                case Embedding embedding -> embeddings.add(embedding.weight);
                default -> {}
            }
        }
        int seed = 1;
        for (Parameter parameter : model.parameters()) {
            if (ones.contains(parameter) || zeros.contains(parameter)) {
                double value = ones.contains(parameter) ? 1 : 0;
                parameter.assign(Tensor.full(parameter.type(), value));
            } else {
                Shape shape = parameter.type().shape();
                boolean embedding = embeddings.contains(parameter);
                parameter.assign(tensor(initial(shape, seed, embedding), shape.dims()));
            }
            seed++;
        }
        return model;
    }

    private static float[] initial(Shape shape, int seed, boolean embedding) {
        int size = Math.toIntExact(shape.size());
        if (embedding) {
            return scaled(uniform(size, seed, -1, 1), 0.05f);
        }
        int outputs = shape.dim(0);
        return shape.rank() == 1 ? bias(outputs, seed) : weight(outputs, size / outputs, seed);
    }
}
