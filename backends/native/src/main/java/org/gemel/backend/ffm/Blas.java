package org.gemel.backend.ffm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A library with the C interface of BLAS: OpenBLAS, MKL, Accelerate, BLIS.
///
/// Builds with 64-bit integers give their functions a suffix, SciPy's builds a prefix too. The
/// library works on the calling thread: work is cut up by [org.gemel.backend.Workers], whose
/// threads would otherwise stand in the way of the library's own.
final class Blas {
    private static final int ROW_MAJOR = 101;
    private static final int NOT_TRANSPOSED = 111;

    // One code path whatever the alignment of the operands, so that equal calls give equal bits.
    private static final int MKL_REPRODUCIBLE = 2;

    /// How the names of a build's functions are spelled.
    private record Spelling(String prefix, String suffix, ValueLayout integers) {
        String of(String name) {
            return prefix + name + suffix;
        }
    }

    private static final List<Spelling> SPELLINGS =
            List.of(
                    new Spelling("", "", JAVA_INT),
                    new Spelling("", "64_", JAVA_LONG),
                    new Spelling("scipy_", "", JAVA_INT),
                    new Spelling("scipy_", "64_", JAVA_LONG));

    private Blas() {}

    /// The BLAS in `file`, or nothing if it has none of BLAS's names.
    ///
    /// @throws IllegalArgumentException if the system cannot load it
    static Optional<Library> load(Path file) {
        Symbols symbols = Symbols.load(file);
        for (Spelling spelling : SPELLINGS) {
            Optional<Gemm> f32 = product(symbols, spelling, "cblas_sgemm", JAVA_FLOAT);
            if (f32.isPresent()) {
                single(symbols, spelling);
                Optional<Gemm> f64 = product(symbols, spelling, "cblas_dgemm", JAVA_DOUBLE);
                String config = symbols.text(List.of(spelling.of("openblas_get_config")));
                // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ..."
                String[] words = config.split(" ", 3);
                boolean open = words.length > 1;
                return Optional.of(
                        new Library(
                                open ? words[0] : kind(file),
                                open ? words[1] : "",
                                file,
                                f32.get(),
                                f64,
                                Optional.empty()));
            }
        }
        return Optional.empty();
    }

    private static String kind(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.contains("mkl")
                ? "MKL"
                : name.contains("Accelerate")
                        ? "Accelerate"
                        : name.contains("blis") ? "BLIS" : "BLAS";
    }

    private static void single(Symbols symbols, Spelling spelling) {
        symbols.call(1, List.of(spelling.of("openblas_set_num_threads"), "MKL_Set_Num_Threads"));
        symbols.call(MKL_REPRODUCIBLE, List.of("MKL_CBWR_Set"));
    }

    private static Optional<Gemm> product(
            Symbols symbols, Spelling spelling, String name, ValueLayout element) {
        ValueLayout count = spelling.integers();
        MemoryLayout[] arguments = {
            JAVA_INT, JAVA_INT, JAVA_INT, count, count, count, element, JAVA_LONG, count, JAVA_LONG,
            count, element, JAVA_LONG, count
        };
        return symbols.find(FunctionDescriptor.ofVoid(arguments), List.of(spelling.of(name)))
                .map(Blas::bound)
                .map(Blas::gemm);
    }

    // All that is the same in every call, and int for the library's own integers.
    private static MethodHandle bound(MethodHandle function) {
        Class<?> element = function.type().parameterType(6);
        Object one = element == float.class ? (Object) 1f : (Object) 1.0;
        Object zero = element == float.class ? (Object) 0f : (Object) 0.0;
        MethodHandle fixed = MethodHandles.insertArguments(function, 11, zero);
        fixed = MethodHandles.insertArguments(fixed, 6, one);
        fixed = MethodHandles.insertArguments(fixed, 0, ROW_MAJOR, NOT_TRANSPOSED, NOT_TRANSPOSED);
        MethodType plain =
                MethodType.methodType(
                        void.class,
                        int.class,
                        int.class,
                        int.class,
                        long.class,
                        int.class,
                        long.class,
                        int.class,
                        long.class,
                        int.class);
        return fixed.asType(plain);
    }

    private static Gemm gemm(MethodHandle function) {
        return (m, n, k, a, b, c, leads) ->
                Calls.run(() -> {
                    function.invokeExact(m, n, k, a, leads.a(), b, leads.b(), c, leads.c());
                });
    }
}
