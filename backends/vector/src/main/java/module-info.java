/// The default backend: kernels generated over the Vector API.
@org.jspecify.annotations.NullMarked
module org.gemel.backend.vector {
    requires jdk.incubator.vector;
    requires transitive org.gemel.backend;
    requires static transitive org.jspecify;

    exports org.gemel.backend.vector;

    provides org.gemel.backend.Backend with
            org.gemel.backend.vector.VectorBackend;
}
