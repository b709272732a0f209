package org.gemel.tracer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/// Loads one class of a test anew, woven as the agent would weave it.
final class WovenLoader extends ClassLoader {
    private final String name;

    private WovenLoader(Class<?> type) {
        super(type.getClassLoader());
        name = type.getName();
    }

    /// A new woven object of the class `type`, seen through the public interface `as`.
    static <T> T create(Class<? extends T> type, Class<T> as) {
        try {
            Class<?> woven = Class.forName(type.getName(), true, new WovenLoader(type));
            var constructor = woven.getDeclaredConstructor();
            constructor.setAccessible(true);
            return as.cast(constructor.newInstance());
        } catch (ReflectiveOperationException failure) {
            throw new AssertionError(failure);
        }
    }

    @Override
    protected Class<?> loadClass(String wanted, boolean resolve) throws ClassNotFoundException {
        if (!wanted.equals(name)) {
            return super.loadClass(wanted, resolve);
        }
        synchronized (getClassLoadingLock(wanted)) {
            Class<?> known = findLoadedClass(wanted);
            return known != null ? known : define();
        }
    }

    private Class<?> define() {
        byte[] bytes = bytes(getParent(), name);
        byte[] traced = Weaver.weave(bytes).orElse(bytes);
        byte[] woven = Temporaries.weave(traced, getParent()).orElse(traced);
        return defineClass(name, woven, 0, woven.length);
    }

    /// The class file of a class.
    static byte[] bytes(ClassLoader loader, String name) {
        String path = name.replace('.', '/') + ".class";
        try (InputStream stream = loader.getResourceAsStream(path)) {
            return stream.readAllBytes();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
