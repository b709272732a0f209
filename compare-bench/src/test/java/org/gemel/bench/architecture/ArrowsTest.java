package org.gemel.bench.architecture;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The arrows between the modules, checked on the packages of the compiled classes.
class ArrowsTest {
    /// A module, the packages it owns, and the modules that it may use.
    private record Module(String name, List<String> packages, List<String> mayUse) {}

    private static final List<Module> MODULES =
            List.of(
                    module("core", List.of("org.gemel", "org.gemel.op.."), List.of()),
                    module("ir", "org.gemel.ir..", "core"),
                    module("spi", List.of("org.gemel.backend"), List.of("ir", "core")),
                    module("vector", "org.gemel.backend.vector..", "spi", "ir", "core"),
                    module("native", "org.gemel.backend.ffm..", "vector", "spi", "ir", "core"),
                    module("eager", "org.gemel.eager..", "spi", "ir", "core"),
                    module("compiler", "org.gemel.compiler..", "spi", "ir", "core"),
                    module("tracer", "org.gemel.tracer..", "compiler", "spi", "ir", "core"),
                    module("nn", "org.gemel.nn..", "core"),
                    module("optim", "org.gemel.optim..", "core"),
                    module("data", "org.gemel.data..", "core"),
                    module("testkit", List.of("org.gemel.testkit.."), belowTestkit()),
                    module("bench", List.of("org.gemel.bench.."), belowBench()));

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("org.gemel");

    @Test
    void modulesUseOnlyWhatTheirArrowsAllow() {
        arrows(MODULES).ensureAllClassesAreContainedInArchitecture().check(CLASSES);
    }

    @Test
    void aModuleWithoutItsArrowsIsCaught() {
        var severed =
                MODULES.stream()
                        .map(module ->
                                module.name().equals("eager")
                                        ? new Module("eager", module.packages(), List.of())
                                        : module)
                        .toList();
        assertTrue(arrows(severed).evaluate(CLASSES).hasViolation());
    }

    private static LayeredArchitecture arrows(List<Module> modules) {
        var architecture =
                Architectures.layeredArchitecture().consideringOnlyDependenciesInLayers();
        for (var module : modules) {
            architecture =
                    architecture
                            .layer(module.name())
                            .definedBy(module.packages().toArray(String[]::new));
        }
        for (var module : modules) {
            var layer = architecture.whereLayer(module.name());
            architecture =
                    module.mayUse().isEmpty()
                            ? layer.mayNotAccessAnyLayer()
                            : layer.mayOnlyAccessLayers(module.mayUse().toArray(String[]::new));
        }
        return architecture;
    }

    private static Module module(String name, String packages, String... mayUse) {
        return module(name, List.of(packages), List.of(mayUse));
    }

    private static Module module(String name, List<String> packages, List<String> mayUse) {
        return new Module(name, packages, mayUse);
    }

    private static List<String> belowTestkit() {
        return List.of(
                "core",
                "ir",
                "spi",
                "vector",
                "native",
                "eager",
                "compiler",
                "tracer",
                "nn",
                "optim",
                "data");
    }

    private static List<String> belowBench() {
        return Stream.concat(belowTestkit().stream(), Stream.of("testkit")).toList();
    }
}
