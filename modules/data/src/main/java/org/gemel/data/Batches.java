package org.gemel.data;

import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.gemel.GemelException;

/// Goes through labelled images in mini-batches, once per epoch, every image exactly once.
///
/// The last batch of an epoch holds what is left and may be smaller. The arrays behind a [Batch]
/// are used again for the next one, so that an epoch of any length allocates two sets of them: a
/// batch is good until the next is asked for. One loop at a time per instance.
public final class Batches {
    // The 64-bit golden ratio, as SplittableRandom uses it: seeds of neighbouring epochs far apart.
    private static final long EPOCH_STRIDE = 0x9e3779b97f4a7c15L;

    private final LabelledImages source;
    private final Batch full;
    private final Batch last;

    Batches(LabelledImages source, int batchSize) {
        if (batchSize < 1) {
            throw new GemelException(
                    "batches: expects a batch size of at least 1, but got %d; 64 is usual"
                            .formatted(batchSize));
        }
        this.source = source;
        this.full = new Batch(Math.min(batchSize, source.size()), source.pixelsPerImage());
        this.last = new Batch(source.size() % batchSize, source.pixelsPerImage());
    }

    /// The number of batches of an epoch.
    public int perEpoch() {
        return full.size() == 0 ? 0 : Math.ceilDiv(source.size(), full.size());
    }

    /// One epoch in the order of the data.
    public Iterable<Batch> inOrder() {
        int[] order = new int[source.size()];
        Arrays.setAll(order, i -> i);
        return () -> new Epoch(order);
    }

    /// One epoch in a random order that depends on `seed` and the number of the epoch alone.
    public Iterable<Batch> shuffled(long seed, int epoch) {
        int[] order = Permutation.of(source.size(), seed + epoch * EPOCH_STRIDE);
        return () -> new Epoch(order);
    }

    private final class Epoch implements Iterator<Batch> {
        private final int[] order;
        private int next;

        Epoch(int[] order) {
            this.order = order;
        }

        @Override
        public boolean hasNext() {
            return next < order.length;
        }

        @Override
        public Batch next() {
            if (!hasNext()) {
                throw new NoSuchElementException("the epoch has no further batch");
            }
            Batch batch = order.length - next >= full.size() ? full : last;
            batch.fill(source, order, next);
            next += batch.size();
            return batch;
        }
    }
}
