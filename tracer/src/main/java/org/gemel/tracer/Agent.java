package org.gemel.tracer;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What `-javaagent:gemel-tracer.jar` starts: weaves classes as they are loaded, those with
/// [Traced] methods, and those that use tensors so that their temporaries are given back.
public final class Agent {
    /// Packages that give their temporaries back themselves.
    private static final Set<String> LIBRARY =
            Set.of(
                    "org/gemel",
                    "org/gemel/backend",
                    "org/gemel/backend/ffm",
                    "org/gemel/backend/vector",
                    "org/gemel/compiler",
                    "org/gemel/eager",
                    "org/gemel/ir",
                    "org/gemel/nn",
                    "org/gemel/op",
                    "org/gemel/optim");

    private static final System.Logger LOG = System.getLogger("org.gemel.tracer");

    private Agent() {}

    /// Called by the JVM before `main`.
    public static void premain(@Nullable String options, Instrumentation instrumentation) {
        // Loaded now, since a transformer must not be what loads the transformer.
        Weaver.weave(new byte[0]);
        Temporaries.weave(new byte[0], Agent.class.getClassLoader());
        instrumentation.addTransformer(new Transformer());
    }

    /// Called by the JVM when the agent is attached later; classes loaded before stay as they are.
    public static void agentmain(@Nullable String options, Instrumentation instrumentation) {
        premain(options, instrumentation);
    }

    private static boolean ofLibrary(@Nullable String name) {
        return name != null
                && name.startsWith("org/gemel/")
                && LIBRARY.contains(name.substring(0, name.lastIndexOf('/')));
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
            byte[] traced = traced(name, bytes);
            Optional<byte[]> woven =
                    ofLibrary(name) ? Optional.empty() : frugal(loader, name, traced);
            return woven.orElse(traced == bytes ? null : traced);
        }

        private static byte[] traced(@Nullable String name, byte[] bytes) {
            try {
                return Weaver.weave(bytes).orElse(bytes);
            } catch (RuntimeException failure) {
                // The JVM drops what a transformer throws, so it must be told here.
                LOG.log(System.Logger.Level.ERROR, "could not weave " + name, failure);
                throw failure;
            }
        }

        private static Optional<byte[]> frugal(
                ClassLoader loader, @Nullable String name, byte[] bytes) {
            try {
                return Temporaries.weave(bytes, loader);
            } catch (RuntimeException failure) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "the tensors of " + name + " wait for the garbage collector",
                        failure);
                return Optional.empty();
            }
        }
    }
}
