/// A backend on request: products and convolutions by native libraries, all else by the vector
/// backend.
@org.jspecify.annotations.NullMarked
module org.gemel.backend.ffm {
    requires org.gemel.backend.vector;
    requires transitive org.gemel.backend;
    requires static transitive org.jspecify;

    exports org.gemel.backend.ffm;

    provides org.gemel.backend.Backend with
            org.gemel.backend.ffm.NativeBackend;
}
