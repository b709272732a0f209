package org.gemel.bench.report;

import java.util.List;

/// What a whole training run reports besides the time of a step.
///
/// @param accuracy share of the test images that are classified correctly, 0 to 1
/// @param imagesPerSecond training images seen per second of training, data feeding included
/// @param epochBytes tensor memory held at the end of each epoch, in bytes
public record Training(double accuracy, double imagesPerSecond, List<Long> epochBytes) {
    /// Copies the list.
    public Training {
        epochBytes = List.copyOf(epochBytes);
    }
}
