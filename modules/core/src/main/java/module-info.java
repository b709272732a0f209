/// The tensor API of Gemel: tensors, operations, gradients. Knows no engine.
@org.jspecify.annotations.NullMarked
module org.gemel {
    requires static transitive org.jspecify;

    exports org.gemel;
    exports org.gemel.op;

    uses org.gemel.Interpreter;
}
