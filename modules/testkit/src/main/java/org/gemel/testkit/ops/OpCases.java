package org.gemel.testkit.ops;

import java.util.List;
import java.util.stream.Stream;

/// The table of cases of all operations: an operation that is not in here fails the tests.
public final class OpCases {
    private OpCases() {}

    /// All cases.
    public static List<OpCase> all() {
        return Stream.of(
                        PointwiseCases.rows(),
                        SpecialCases.rows(),
                        ActivationCases.rows(),
                        ReductionCases.rows(),
                        MovementCases.rows(),
                        IndexingCases.rows(),
                        OrderingCases.rows(),
                        LinalgCases.rows(),
                        WindowCases.rows(),
                        NormalizationCases.rows(),
                        LossCases.rows(),
                        SequenceCases.rows(),
                        RandomCases.rows())
                .flatMap(List::stream)
                .toList();
    }
}
