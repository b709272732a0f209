package org.gemel.backend.ffm;

import java.util.function.Supplier;
import org.gemel.backend.Backend;
import org.gemel.backend.Kernel;
import org.gemel.backend.Workers;
import org.gemel.ir.Region;
import org.jspecify.annotations.Nullable;

/// The backend that leaves matrix products to a BLAS or oneDNN of the machine, convolutions to
/// oneDNN, and all else to the vector backend.
///
/// It is there for comparison, and on machines whose vendor's library is ahead. Products and
/// convolutions have the bits of the library, which need not follow the fixed order of sums; they
/// are the same eagerly and traced and for any number of threads, since a library is always called
/// with the same shapes and rows without gaps between their elements, whatever follows.
public final class NativeBackend implements Backend {
    /// The name to choose it by.
    public static final String NAME = "native";

    private final Supplier<Search> search;
    private int threads = Runtime.getRuntime().availableProcessors();
    private volatile @Nullable Engine engine;

    /// A backend that looks for libraries when it is first used.
    public NativeBackend() {
        this(Search::here);
    }

    NativeBackend(Supplier<Search> search) {
        this.search = search;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean onRequest() {
        return true;
    }

    @Override
    public Kernel compile(Region region) {
        return engine().compile(region);
    }

    @Override
    public Workers workers() {
        return engine().rest().workers();
    }

    @Override
    public synchronized void threads(int count) {
        Engine now = engine;
        if (now == null) {
            threads = count;
        } else {
            now.rest().threads(count);
        }
    }

    /// Finds the libraries now, if that has not happened.
    ///
    /// @throws org.gemel.GemelException if there are none
    Engine engine() {
        Engine now = engine;
        return now != null ? now : started();
    }

    private synchronized Engine started() {
        Engine now = engine;
        if (now == null) {
            now = Engine.of(search.get(), threads);
            engine = now;
        }
        return now;
    }
}
