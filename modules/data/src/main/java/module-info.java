/// Data sets and mini-batches, built on the tensor API alone.
@org.jspecify.annotations.NullMarked
module org.gemel.data {
    requires transitive org.gemel;

    exports org.gemel.data;
}
