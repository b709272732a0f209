/// Traced functions: `@Traced` and its weaving, the signature cache and the guards.
@org.jspecify.annotations.NullMarked
module org.gemel.tracer {
    requires transitive org.gemel.compiler;
    requires java.instrument;
    requires static transitive org.jspecify;

    exports org.gemel.tracer;

    uses org.gemel.Interpreter;

    provides org.gemel.backend.CallSiteCheck with
            org.gemel.tracer.UnwovenCheck;
}
