package org.gemel.bench.guide;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Constructor;
import java.util.List;
import java.util.stream.Stream;
import org.gemel.testkit.BackendConformance;
import org.junit.jupiter.api.DynamicTest;

/// Runs the tests of a backend's class of tests.
final class NewBackend {
    private NewBackend() {}

    /// The argument is the name of the class.
    public static void main(String[] arguments) throws Throwable {
        Constructor<?> constructor = Class.forName(arguments[0]).getDeclaredConstructor();
        constructor.setAccessible(true);
        var tests = (BackendConformance) constructor.newInstance();
        var factory = BackendConformance.class.getDeclaredMethod("rowsMeanWhatTheirReferenceSays");
        factory.setAccessible(true);
        List<?> all = ((Stream<?>) factory.invoke(tests)).toList();
        assertTrue(all.size() > 100, all.size() + " tests");
        for (Object test : all) {
            ((DynamicTest) test).getExecutable().execute();
        }
    }
}
