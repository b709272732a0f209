/// JMH benchmarks of single operations and kernels, for work on the engines.
///
/// Start them with `java` and the launcher's options: `java <options> -cp
/// "compare-bench/target/bench.jar:compare-bench/target/lib/*" org.openjdk.jmh.Main Gemm`.
package org.gemel.bench.jmh;
