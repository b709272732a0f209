/// The default interpreter: every operation runs at once.
@org.jspecify.annotations.NullMarked
module org.gemel.eager {
    requires transitive org.gemel.backend;
    requires static transitive org.jspecify;

    exports org.gemel.eager;

    uses org.gemel.backend.CallSiteCheck;

    provides org.gemel.Interpreter with
            org.gemel.eager.Eager;
}
