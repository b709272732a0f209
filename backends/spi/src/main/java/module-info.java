/// What engines and backends agree on: kernels, memory, threads.
@org.jspecify.annotations.NullMarked
module org.gemel.backend {
    requires jdk.management;
    requires transitive org.gemel.ir;
    requires static transitive org.jspecify;

    exports org.gemel.backend;

    uses org.gemel.backend.Backend;
}
