package org.gemel.tracer;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.attribute.CodeAttribute;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;

/// Rewrites methods so that the tensors they make go back to the pool after their last use.
///
/// Without this, a tensor that no library code looks after waits for the garbage collector, and the
/// next operation writes to memory that no cache holds. A method knows better: what it has got from
/// an operation, and has handed to nothing but other operations, nobody else can have.
final class Temporaries {
    private static final byte[] MENTION = "org/gemel/Tensor".getBytes(StandardCharsets.US_ASCII);

    /// The JIT compiles no method of more bytes.
    private static final int LARGEST = 8000;

    private Temporaries() {}

    /// The woven class file, or nothing if there is nothing to weave.
    static Optional<byte[]> weave(byte[] bytes, ClassLoader loader) {
        if (!Weaver.mentions(bytes, MENTION)) {
            return Optional.empty();
        }
        ClassHierarchyResolver hierarchy =
                ClassHierarchyResolver.defaultResolver()
                        .orElse(ClassHierarchyResolver.ofResourceParsing(loader));
        ClassFile format = ClassFile.of(ClassFile.ClassHierarchyResolverOption.of(hierarchy));
        ClassModel model = format.parse(bytes);
        Helpers helpers = Helpers.of(model);
        Map<MethodModel, LastUses> found = new IdentityHashMap<>();
        for (MethodModel method : model.methods()) {
            method.code()
                    .filter(_ -> !method.methodName().stringValue().startsWith("<"))
                    .flatMap(code -> LastUses.of(code, helpers, helpers.hands(method)))
                    .ifPresent(uses -> found.put(method, uses));
        }
        if (found.isEmpty()) {
            return Optional.empty();
        }
        ClassTransform transform =
                (builder, element) -> {
                    LastUses uses = element instanceof MethodModel m ? found.get(m) : null;
                    if (uses != null && element instanceof MethodModel method) {
                        builder.transformMethod(
                                method, MethodTransform.transformingCode(new Insertion(uses)));
                    } else {
                        builder.with(element);
                    }
                };
        byte[] woven = format.transformClass(model, transform);
        return fits(format.parse(woven)) ? Optional.of(woven) : Optional.empty();
    }

    private static boolean fits(ClassModel model) {
        return model.methods().stream()
                .flatMap(method -> method.code().stream())
                .allMatch(code -> size(code) <= LARGEST);
    }

    private static int size(CodeModel code) {
        return code instanceof CodeAttribute attribute ? attribute.codeLength() : 0;
    }

    /// Copies code and inserts what was found.
    private static final class Insertion implements CodeTransform {
        private final LastUses uses;
        private int place;

        Insertion(LastUses uses) {
            this.uses = uses;
        }

        @Override
        public void atStart(CodeBuilder builder) {
            uses.begin(builder);
        }

        @Override
        public void accept(CodeBuilder builder, CodeElement element) {
            uses.before(place, builder);
            builder.with(element);
            uses.after(place, builder);
            place++;
        }
    }
}
