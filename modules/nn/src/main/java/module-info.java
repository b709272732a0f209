/// Layers, built on the tensor API alone.
@org.jspecify.annotations.NullMarked
module org.gemel.nn {
    requires transitive org.gemel;

    exports org.gemel.nn;
}
