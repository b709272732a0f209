/// Optimizers, built on the tensor API alone.
@org.jspecify.annotations.NullMarked
module org.gemel.optim {
    requires transitive org.gemel;

    exports org.gemel.optim;
}
