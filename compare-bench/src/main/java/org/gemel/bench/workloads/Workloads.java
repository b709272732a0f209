package org.gemel.bench.workloads;

import java.util.List;
import java.util.stream.Collectors;
import org.gemel.bench.report.Problem;

/// All workloads that there are.
public final class Workloads {
    private static final List<Workload> ALL =
            List.of(
                    Add4.WORKLOAD,
                    Chain20.WORKLOAD,
                    Mlp.INFERENCE,
                    Mlp.TRAINING,
                    LogisticRegression.WORKLOAD,
                    Hmc.WORKLOAD,
                    LeNet.INFERENCE,
                    LeNet.TRAINING,
                    Gpt.NEXT,
                    Gpt.INFERENCE,
                    Gpt.TRAINING,
                    Lstm.INFERENCE,
                    Lstm.TRAINING,
                    LstmLoop.INFERENCE,
                    LstmLoop.TRAINING,
                    ResNet18.INFERENCE,
                    ResNet18.TRAINING,
                    new MnistTraining());

    private Workloads() {}

    /// All workloads, from the smallest step to the largest.
    public static List<Workload> all() {
        return ALL;
    }

    /// The workload called `name`.
    ///
    /// @throws Problem if there is none; names them all and guesses which was meant
    public static Workload named(String name) {
        return ALL.stream()
                .filter(workload -> workload.name().equals(name))
                .findFirst()
                .orElseThrow(() -> unknown(name));
    }

    private static Problem unknown(String name) {
        List<String> known = ALL.stream().map(Workload::name).toList();
        String remedy =
                Spelling.nearest(name, known)
                        .map("did you mean %s?"::formatted)
                        .orElse("choose one of these");
        return Problem.usage(
                "compare: expects workloads out of %s, but got %s; %s"
                        .formatted(
                                known.stream().collect(Collectors.joining(", ")),
                                name.isEmpty() ? "an empty name" : name,
                                remedy));
    }
}
