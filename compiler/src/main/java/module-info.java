/// The graph optimizer, the memory plan, and what runs a compiled program.
@org.jspecify.annotations.NullMarked
module org.gemel.compiler {
    requires transitive org.gemel.backend;
    requires static transitive org.jspecify;

    exports org.gemel.compiler;
}
