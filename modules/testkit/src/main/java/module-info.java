/// What tests of Gemel and of its backends are made of.
@org.jspecify.annotations.NullMarked
module org.gemel.testkit {
    requires com.fasterxml.jackson.databind;
    requires org.gemel.compiler;
    requires org.gemel.eager;
    requires org.gemel.nn;
    requires org.gemel.optim;
    requires static org.junit.jupiter.api;
    requires transitive org.gemel;
    requires transitive org.gemel.backend;
    requires transitive org.gemel.ir;
    requires transitive org.gemel.tracer;

    exports org.gemel.testkit;
    exports org.gemel.testkit.ops;
    exports org.gemel.testkit.programs;
}
