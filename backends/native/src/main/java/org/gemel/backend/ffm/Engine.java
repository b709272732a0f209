package org.gemel.backend.ffm;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.GemelException;
import org.gemel.backend.Backend;
import org.gemel.backend.Kernel;
import org.gemel.backend.vector.VectorBackend;
import org.gemel.ir.Region;

/// The libraries that were found, in the order in which they are asked for a product, and the
/// backend for the rest.
///
/// @param libraries the best first
/// @param rest the backend that compiles what is no product
/// @param processors into how many pieces a large product is cut
record Engine(List<Library> libraries, Backend rest, int processors) {
    private static final Logger LOG = System.getLogger(NativeBackend.class.getName());

    /// Tells what was found.
    ///
    /// @throws GemelException if nothing was
    static Engine of(Search search, int threads) {
        Optional<Library> blas = search.find(Kind.BLAS);
        Optional<Library> oneDnn = search.find(Kind.ONEDNN);
        for (String line : search.ladder()) {
            LOG.log(Level.INFO, "native: " + line);
        }
        // In single precision oneDNN is ahead of OpenBLAS everywhere, and MKL of oneDNN.
        boolean blasFirst = blas.map(Library::kind).filter(k -> !k.equals("OpenBLAS")).isPresent();
        List<Library> libraries =
                (blasFirst ? Stream.of(blas, oneDnn) : Stream.of(oneDnn, blas))
                        .flatMap(Optional::stream)
                        .toList();
        if (libraries.isEmpty()) {
            throw new GemelException(
                    "native: expects a BLAS or oneDNN on this machine, but found none; install %s, or"
                                    .formatted(Kind.BLAS.remedy())
                            + " take GEMEL_BACKEND=vector");
        }
        VectorBackend rest = new VectorBackend();
        rest.threads(threads);
        Engine engine = new Engine(libraries, rest, Runtime.getRuntime().availableProcessors());
        LOG.log(
                Level.INFO,
                "native: products f32 by {0}, f64 by {1}, convolutions f32 by {2}; all else by {3}",
                engine.by(DType.F32),
                engine.by(DType.F64),
                engine.convolutions().isPresent() ? Kind.ONEDNN.title() : rest.name(),
                rest.name());
        return engine;
    }

    private String by(DType dtype) {
        return library(dtype).map(Library::kind).orElse(rest.name());
    }

    private Optional<Library> library(DType dtype) {
        return libraries.stream().filter(l -> l.product(dtype).isPresent()).findFirst();
    }

    /// What multiplies matrices of `dtype`, if a library does.
    Optional<Gemm> product(DType dtype) {
        return libraries.stream().flatMap(l -> l.product(dtype).stream()).findFirst();
    }

    /// What has convolutions, if a library does.
    Optional<Dnn> convolutions() {
        return libraries.stream().flatMap(l -> l.convolutions().stream()).findFirst();
    }

    Kernel compile(Region region) {
        return ProductKernel.of(this, region)
                .or(() -> ConvolutionKernel.of(this, region))
                .orElseGet(() -> rest.compile(region));
    }
}
