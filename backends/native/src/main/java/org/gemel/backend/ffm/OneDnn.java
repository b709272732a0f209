package org.gemel.backend.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.gemel.GemelException;

/// oneDNN's matrix product, row-major and in single precision. Builds with OpenMP get told on each
/// thread that it is to work alone, see [Blas].
final class OneDnn {
    private static final byte NOT_TRANSPOSED = 'N';

    private OneDnn() {}

    /// The oneDNN in `file`, or nothing if it is something else.
    ///
    /// @throws IllegalArgumentException if the system cannot load it
    static Optional<Library> load(Path file) {
        Symbols symbols = Symbols.load(file);
        FunctionDescriptor descriptor =
                FunctionDescriptor.of(
                        JAVA_INT,
                        JAVA_BYTE,
                        JAVA_BYTE,
                        JAVA_LONG,
                        JAVA_LONG,
                        JAVA_LONG,
                        JAVA_FLOAT,
                        JAVA_LONG,
                        JAVA_LONG,
                        JAVA_LONG,
                        JAVA_LONG,
                        JAVA_FLOAT,
                        JAVA_LONG,
                        JAVA_LONG);
        Optional<MethodHandle> function = symbols.find(descriptor, List.of("dnnl_sgemm"));
        return function.map(product ->
                new Library(
                        "oneDNN",
                        version(symbols),
                        file,
                        gemm(bound(product), alone(symbols)),
                        Optional.empty(),
                        Dnn.of(symbols, alone(symbols))));
    }

    private static MethodHandle bound(MethodHandle function) {
        MethodHandle fixed = MethodHandles.insertArguments(function, 10, 0f);
        fixed = MethodHandles.insertArguments(fixed, 5, 1f);
        return MethodHandles.insertArguments(fixed, 0, NOT_TRANSPOSED, NOT_TRANSPOSED);
    }

    // Tells OpenMP on the calling thread that there are no others to share work with.
    private static MethodHandle alone(Symbols symbols) {
        FunctionDescriptor descriptor = FunctionDescriptor.ofVoid(JAVA_INT);
        return symbols.find(descriptor, List.of("omp_set_num_threads"))
                .map(set -> MethodHandles.insertArguments(set, 0, 1))
                .orElseGet(() -> MethodHandles.empty(MethodType.methodType(void.class)));
    }

    private static Gemm gemm(MethodHandle function, MethodHandle alone) {
        return (m, n, k, a, b, c, leads) ->
                Calls.run(() -> {
                    alone.invokeExact();
                    int status =
                            (int)
                                    function.invokeExact(
                                            (long) m,
                                            (long) n,
                                            (long) k,
                                            a,
                                            (long) leads.a(),
                                            b,
                                            (long) leads.b(),
                                            c,
                                            (long) leads.c());
                    if (status != 0) {
                        throw new GemelException(
                                "native: expects dnnl_sgemm to succeed, but it returned status %d for"
                                                .formatted(status)
                                        + " [%d, %d] x [%d, %d]; take GEMEL_BACKEND=vector"
                                                .formatted(m, k, k, n));
                    }
                });
    }

    // Three ints at the start of a struct: major, minor, patch.
    private static String version(Symbols symbols) {
        MemorySegment version = symbols.pointer(3 * JAVA_INT.byteSize(), List.of("dnnl_version"));
        return version.equals(MemorySegment.NULL)
                ? ""
                : "%d.%d.%d"
                        .formatted(
                                version.getAtIndex(JAVA_INT, 0),
                                version.getAtIndex(JAVA_INT, 1),
                                version.getAtIndex(JAVA_INT, 2));
    }
}
