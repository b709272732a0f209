package org.gemel.backend.vector;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.invoke.MethodHandles;
import java.util.function.Consumer;

/// Loads generated classes: hidden ones, which the collector takes with the last of their kernels.
final class HiddenClass {
    private HiddenClass() {}

    /// The name of a generated class, for the calls among its methods.
    static ClassDesc named(String name) {
        return ClassDesc.of(HiddenClass.class.getPackageName(), name);
    }

    /// One instance of a new class that extends or implements `type`.
    static <T> T define(Class<T> type, ClassDesc self, Consumer<ClassBuilder> methods) {
        ClassDesc above = ClassDesc.of(type.getName());
        ClassDesc base = type.isInterface() ? ConstantDescs.CD_Object : above;
        byte[] bytes =
                ClassFile.of()
                        .build(
                                self,
                                builder -> {
                                    builder.withFlags(ClassFile.ACC_FINAL);
                                    builder.withSuperclass(base);
                                    if (type.isInterface()) {
                                        builder.withInterfaceSymbols(above);
                                    }
                                    builder.withMethodBody(
                                            ConstantDescs.INIT_NAME,
                                            ConstantDescs.MTD_void,
                                            0,
                                            code ->
                                                    code.aload(0)
                                                            .invokespecial(
                                                                    base,
                                                                    ConstantDescs.INIT_NAME,
                                                                    ConstantDescs.MTD_void)
                                                            .return_());
                                    methods.accept(builder);
                                });
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup().defineHiddenClass(bytes, true);
            return type.cast(lookup.lookupClass().getDeclaredConstructor().newInstance());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "generated class " + self.displayName() + " does not load", e);
        }
    }
}
