/// The graph that traced programs become: nodes, layouts, regions, and the tools around them.
@org.jspecify.annotations.NullMarked
module org.gemel.ir {
    requires transitive org.gemel;
    requires static transitive org.jspecify;

    exports org.gemel.ir;
}
