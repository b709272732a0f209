package org.gemel.bench.workloads;

import static org.gemel.Gemel.tensor;

import java.util.List;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.Index;
import org.gemel.Tensor;
import org.gemel.nn.Attention;
import org.gemel.nn.Embedding;
import org.gemel.nn.LayerNorm;
import org.gemel.nn.Linear;
import org.gemel.nn.Module;
import org.gemel.nn.MultiHeadAttention;
import org.gemel.optim.Adam;

/// A language model of characters: four blocks of attention, 128 wide, after nanoGPT.
final class Gpt implements Module {
    private static final int CHARACTERS = 65;
    private static final int CONTEXT = 128;
    private static final int SIZE = 128;

    static final Workload INFERENCE =
            Inference.of(
                    "gpt-infer",
                    "GPT, 4 layers, 128 wide, 16 texts of 128, no gradients",
                    0.4546222929,
                    Gpt::new,
                    () -> text(16, 1001));

    static final Workload NEXT =
            Inference.of(
                    "gpt-next",
                    "GPT, the next character of one text of 128",
                    0.4095006110,
                    Next::new,
                    () -> text(1, 1001));

    static final Workload TRAINING =
            Training.of(
                    "gpt-train",
                    "GPT, 16 texts of 128, cross entropy, AdamW 3e-4",
                    Check.ofLosses(4.355801582, 4.027056694),
                    Every::new,
                    parameters -> new Adam(parameters, 3e-4, Adam.Settings.DECOUPLED),
                    () -> new Training.Batch(text(16, 1001), text(16, 1002).reshape(-1)));

    /// Attention to what came before, then a perceptron, each added to its input.
    private static final class Block implements Module {
        private final LayerNorm ln1 = new LayerNorm(1e-5, SIZE);
        private final MultiHeadAttention attention = new MultiHeadAttention(SIZE, 4);
        private final LayerNorm ln2 = new LayerNorm(1e-5, SIZE);
        private final Linear up = new Linear(SIZE, 4 * SIZE);
        private final Linear down = new Linear(4 * SIZE, SIZE);

        @Override
        public Tensor forward(Tensor x) {
            Tensor y = ln1.forward(x);
            x = x.add(attention.forward(y, y, y, Attention.Settings.CAUSAL));
            return x.add(down.forward(up.forward(ln2.forward(x)).gelu()));
        }
    }

    /// The logits of the last position alone.
    private record Next(Gpt gpt) implements Module {
        Next() {
            this(new Gpt());
        }

        @Override
        public Tensor forward(Tensor text) {
            return gpt.head.forward(gpt.vectors(text).at(Index.every(1), Index.at(-1)));
        }
    }

    /// The logits of all positions in one row after the other.
    private record Every(Gpt gpt) implements Module {
        Every() {
            this(new Gpt());
        }

        @Override
        public Tensor forward(Tensor text) {
            return gpt.forward(text).reshape(-1, CHARACTERS);
        }
    }

    private final Embedding characters = new Embedding(CHARACTERS, SIZE);
    private final Embedding places = new Embedding(CONTEXT, SIZE);
    private final List<Block> blocks = Stream.generate(Block::new).limit(4).toList();
    private final LayerNorm norm = new LayerNorm(1e-5, SIZE);
    private final Linear head = Linear.withoutBias(SIZE, CHARACTERS);

    @Override
    public Tensor forward(Tensor text) {
        return head.forward(vectors(text));
    }

    private Tensor vectors(Tensor text) {
        Tensor at = Tensor.arange(text.shape().dim(1), DType.I64);
        Tensor x = characters.forward(text).add(places.forward(at));
        for (Block block : blocks) {
            x = block.forward(x);
        }
        return norm.forward(x);
    }

    private static Tensor text(int count, int seed) {
        return tensor(PeerData.labels(count * CONTEXT, seed, CHARACTERS), count, CONTEXT);
    }
}
