package org.gemel.bench.workloads;

import static org.gemel.Gemel.tensor;

import java.util.List;
import java.util.Optional;
import org.gemel.Convolution;
import org.gemel.Pooling;
import org.gemel.Tensor;
import org.gemel.nn.BatchNorm;
import org.gemel.nn.Conv2d;
import org.gemel.nn.Linear;
import org.gemel.nn.MaxPool;
import org.gemel.nn.Module;
import org.gemel.nn.Sequential;
import org.gemel.optim.Sgd;

/// A residual network of 18 layers for images (He et al., 2015).
final class ResNet18 implements Module {
    static final Workload INFERENCE =
            Inference.of(
                    "resnet18-infer",
                    "ResNet-18, one image of 224x224, no gradients",
                    0.05136438273,
                    ResNet18::new,
                    () -> PeerData.tensorOf(1001, -1, 1, 1, 3, 224, 224));

    static final Workload TRAINING =
            Training.of(
                    "resnet18-train",
                    "ResNet-18, batch 8, 224x224, SGD 0.01 with momentum",
                    // Later losses show the order of the sums: steps of this size are chaotic.
                    Check.ofLosses(6.869034767, 2, 4.865896702),
                    ResNet18::new,
                    parameters -> new Sgd(parameters, 0.01, new Sgd.Settings(0.9, 0, false)),
                    () ->
                            new Training.Batch(
                                    PeerData.tensorOf(1001, -1, 1, 8, 3, 224, 224),
                                    tensor(PeerData.labels(8, 1002, 1000))));

    /// Two convolutions and a way around them.
    private static final class Block implements Module {
        private final Conv2d c1;
        private final BatchNorm b1;
        private final Conv2d c2;
        private final BatchNorm b2;
        private final Optional<Module> down;

        Block(int inputs, int outputs, int stride) {
            Convolution three = Convolution.of().padding(1);
            c1 = Conv2d.withoutBias(inputs, outputs, three.stride(stride), 3);
            b1 = new BatchNorm(outputs);
            c2 = Conv2d.withoutBias(outputs, outputs, three, 3);
            b2 = new BatchNorm(outputs);
            Convolution one = Convolution.of().stride(stride);
            down =
                    stride == 1 && inputs == outputs
                            ? Optional.empty()
                            : Optional.of(
                                    new Sequential(
                                            Conv2d.withoutBias(inputs, outputs, one, 1),
                                            new BatchNorm(outputs)));
        }

        @Override
        public Tensor forward(Tensor x) {
            Tensor around = down.isPresent() ? down.get().forward(x) : x;
            Tensor y = b1.forward(c1.forward(x)).relu();
            return b2.forward(c2.forward(y)).add(around).relu();
        }
    }

    private final Conv2d c = Conv2d.withoutBias(3, 64, Convolution.of().stride(2).padding(3), 7);
    private final BatchNorm b = new BatchNorm(64);
    private final MaxPool pool = new MaxPool(Pooling.of(3).stride(2).padding(1));
    private final Sequential layers =
            new Sequential(
                    List.of(
                            new Block(64, 64, 1),
                            new Block(64, 64, 1),
                            new Block(64, 128, 2),
                            new Block(128, 128, 1),
                            new Block(128, 256, 2),
                            new Block(256, 256, 1),
                            new Block(256, 512, 2),
                            new Block(512, 512, 1)));
    private final Linear fc = new Linear(512, 1000);

    @Override
    public Tensor forward(Tensor x) {
        x = pool.forward(b.forward(c.forward(x)).relu());
        return fc.forward(layers.forward(x).mean(2, 3));
    }
}
