package org.gemel.backend.ffm;

import java.nio.file.Path;
import java.util.Optional;
import org.gemel.DType;

/// A native library that has matrix products.
///
/// @param kind what it is, as in `OpenBLAS`
/// @param version what it says of itself; may be empty
/// @param file where it was found
/// @param f32 its product in single precision
/// @param f64 its product in double precision, if it has one
/// @param convolutions its interface for convolutions in single precision, if it has one
record Library(
        String kind,
        String version,
        Path file,
        Gemm f32,
        Optional<Gemm> f64,
        Optional<Dnn> convolutions) {
    /// The product of matrices of `dtype`, if it has one.
    Optional<Gemm> product(DType dtype) {
        return dtype == DType.F32 ? Optional.of(f32) : dtype == DType.F64 ? f64 : Optional.empty();
    }

    @Override
    public String toString() {
        return (kind + " " + version).strip() + " (" + file + ")";
    }
}
