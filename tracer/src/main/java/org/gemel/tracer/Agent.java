package org.gemel.tracer;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import org.jspecify.annotations.Nullable;

/// What `-javaagent:gemel-tracer.jar` starts: weaves classes with [Traced] methods as they are
/// loaded.
public final class Agent {
    private Agent() {}

    /// Called by the JVM before `main`.
    public static void premain(@Nullable String options, Instrumentation instrumentation) {
        // Loaded now, since a transformer must not be what loads the transformer.
        Weaver.weave(new byte[0]);
        instrumentation.addTransformer(new Transformer());
    }

    /// Called by the JVM when the agent is attached later; classes loaded before stay as they are.
    public static void agentmain(@Nullable String options, Instrumentation instrumentation) {
        premain(options, instrumentation);
    }

    private static final class Transformer implements ClassFileTransformer {
        @Override
        public byte @Nullable [] transform(
                @Nullable ClassLoader loader,
                @Nullable String name,
                @Nullable Class<?> redefined,
                @Nullable ProtectionDomain domain,
                byte[] bytes) {
            boolean ours = name != null && name.startsWith("org/gemel/tracer/");
            if (loader == null || redefined != null || ours) {
                return null;
            }
            try {
                return Weaver.weave(bytes).orElse(null);
            } catch (RuntimeException failure) {
                // The JVM drops what a transformer throws, so it must be told here.
                System.getLogger("org.gemel.tracer")
                        .log(System.Logger.Level.ERROR, "could not weave " + name, failure);
                throw failure;
            }
        }
    }
}
