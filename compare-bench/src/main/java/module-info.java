/// The command line that runs the same programs eagerly and traced and measures both.
@org.jspecify.annotations.NullMarked
module org.gemel.bench {
    requires com.fasterxml.jackson.databind;
    requires info.picocli;
    requires java.management;
    requires jdk.incubator.vector;
    requires jmh.core;
    requires org.gemel;
    requires org.gemel.backend;
    requires org.gemel.data;
    requires org.gemel.nn;
    requires org.gemel.optim;
    requires org.gemel.testkit;
    requires org.gemel.tracer;

    // picocli sets fields that carry its annotations
    opens org.gemel.bench to
            info.picocli;
}
