/// JMH benchmarks of single operations and kernels, for work on the engines.
///
/// `./bench jmh` starts them with the launcher's options; its arguments are JMH's: `./bench jmh
/// Gemm -p size=512x512x512 -f 1`.
package org.gemel.bench.jmh;
