package org.gemel.backend.ffm;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/// A kind of library that is looked for.
///
/// @param title what it is called
/// @param variable the environment variable that names its file or folder
/// @param names its file names in systems' folders, the best first
/// @param pattern what its file names look like where a user points at a folder
/// @param artifact the Maven artifact of group `org.bytedeco` that holds it
/// @param load makes it of a file; nothing if the file has not what is needed
/// @param remedy how a user gets one
record Kind(
        String title,
        String variable,
        List<String> names,
        Pattern pattern,
        String artifact,
        Function<Path, Optional<Library>> load,
        String remedy) {
    /// Products in single and double precision.
    static final Kind BLAS =
            new Kind(
                    "BLAS",
                    "GEMEL_BLAS",
                    List.of(
                            "libmkl_rt.so.2",
                            "libmkl_rt.so",
                            "mkl_rt.2.dll",
                            "libopenblas.so.0",
                            "libopenblas.so",
                            "libopenblas64.so.0",
                            "libopenblas.0.dylib",
                            "libopenblas.dylib",
                            "libopenblas.dll",
                            "libblis.so.4",
                            "Accelerate"),
                    Pattern.compile(".*(openblas|mkl_rt|blis).*\\.(so|dylib|dll)\\b.*"),
                    "openblas",
                    Blas::load,
                    "Debian's libopenblas0-pthread, Homebrew's openblas, or PyPI's scipy-openblas64"
                            + " with GEMEL_BLAS set to its file");

    /// Products in single precision, on some processors the fastest.
    static final Kind ONEDNN =
            new Kind(
                    "oneDNN",
                    "GEMEL_ONEDNN",
                    List.of(
                            "libdnnl.so.3",
                            "libdnnl.so.2",
                            "libdnnl.so",
                            "libdnnl.3.dylib",
                            "libdnnl.dylib",
                            "dnnl.dll"),
                    Pattern.compile(".*dnnl.*\\.(so|dylib|dll)\\b.*"),
                    "dnnl",
                    OneDnn::load,
                    "Debian's libdnnl3, or PyPI's onednn-cpu-gomp with GEMEL_ONEDNN set to its"
                            + " libdnnl.so.3");
}
